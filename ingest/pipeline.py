"""`sync`: bring a collection in step with files and folders."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING, Literal

from app.errors import DocumentError, NotFoundError, StorageError, UsageError
from app.schemas import FailedFile, FileStatus, IngestReport
from ingest.batches import batches
from ingest.catalog import Catalog, Entry, FileContent, FileRecord
from ingest.collection import CATALOG, Collection, collections_dir
from ingest.loaders import read, suffixes
from ingest.plan import RECHUNK, Plan, Todo, make_plan, recipe
from ingest.prepare import prepare, rechunk
from ingest.scan import Scan, scan

if TYPE_CHECKING:
    from app.config import Settings
    from vectorstore.embeddings.base import EmbeddingModel

# Files that are read ahead of the embedding model; what bounds the memory.
_READ_AHEAD = 16
# A group is written in one go: few fsyncs for many small files, little to do again after a crash.
_GROUP_CHUNKS = 512
_GROUP_FILES = 512
# Texts between two steps of the bar, two looks at `cancelled`, and two entries in the vector cache.
_EMBED_AT_ONCE = 128

Phase = Literal["scan", "rebuild", "index", "finish"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is, for bars.

    Attributes:
        files_total: files to read; 0 while that is not known.
        chunks_done: chunks whose vectors are there.
        chunks_total: chunks known so far; it grows while files are read.
        path: shown path of the last file that was read, or "".
        failed: how many files failed so far.
    """

    phase: Phase = "scan"
    files_done: int = 0
    files_total: int = 0
    chunks_done: int = 0
    chunks_total: int = 0
    path: str = ""
    failed: int = 0


OnProgress = Callable[[Progress], None]


def sync(
    paths: Sequence[Path],
    settings: Settings,
    model: EmbeddingModel | Callable[[], EmbeddingModel],
    *,
    collection: str,
    rebuild: bool = False,
    dry_run: bool = False,
    on_progress: OnProgress | None = None,
    cancelled: Event | None = None,
) -> IngestReport:
    """Add new files, replace changed ones, and remove those that are gone from the given paths.

    A file that fails does not stop the others; one that was indexed before goes on serving its last readable
    version. Whatever interrupts a run, the next one goes on where it was, and embeds nothing twice.

    Args:
        paths: files and folders; a folder with all below it. May be empty with `rebuild`.
        model: an embedding model, or what loads it; not called when nothing changed.
        rebuild: make both indexes anew from cached vectors, for another embedding model with new ones.
        dry_run: change nothing; the report says what would be done.
        on_progress: called in this thread.
        cancelled: when set, the run ends soon and reports what it did.

    Raises:
        NotFoundError: a path is not there.
        UsageError: there is nothing to index.
        CollectionBusyError: another process writes to the collection.
        EmbeddingMismatchError: the collection holds vectors of another model, and `rebuild` is not wanted.
        StorageError: the disk is full, or a folder may not be read or written.
    """
    started, clock = datetime.now(UTC), time.monotonic()
    _check_use(paths, settings, collection, rebuild)
    seen = scan(paths, excluded=collections_dir(settings.data_dir).resolve())
    try:
        if dry_run or not (seen.files or _catalog_path(settings, collection).is_file()):
            return _dry_run(seen, settings, collection, clock)
        with Collection.open(collection, settings, write=True) as held:
            run = _Run(held, settings, model, on_progress, cancelled)
            run.work(seen, rebuild=rebuild)
            report = run.report(seen, time.monotonic() - clock)
            if run.changed:
                held.catalog.save_run(started, report)
            return report
    except OSError as error:
        raise StorageError(
            f"{error.filename or settings.data_dir} cannot be used ({error.strerror or error}). Free space "
            "on the disk, give this user the right to write, or set DOCENT_DATA_DIR to another folder."
        ) from error


def _check_use(paths: Sequence[Path], settings: Settings, collection: str, rebuild: bool) -> None:
    from vectorstore import backends, open_index

    if settings.vector_backend not in backends():
        open_index(settings.vector_backend, settings.data_dir, 1)  # raises, and says which there are
    if not paths and not rebuild:
        raise UsageError("Name a file or a folder to index, for example: python -m ingest ./docs")
    if not paths and not _catalog_path(settings, collection).is_file():
        raise NotFoundError(
            f"There is no collection {collection!r} in {settings.data_dir} to rebuild. Make it with: "
            f"python -m ingest PATH --collection {collection}",
            collection=collection,
        )


def _catalog_path(settings: Settings, collection: str) -> Path:
    return collections_dir(settings.data_dir) / collection / CATALOG


