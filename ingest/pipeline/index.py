"""Bring files into a collection in groups: some threads read ahead, one embeds, one writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from app.schemas import SuspiciousFile
from ingest.catalog import FileContent, FileRecord
from ingest.collection import Writer
from ingest.pipeline.ahead import Ahead
from ingest.pipeline.embed import Embedder
from ingest.pipeline.produce import Job
from ingest.pipeline.progress import Watch
from ingest.pipeline.workers import Workers

# A group is written in one go: few fsyncs for many small files, little to do again after a crash.
GROUP_CHUNKS = 512
GROUP_FILES = 512

Group = list[tuple[Job, FileContent]]


class Indexer:
    """Attributes: files `added`, `updated`, `suspicious`; chunks `written`; rows of files that `failed`."""

    def __init__(self, writer: Writer, workers: Workers, embedder: Embedder, watch: Watch) -> None:
        self._writer = writer
        self._workers = workers
        self._embedder = embedder
        self._watch = watch
        self.added = self.updated = self.written = 0
        self.failed: list[FileRecord] = []
        self.suspicious: list[SuspiciousFile] = []

    def run(self, jobs: Sequence[Job]) -> None:
        """Embed in this thread what others read, and let one more write it."""
        self._watch.enter("index", files_total=len(jobs))
        threads = min(self._workers.count, len(jobs))
        ahead = Ahead(jobs, Job.outcome, _weight, budget=GROUP_CHUNKS, threads=threads)
        try:
            self._take(ahead)
        finally:
            ahead.stop()
            self._workers.close()
            ahead.join()
            self._writer.mark(self.failed)

    def _take(self, outcomes: Iterable[tuple[Job, FileContent | str]]) -> None:
        saving: Future[None] | None = None
        with ThreadPoolExecutor(1, "docent-write") as saver:
            for group in self._groups(outcomes):
                self._writer.mark([job.pending for job, _ in group])
                if not self._embedder.embed([one for _, content in group for one in content.entries()]):
                    break
                if saving is not None:
                    saving.result()
                saving = saver.submit(self._writer.save, [content for _, content in group])
                self._count(group)
            if saving is not None:
                saving.result()

    def _groups(self, outcomes: Iterable[tuple[Job, FileContent | str]]) -> Iterator[Group]:
        group: Group = []
        size = 0
        for job, outcome in outcomes:
            if self._watch.cancelled:
                return
            if isinstance(outcome, str):
                self._fail(job, outcome)
                continue
            count = _weight(outcome)
            self._watch.read(job.pending.source, count)
            group.append((job, outcome))
            size += count
            if size >= GROUP_CHUNKS or len(group) >= GROUP_FILES:
                yield group
                group, size = [], 0
        if group:
            yield group

    def _count(self, group: Group) -> None:
        new = sum(job.is_new for job, _ in group)
        self.added += new
        self.updated += len(group) - new
        self.written += sum(_weight(content) for _, content in group)
        self.suspicious += [found for _, content in group if (found := _suspicious(content))]
        self._watch.done(len(group))

    def _fail(self, job: Job, error: str) -> None:
        self.failed.append(job.failed(error))
        self._watch.failed()


def _suspicious(content: FileContent) -> SuspiciousFile | None:
    marked = [chunk for chunk in content.chunks() if chunk.suspicions]
    codes = dict.fromkeys(finding.code for chunk in marked for finding in chunk.suspicions)
    if not marked:
        return None
    return SuspiciousFile(path=content.file.path, codes=tuple(codes), chunks=len(marked))


def _weight(outcome: FileContent | str) -> int:
    return 0 if isinstance(outcome, str) else sum(len(document.chunks) for document in outcome.documents)
