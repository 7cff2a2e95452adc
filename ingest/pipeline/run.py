"""`sync`: bring a collection in step with files and folders."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from app.errors import CollectionBusyError, StorageError, UsageError
from app.schemas import IngestReport
from ingest.catalog import FileRecord
from ingest.collection import Writer, home_of, no_collection
from ingest.pipeline.preview import preview
from ingest.pipeline.progress import OnProgress, Watch
from ingest.pipeline.sharing import can_share, how_to_share
from ingest.pipeline.steps import Steps, changes, failures, full_report, planned_report
from ingest.pipeline.task import Task
from ingest.pipeline.together import run_together
from ingest.plan import Plan

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
    task = Task(paths, rebuild, exclude, retry, following)
    _check_use(task, settings, collection)
    watch = Watch(on_progress, cancelled)
    try:
        if not dry_run and can_share(settings):
            return run_together(task, settings, model, collection, watch)
        seen = task.look(settings, collection, watch)
        make_plan = task.planner(seen, settings)
        if dry_run or not (seen.files or home_of(collection, settings).exists()):
            report = preview(make_plan, settings, collection, clock)
            return report.model_copy(update={"failed": (*report.failed, *failures([], seen))})
        with _alone(collection, settings) as writer, closing(Steps(writer, settings, model, watch)) as steps:
            plan = _work(steps, make_plan, watch, rebuild=rebuild)
            planned = planned_report(collection, plan, seen)
            report = full_report(planned, writer, steps.indexer, time.monotonic() - clock)
            if changes(plan):
                writer.catalog.save_run(started, report)
            return report
    except OSError as error:
        raise StorageError(
            f"{error.filename or settings.data_dir} cannot be used ({error.strerror or error}). Free space "
            "on the disk, give this user the right to write, or set DOCENT_DATA_DIR to another folder."
        ) from error


def _alone(collection: str, settings: Settings) -> Writer:
    try:
        return Writer.open(collection, settings)
    except CollectionBusyError as error:
        raise CollectionBusyError(f"{error} {how_to_share(settings)}", **error.values) from error


def _work(
    steps: Steps, make_plan: Callable[[list[FileRecord]], Plan], watch: Watch, *, rebuild: bool
) -> Plan:
    plan = steps.prepare(make_plan, rebuild=rebuild)
    if jobs := steps.jobs.of(plan):
        steps.index(jobs, len(jobs))
        steps.keep_last_versions(steps.indexer.failed)
    if not watch.cancelled:
        steps.finish(changed=changes(plan), measure=bool(jobs) or rebuild)
    return plan


def _check_use(task: Task, settings: Settings, collection: str) -> None:
    from vectorstore import check_backend

    check_backend(settings.vector_backend)
    if not task.paths and not task.may_be_empty:
        raise UsageError("Name a file or a folder to index, for example: python -m ingest ./docs")
    if not task.paths and not (home := home_of(collection, settings)).exists():
        raise no_collection(home, " to rebuild or to retry")