def _dry_run(seen: Scan, settings: Settings, collection: str, clock: float) -> IngestReport:
    records: list[FileRecord] = []
    counts = (0, 0)
    path = _catalog_path(settings, collection)
    if path.is_file():
        catalog = Catalog(path)
        records, counts = catalog.files.all(), catalog.counts()
        catalog.close()
    plan = make_plan(seen, records, settings)
    _check_not_empty(seen, plan)
    return IngestReport(
        collection=collection,
        added=len(plan.added),
        updated=len(plan.updated),
        unchanged=len(plan.same) + len(plan.touched),
        deleted=len(plan.gone),
        failed=tuple(FailedFile(path=path, error=why) for path, why in seen.unreadable.items()),
        documents=counts[0],
        chunks=counts[1],
        seconds=round(time.monotonic() - clock, 3),
    )


def _check_not_empty(seen: Scan, plan: Plan) -> None:
    if seen.roots and not (seen.files or plan.gone or seen.unreadable):
        raise UsageError(
            f"Nothing to index in {', '.join(seen.roots)}: no file there ends in {' '.join(suffixes())}."
        )


@dataclass(frozen=True, slots=True)
class _Failure:
    record: FileRecord
    error: str


@dataclass(frozen=True, slots=True)
class _Job:
    """A file to bring in: the row while it is worked on, and what makes its content."""

    pending: FileRecord
    make: Callable[[], FileContent]
    is_new: bool = False


