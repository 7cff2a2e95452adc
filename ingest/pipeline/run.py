"""`sync`: bring a collection in step with files and folders."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from app.errors import StorageError, UsageError
from app.schemas import FailedFile, IngestReport
from ingest.catalog import FileRecord
from ingest.collection import Writer, home_of, no_collection
from ingest.loaders import suffixes
from ingest.pipeline.embed import Embedder
from ingest.pipeline.index import Indexer
from ingest.pipeline.look import look
from ingest.pipeline.preview import preview
from ingest.pipeline.produce import Jobs
from ingest.pipeline.progress import OnProgress, Watch
from ingest.pipeline.workers import Workers
from ingest.plan import RECHUNK, Plan, make_plan, recipe
from ingest.scan import Scan

if TYPE_CHECKING:
    from app.config import Settings
    from ingest.web import Site
    from vectorstore.embeddings.base import EmbeddingModel


def sync(
    paths: Sequence[Path | Site],
    settings: Settings,
    model: EmbeddingModel | Callable[[], EmbeddingModel],
    *,
    collection: str,
    rebuild: bool = False,
    dry_run: bool = False,
    exclude: Sequence[str] = (),
    retry: Collection[str] | None = None,
    following: bool = False,
    on_progress: OnProgress | None = None,
    cancelled: Event | None = None,
) -> IngestReport:
    """Add new files, replace changed ones, and remove those that are gone from the given paths.

    A file that fails does not stop the others; one that was indexed before goes on serving its last readable
    version. Whatever interrupts a run, the next one goes on where it was, and embeds nothing twice.

    Args:
        paths: files, folders with all below them, and web sites. May be empty with `rebuild` and `retry`.
        model: an embedding model, or what loads it; not called when nothing changed.
        rebuild: make both indexes anew from cached vectors, for another embedding model with new ones; what
            serves goes on serving until that is complete.
        dry_run: change nothing; the report says what would be done, and about what it takes.
        exclude: patterns, as in `.gitignore`, of files to leave out; those that were indexed are removed.
        retry: look only at files that failed before: at those with these ids, or at all if it is empty.
        following: this is one run of many that follow a folder: files that failed wait until they change, and
            a folder that is empty is no mistake, but does not remove what was indexed of it either.
        on_progress: called in this thread.
        cancelled: when set, the run ends soon and reports what it did.

    Raises:
        NotFoundError: a path is not there.
        UsageError: there is nothing to index, or a pattern means nothing.
        CollectionBusyError: another process writes to the collection.
        EmbeddingMismatchError: the collection holds vectors of another model, and `rebuild` is not wanted.
        StorageError: the disk is full, or a folder may not be read or written, or is empty while `following`.
    """
    started, clock = datetime.now(UTC), time.monotonic()
    _check_use(paths, settings, collection, may_be_empty=rebuild or retry is not None)
    watch = Watch(on_progress, cancelled)
    try:
        seen = look(paths, settings, collection, watch, exclude=exclude, retry=retry)
        plan = partial(_plan, seen, settings=settings, following=following)
        if dry_run or not (seen.files or home_of(collection, settings).exists()):
            report = preview(plan, settings, collection, clock)
            return report.model_copy(update={"failed": (*report.failed, *_failed([], seen))})
        with Writer.open(collection, settings) as writer:
            run = _Run(writer, settings, model, watch)
            run.work(plan, rebuild=rebuild)
            report = run.report(seen, time.monotonic() - clock)
            if run.changed:
                writer.catalog.save_run(started, report)
            return report
    except OSError as error:
        raise StorageError(
            f"{error.filename or settings.data_dir} cannot be used ({error.strerror or error}). Free space "
            "on the disk, give this user the right to write, or set DOCENT_DATA_DIR to another folder."
        ) from error


class _Run:
    """One run over one collection, from the plan to the report."""

    def __init__(
        self,
        writer: Writer,
        settings: Settings,
        model: EmbeddingModel | Callable[[], EmbeddingModel],
        watch: Watch,
    ) -> None:
        self._writer = writer
        self._settings = settings
        self._watch = watch
        self._embedder = Embedder(writer, model, watch)
        self._workers = Workers(settings)
        self._indexer = Indexer(writer, self._workers, self._embedder, watch)
        self._plan = Plan()

    @property
    def changed(self) -> bool:
        plan = self._plan
        return bool(plan.todo or plan.gone or plan.stored)

    def work(self, make_plan: Callable[[list[FileRecord]], Plan], *, rebuild: bool) -> None:
        self._watch.enter("scan")
        self._embedder.settle(rebuild=rebuild)
        self._plan = plan = make_plan(self._writer.catalog.files.all())
        self._heal()
        if plan.gone:
            self._writer.delete_files([record.id for record in plan.gone])
        self._writer.mark(plan.touched)
        makers = Jobs(self._writer.catalog, self._settings, self._embedder.model, self._workers)
        if jobs := makers.of(plan):
            self._indexer.run(jobs)
            self._keep_last_versions(makers)
        if not self._watch.cancelled:
            self._finish(measure=bool(jobs) or (rebuild and self._writer.embedding is not None))

    def _heal(self) -> None:
        if self._writer.embedding is not None and self._writer.needs_healing():
            self._watch.enter("rebuild")
            self._writer.heal(self._embedder.embed)

    def _keep_last_versions(self, makers: Jobs) -> None:
        """Files to be cut anew that cannot be read any more go on with the text that is stored of them."""
        failed = [record for record in self._indexer.failed if record.sha256 and record.recipe == RECHUNK]
        if failed and not self._watch.cancelled:
            jobs = makers.of(Plan(stored=failed))
            Indexer(self._writer, self._workers, self._embedder, self._watch).run(jobs)
            self._writer.mark([replace(record, recipe=recipe(self._settings)) for record in failed])

    def _finish(self, *, measure: bool) -> None:
        self._watch.enter("finish")
        if measure:
            self._writer.measure_fit(self._embedder.model())
        if self.changed or self._writer.is_dirty:
            self._writer.finish()
        self._writer.switch()

    def report(self, seen: Scan, seconds: float) -> IngestReport:
        plan = self._plan
        documents, chunks = self._writer.catalog.counts()
        return IngestReport(
            collection=self._writer.name,
            added=self._indexer.added,
            updated=self._indexer.updated,
            unchanged=len(plan.same) + len(plan.touched),
            deleted=len(plan.gone),
            excluded=sum(seen.excludes(record.path) for record in plan.gone),
            failed=_failed([*self._indexer.failed, *plan.failed], seen),
            documents=documents,
            chunks=chunks,
            written=self._indexer.written,
            seconds=round(seconds, 3),
            unread=self._writer.unread,
            half_built=self._writer.half_built,
            suspicious=tuple(self._indexer.suspicious),
        )


def _check_use(
    paths: Sequence[Path | Site], settings: Settings, collection: str, *, may_be_empty: bool
) -> None:
    from vectorstore import check_backend

    check_backend(settings.vector_backend)
    if not paths and not may_be_empty:
        raise UsageError("Name a file or a folder to index, for example: python -m ingest ./docs")
    if not paths and not (home := home_of(collection, settings)).exists():
        raise no_collection(home, " to rebuild or to retry")


def _plan(seen: Scan, known: list[FileRecord], settings: Settings, *, following: bool) -> Plan:
    plan = make_plan(seen, known, settings, leave_failed=following)
    if following:
        _check_not_emptied(seen, plan)
    elif seen.alone is None:
        _check_not_empty(seen, plan)
    return plan


def _failed(records: Iterable[FileRecord], seen: Scan) -> tuple[FailedFile, ...]:
    failed = {record.path: record.error or "" for record in records} | seen.unreadable
    return tuple(FailedFile(path=path, error=why) for path, why in failed.items())


def _check_not_empty(seen: Scan, plan: Plan) -> None:
    if seen.roots and not (seen.files or plan.gone or seen.unreadable):
        raise UsageError(
            f"Nothing to index in {', '.join(seen.roots)}: no file there ends in {' '.join(suffixes())}."
        )


def _check_not_emptied(seen: Scan, plan: Plan) -> None:
    """A disk that is not mounted any more leaves an empty folder behind."""
    for root in seen.emptied:
        lost = sum(record.path.startswith(f"{root}/") for record in plan.gone)
        if lost:
            raise StorageError(
                f"The folder {root!r} is empty, and {lost:,} files of it are indexed: they are kept, in case "
                "it is a disk that comes back. To remove them, index the folder once without --watch.",
                path=root,
            )
