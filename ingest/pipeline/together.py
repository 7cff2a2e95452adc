"""A run that several workers share: the first plans, all read, embed and write, the last ends it.

Each of them was started with the same command, on any machine. Who is lost on the way costs what it had
begun: the others do that again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from app.errors import BackendError, CollectionBusyError, StorageError
from app.schemas import FailedFile, FileStatus, IngestReport, SuspiciousFile, WorkerShare
from ingest.catalog import FileContent, FileRecord
from ingest.collection import Writer
from ingest.collection.share import Counts, Share, Standing
from ingest.pipeline.index import suspicious
from ingest.pipeline.produce import Job
from ingest.pipeline.progress import Watch
from ingest.pipeline.rows import job_of, rows_of
from ingest.pipeline.steps import Steps, changes, planned_report
from ingest.pipeline.task import Task

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from app.config import Settings
    from vectorstore.embeddings.base import EmbeddingModel

# Between two looks at what the others do.
_SECONDS_BETWEEN_LOOKS = 0.3
# As many times as long as a look takes, nobody looks again: millions of files are not counted all the time.
_RESTS = 20
# Who writes alone, such as to delete a file, is soon done.
_SECONDS_FOR_ANOTHER = 15.0
# Files that are taken at once: few enough that nobody has much left when the others are done.
_MOST_TAKEN = 32
_TAKEN_OF_SHARE = 4


def run_together(
    task: Task,
    settings: Settings,
    model: EmbeddingModel | Callable[[], EmbeddingModel],
    collection: str,
    watch: Watch,
) -> IngestReport:
    """Do one worker's part, and wait for the others'; see `sync`.

    Raises:
        CollectionBusyError: somebody writes alone, or others share a run with another task.
    """
    key = task.key(settings)
    share = _share(collection, settings, watch)
    try:
        writer = Writer.join(collection, settings, share)
    except BaseException:
        share.release()
        raise
    ledger = _Ledger(share)
    with writer, closing(Steps(writer, settings, model, watch, ledger)) as steps:
        report = _Worker(task, key, settings, share, writer, steps, ledger, watch).run()
        share.leave()
        return report


def _share(collection: str, settings: Settings, watch: Watch) -> Share:
    give_up = time.monotonic() + _SECONDS_FOR_ANOTHER
    while True:
        try:
            return Share(collection, settings)
        except CollectionBusyError:
            if time.monotonic() > give_up or watch.cancelled:
                raise
            time.sleep(_SECONDS_BETWEEN_LOOKS)


class _Ledger:
    """What the workers tell each other; see `Ledger`.

    Attributes:
        counts: how far all were when that was last looked at.
    """

    def __init__(self, share: Share) -> None:
        self._share = share
        self._due = float("-inf")
        self.counts = Counts()

    def saved(self, connection: Connection, contents: Sequence[FileContent]) -> None:
        files = {}
        for content in contents:
            found = suspicious(content)
            chunks = sum(len(document.chunks) for document in content.documents)
            files[content.file.id] = (chunks, found.model_dump_json() if found else None)
        self._share.saved(connection, files)

    def failed(self, records: Sequence[FileRecord]) -> None:
        if records:
            self._share.failed({record.id: record.error or "" for record in records})

    def tell(self, watch: Watch) -> None:
        """Take back what lost workers had taken, too."""
        now = time.monotonic()
        if now >= self._due:
            self._share.take_back()
            self.counts = self._share.counts()
            took = time.monotonic() - now
            self._due = now + took + max(_SECONDS_BETWEEN_LOOKS, _RESTS * took)
        known = self.counts
        done = known.done + known.failed
        watch.together(done=done, failed=known.failed, total=known.total, workers=known.workers)


class _Worker:
    def __init__(
        self,
        task: Task,
        key: str,
        settings: Settings,
        share: Share,
        writer: Writer,
        steps: Steps,
        ledger: _Ledger,
        watch: Watch,
    ) -> None:
        self._task = task
        self._key = key
        self._settings = settings
        self._share = share
        self._writer = writer
        self._steps = steps
        self._ledger = ledger
        self._watch = watch
        self._started = datetime.now(UTC)
        self._clock = time.monotonic()
        self._taken_over = 0
        self._leads = False

    def run(self) -> IngestReport:
        standing = self._begin()
        if standing is None:
            return self._report(IngestReport(collection=self._writer.name))
        if standing.state != "done" and not self._watch.cancelled:
            self._work()
        report = self._share.report(standing.run)
        return self._report(IngestReport.model_validate_json(report) if report else self._so_far())

    # -- the beginning --------------------------------------------------------------------------------

    def _begin(self) -> Standing | None:
        """The run that this worker is in, planned; None when it was cancelled before that."""
        planning: int | None = None
        while not self._watch.cancelled:
            if planning is not None and (known := self._share.standing(planning)) and known.state == "done":
                self._share.run = known.run
                return known
            standing = self._share.begin(self._key)
            if standing.leads:
                return standing if self._plan() else None
            if standing.task != self._key:
                raise self._other(standing)
            if standing.state != "planning":
                self._writer.enter(standing.generation)
                return standing
            planning = standing.run
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        return None

    def _plan(self) -> bool:
        """Plan for all; False when it was cancelled meanwhile."""
        try:
            self._writer.sweep()
            seen = self._task.look(self._settings, self._writer.name, self._watch)
            make_plan = self._task.planner(seen, self._settings)
            plan = self._steps.prepare(make_plan, rebuild=self._task.rebuild)
            if self._watch.cancelled:
                self._share.drop()
                return False
            if plan.todo or plan.stored:
                self._steps.model()
                self._writer.begin_together()
            report = planned_report(self._writer.name, plan, seen)
            said = {"changed": changes(plan), "report": report.model_dump(mode="json")}
            self._share.plan(self._writer.generation, json.dumps(said), rows_of(plan))
        except BaseException:
            with suppress(BackendError):
                self._share.drop()
            raise
        return True

    def _other(self, standing: Standing) -> CollectionBusyError:
        own, theirs = json.loads(self._key), json.loads(standing.task)
        differ = [name for name in own if own[name] != theirs.get(name)]
        here = ", ".join(f"{name} {own[name]!r}" for name in differ)
        there = ", ".join(f"{name} {theirs.get(name)!r}" for name in differ)
        return CollectionBusyError(
            f"The collection {self._writer.name!r} is being indexed by {standing.who} with {there}, and here "
            f"with {here}: workers that share a run are started with the same. Or wait until that is done.",
            collection=self._writer.name,
        )

    # -- the work -------------------------------------------------------------------------------------

    def _work(self) -> None:
        while not self._watch.cancelled:
            self._ledger.tell(self._watch)
            if self._ledger.counts.waiting:
                self._steps.index(self._claims(), self._ledger.counts.total)
            elif not self._ledger.counts.taken and self._share.leads_end():
                self._end()
            elif self._is_over():
                return
            else:
                time.sleep(_SECONDS_BETWEEN_LOOKS)

    def _claims(self) -> Iterator[Job]:
        while not self._watch.cancelled:
            known = self._ledger.counts
            fair = known.waiting // (_TAKEN_OF_SHARE * known.workers)
            taken = self._share.claim(max(1, min(_MOST_TAKEN, fair)))
            if not taken:
                return
            for row, again in taken:
                self._taken_over += again
                yield job_of(row, self._steps.jobs)

    def _is_over(self) -> bool:
        standing = self._share.standing(self._share.run)
        if standing is None:
            raise StorageError(
                f"This worker ({self._share.name}) was taken for lost, and another run has begun. See that "
                "its connection to DOCENT_DATABASE_URL holds, and start it again."
            )
        return standing.state == "done"

    # -- the end --------------------------------------------------------------------------------------

    def _end(self) -> None:
        """What is done once, by whoever comes last."""
        said = json.loads(self._share.planned())
        outcomes = self._share.outcomes()
        if self._share.lost():
            self._steps.heal()
        self._steps.keep_last_versions(self._failed_records(outcomes))
        self._steps.finish(changed=said["changed"], measure=bool(outcomes) or self._task.rebuild)
        if self._watch.cancelled:
            return
        report = self._whole(IngestReport.model_validate(said["report"]), outcomes)
        if said["changed"]:
            self._writer.catalog.save_run(self._started, report)
        self._leads = True
        self._share.end(report.model_dump_json())

    def _failed_records(self, outcomes: Sequence[Any]) -> list[FileRecord]:
        """Rows of the files that failed; those over which workers ended are marked as such."""
        errors = {one.file: one.error or "" for one in outcomes if one.state == "failed"}
        if not errors:
            return []
        records = [record for record in self._writer.catalog.files.all() if record.id in errors]
        unmarked = [record for record in records if record.status is not FileStatus.FAILED]
        self._writer.mark([replace(one, status=FileStatus.FAILED, error=errors[one.id]) for one in unmarked])
        return records

    def _whole(self, planned: IngestReport, outcomes: Sequence[Any]) -> IngestReport:
        done = [one for one in outcomes if one.state == "done"]
        failed = [
            FailedFile(path=one.path, error=one.error or "") for one in outcomes if one.state == "failed"
        ]
        found = [SuspiciousFile.model_validate_json(one.suspicious) for one in done if one.suspicious]
        documents, chunks = self._writer.catalog.counts()
        added = sum(one.is_new for one in done)
        return planned.model_copy(
            update={
                "added": added,
                "updated": len(done) - added,
                "failed": (*failed, *planned.failed),
                "documents": documents,
                "chunks": chunks,
                "written": sum(one.chunks for one in done),
                "unread": self._writer.unread,
                "half_built": self._writer.half_built,
                "suspicious": tuple(found),
            }
        )

    def _so_far(self) -> IngestReport:
        """Of a run that goes on without this worker."""
        planned = IngestReport.model_validate(json.loads(self._share.planned())["report"])
        return self._whole(planned, self._share.outcomes())

    def _report(self, whole: IngestReport) -> IngestReport:
        mine = self._steps.indexer
        share = WorkerShare(
            worker=self._share.name,
            workers=max(1, self._share.took_part()),
            added=mine.added,
            updated=mine.updated,
            failed=len(mine.failed),
            written=mine.written,
            taken_over=self._taken_over,
            leads=self._leads,
        )
        seconds = round(time.monotonic() - self._clock, 3)
        return whole.model_copy(update={"share": share, "seconds": seconds})