class _Run:
    """One run over one collection: this thread embeds, one reads ahead, and one writes."""

    def __init__(
        self,
        held: Collection,
        settings: Settings,
        model: EmbeddingModel | Callable[[], EmbeddingModel],
        on_progress: OnProgress | None,
        cancelled: Event | None,
    ) -> None:
        self._held = held
        self._settings = settings
        self._source = model
        self._loaded: EmbeddingModel | None = None
        self._loading = Lock()
        self._on_progress = on_progress
        self._cancelled = cancelled
        self._progress = Progress()
        self._failed: list[_Failure] = []
        self._added = self._updated = 0
        self._plan = Plan()

    @property
    def changed(self) -> bool:
        plan = self._plan
        return bool(plan.todo or plan.gone or plan.stored)

    def work(self, seen: Scan, *, rebuild: bool) -> None:
        self._tell(phase="scan")
        self._settle_model(rebuild)
        self._plan = plan = make_plan(seen, self._held.catalog.files.all(), self._settings)
        _check_not_empty(seen, plan)
        self._heal(rebuild)
        if plan.gone:
            self._held.delete_files([record.id for record in plan.gone])
        self._held.mark(plan.touched)
        if jobs := [*map(self._read_job, plan.todo), *map(self._rechunk_job, plan.stored)]:
            self._index(jobs)
        if self._stopped():
            return
        self._tell(phase="finish")
        if jobs or (rebuild and self._held.embedding is not None):
            self._held.measure_fit(self._model())
        if self.changed or self._held.is_dirty:
            self._held.finish()

    def report(self, seen: Scan, seconds: float) -> IngestReport:
        plan = self._plan
        documents, chunks = self._held.counts()
        failed = [FailedFile(path=failure.record.path, error=failure.error) for failure in self._failed]
        failed += [FailedFile(path=path, error=why) for path, why in seen.unreadable.items()]
        return IngestReport(
            collection=self._held.name,
            added=self._added,
            updated=self._updated,
            unchanged=len(plan.same) + len(plan.touched),
            deleted=len(plan.gone),
            failed=tuple(failed),
            documents=documents,
            chunks=chunks,
            seconds=round(seconds, 3),
            unread=self._held.unread,
        )

    # -- the model ------------------------------------------------------------------------------------

    def _model(self) -> EmbeddingModel:
        """Load the model once, and make sure that the collection's vectors are of it."""
        with self._loading:
            if self._loaded is None:
                loaded = self._source() if callable(self._source) else self._source
                self._held.check_model(loaded)
                self._held.use_model(loaded.identity)
                self._loaded = loaded
            return self._loaded

    def _settle_model(self, rebuild: bool) -> None:
        """Where another model is wanted than was used: turn to it if `rebuild`, else say so."""
        if rebuild and self._held.embedding is not None:
            loaded = self._source() if callable(self._source) else self._source
            if self._held.embedding["key"] != loaded.identity.key:
                self._held.start_over(loaded.identity)
            self._source = loaded
        elif self._held.embedding_renamed:
            self._model()

    def _heal(self, rebuild: bool) -> None:
        if self._held.embedding is not None and (rebuild or self._held.needs_healing()):
            self._tell(phase="rebuild")
            self._held.heal(self._embed, anew=rebuild)

    # -- the three threads ----------------------------------------------------------------------------

    def _read_job(self, todo: Todo) -> _Job:
        def make() -> FileContent:
            documents = list(read(todo.location))
            return prepare(todo.location, todo.record, documents, self._model(), self._settings.chunk_tokens)

        return _Job(todo.pending, make, is_new=todo.known is None or not todo.known.sha256)

    def _rechunk_job(self, record: FileRecord) -> _Job:
        def make() -> FileContent:
            content = self._held.catalog.documents.content(record.id)
            content = replace(content, file=replace(record, recipe=recipe(self._settings)))
            return rechunk(content, self._model(), self._settings.chunk_tokens)

        return _Job(replace(record, status=FileStatus.PENDING, recipe=RECHUNK), make)

    def _index(self, jobs: Sequence[_Job]) -> None:
        self._tell(phase="index", files_total=len(jobs))
        with ThreadPoolExecutor(1, "docent-read") as reader, ThreadPoolExecutor(1, "docent-write") as writer:
            writing: Future[None] | None = None
            try:
                for group in self._groups(_read_ahead(reader, jobs)):
                    self._held.mark([job.pending for job, _ in group])
                    if not self._embed([entry for _, content in group for entry in content.entries()]):
                        break
                    if writing is not None:
                        writing.result()
                    writing = writer.submit(self._held.save, [content for _, content in group])
                    self._done(group)
                if writing is not None:
                    writing.result()
            finally:
                reader.shutdown(wait=False, cancel_futures=True)
        self._held.mark([failure.record for failure in self._failed])

    def _groups(
        self, outcomes: Iterable[tuple[_Job, FileContent | str]]
    ) -> Iterator[list[tuple[_Job, FileContent]]]:
        group: list[tuple[_Job, FileContent]] = []
        size = 0
        for job, outcome in outcomes:
            if self._stopped():
                return
            if isinstance(outcome, str):
                self._fail(job, outcome)
                continue
            count = sum(len(document.chunks) for document in outcome.documents)
            self._tell(path=job.pending.source, chunks_total=self._progress.chunks_total + count)
            group.append((job, outcome))
            size += count
            if size >= _GROUP_CHUNKS or len(group) >= _GROUP_FILES:
                yield group
                group, size = [], 0
        if group:
            yield group

    def _embed(self, entries: Sequence[Entry]) -> bool:
        """See to it that these entries' vectors are cached; False when the run was cancelled meanwhile."""
        texts = {entry.content_hash: entry.text for entry in entries}
        key = str((self._held.embedding or {})["key"])
        known = self._held.catalog.vectors.known(texts, key)
        missing = sorted(texts.keys() - known, key=lambda content_hash: len(texts[content_hash]))
        self._tell(chunks_done=self._progress.chunks_done + len(entries) - len(missing))
        for part in batches(missing, _EMBED_AT_ONCE):
            if self._stopped():
                return False
            vectors = self._model().embed_documents([texts[content_hash] for content_hash in part])
            self._held.catalog.vectors.save(part, vectors, key)
            self._tell(chunks_done=self._progress.chunks_done + len(part))
        return True

    def _done(self, group: Sequence[tuple[_Job, FileContent]]) -> None:
        new = sum(job.is_new for job, _ in group)
        self._added += new
        self._updated += len(group) - new
        self._tell(files_done=self._progress.files_done + len(group))

    def _fail(self, job: _Job, error: str) -> None:
        self._failed.append(_Failure(replace(job.pending, status=FileStatus.FAILED, error=error), error))
        self._tell(failed=len(self._failed), files_done=self._progress.files_done + 1)

    def _stopped(self) -> bool:
        return self._cancelled is not None and self._cancelled.is_set()

    def _tell(self, **changes: object) -> None:
        self._progress = replace(self._progress, **changes)  # type: ignore[arg-type]
        if self._on_progress is not None:
            self._on_progress(self._progress)


def _read_ahead(reader: ThreadPoolExecutor, jobs: Iterable[_Job]) -> Iterator[tuple[_Job, FileContent | str]]:
    """Contents or errors in the order of the jobs, never more than `_READ_AHEAD` of them waiting."""
    waiting: deque[tuple[_Job, Future[FileContent | str]]] = deque()
    for job in jobs:
        waiting.append((job, reader.submit(_made, job)))
        if len(waiting) >= _READ_AHEAD:
            first, future = waiting.popleft()
            yield first, future.result()
    while waiting:
        first, future = waiting.popleft()
        yield first, future.result()


def _made(job: _Job) -> FileContent | str:
    try:
        return job.make()
    except DocumentError as error:
        return str(error)
