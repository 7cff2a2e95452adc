"""Bring files into a collection in groups: some threads read ahead, one embeds, one writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

from app.schemas import SuspiciousFile
from ingest.catalog import FileContent, FileRecord
from ingest.collection import Writer
from ingest.pipeline.ahead import Ahead
from ingest.pipeline.embed import Embedder
from ingest.pipeline.engine import Engine
from ingest.pipeline.produce import Job
from ingest.pipeline.progress import Watch

if TYPE_CHECKING:
    from sqlalchemy import Connection

# A group is written in one go: few fsyncs for many small files, little to do again after a crash.
GROUP_CHUNKS = 512
GROUP_FILES = 512

Group = list[tuple[Job, FileContent]]


class Ledger(Protocol):
    """Where account is kept of files, beside the catalogue."""

    def saved(self, connection: Connection, contents: Sequence[FileContent]) -> None:
        """These are done, in the transaction that makes them so; if this raises, they are not."""
        ...

    def failed(self, records: Sequence[FileRecord]) -> None: ...

    def tell(self, watch: Watch) -> None:
        """How far all of it is, where others are at it, too."""
        ...


class NoLedger:
    """Of who is alone: the catalogue says all."""

    def saved(self, connection: Connection, contents: Sequence[FileContent]) -> None: ...

    def failed(self, records: Sequence[FileRecord]) -> None: ...

    def tell(self, watch: Watch) -> None: ...


class Indexer:
    """Attributes: files `added`, `updated`, `suspicious`; chunks `written`; rows of files that `failed`."""

    def __init__(
        self,
        writer: Writer,
        engine: Engine,
        embedder: Embedder,
        watch: Watch,
        ledger: Ledger | None = None,
    ) -> None:
        self._writer = writer
        self._engine = engine
        self._embedder = embedder
        self._watch = watch
        self._ledger = ledger or NoLedger()
        self.added = self.updated = self.written = 0
        self.failed: list[FileRecord] = []
        self._marked = 0
        self.suspicious: list[SuspiciousFile] = []

    def run(self, jobs: Iterable[Job], count: int) -> None:
        """Embed in this thread what others read, and let one more write it; may be called again.

        Args:
            count: about how many jobs there are.
        """
        threads = min(self._engine.readers, count)
        ahead = Ahead(jobs, lambda job: job.outcome(), _weight, budget=self._group_chunks, threads=threads)
        try:
            self._take(ahead)
        except BaseException:
            self._engine.stop_reading()
            raise
        finally:
            ahead.stop()
            if self._watch.cancelled:
                self._engine.stop_reading()
            ahead.join()
            self._mark_failed()

    @property
    def _group_chunks(self) -> int:
        """Enough for everybody who embeds."""
        return GROUP_CHUNKS * self._engine.embedders

    def _take(self, outcomes: Iterable[tuple[Job, FileContent | FileRecord]]) -> None:
        saving: Future[None] | None = None
        with ThreadPoolExecutor(1, "docent-write") as saver:
            for group in self._groups(outcomes):
                self._writer.mark([job.pending for job, _ in group])
                if not self._embedder.embed([one for _, content in group for one in content.entries()]):
                    break
                if saving is not None:
                    saving.result()
                saving = saver.submit(self._save, [content for _, content in group])
                self._count(group)
                self._mark_failed()
                self._ledger.tell(self._watch)
            if saving is not None:
                saving.result()

    def _save(self, contents: Sequence[FileContent]) -> None:
        self._writer.save(contents, lambda connection: self._ledger.saved(connection, contents))

    def _mark_failed(self) -> None:
        fresh, self._marked = self.failed[self._marked :], len(self.failed)
        self._writer.mark(fresh)
        self._ledger.failed(fresh)

    def _groups(self, outcomes: Iterable[tuple[Job, FileContent | FileRecord]]) -> Iterator[Group]:
        group: Group = []
        size = 0
        for job, outcome in outcomes:
            if self._watch.cancelled:
                return
            if isinstance(outcome, FileRecord):
                self.failed.append(outcome)
                self._watch.failed()
                continue
            count = _weight(outcome)
            self._watch.read(job.pending.source, count)
            group.append((job, outcome))
            size += count
            if size >= self._group_chunks or len(group) >= GROUP_FILES:
                yield group
                group, size = [], 0
        if group:
            yield group

    def _count(self, group: Group) -> None:
        new = sum(job.is_new for job, _ in group)
        self.added += new
        self.updated += len(group) - new
        self.written += sum(_weight(content) for _, content in group)
        self.suspicious += [found for _, content in group if (found := suspicious(content))]
        self._watch.done(len(group))


def suspicious(content: FileContent) -> SuspiciousFile | None:
    marked = [chunk for chunk in content.chunks() if chunk.suspicions]
    codes = dict.fromkeys(finding.code for chunk in marked for finding in chunk.suspicions)
    if not marked:
        return None
    return SuspiciousFile(path=content.file.path, codes=tuple(codes), chunks=len(marked))


def _weight(outcome: FileContent | FileRecord) -> int:
    return 0 if isinstance(outcome, FileRecord) else sum(len(one.chunks) for one in outcome.documents)
