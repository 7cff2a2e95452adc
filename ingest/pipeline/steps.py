"""The steps of a run over one collection, from the plan to the report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from app.schemas import FailedFile, IngestReport
from ingest.catalog import FileRecord
from ingest.collection import Writer
from ingest.pipeline.embed import Embedder
from ingest.pipeline.engine import engine_for
from ingest.pipeline.index import Indexer, Ledger
from ingest.pipeline.model import Model
from ingest.pipeline.produce import Job, Jobs
from ingest.pipeline.progress import Watch
from ingest.plan import RECHUNK, Plan, recipe
from ingest.scan import Scan

if TYPE_CHECKING:
    from app.config import Settings
    from vectorstore.embeddings.base import EmbeddingModel


class Steps:
    """Closed by `close`.

    Attributes:
        jobs: makes those of a plan.
        indexer: counts what was done here.
    """

    def __init__(
        self,
        writer: Writer,
        settings: Settings,
        model: EmbeddingModel | Callable[[], EmbeddingModel],
        watch: Watch,
        ledger: Ledger | None = None,
    ) -> None:
        self._writer = writer
        self._settings = settings
        self._watch = watch
        self.model = Model(writer, model)
        self._engine = engine_for(settings, self.model)
        self._embedder = Embedder(writer, self.model, self._engine, watch)
        self._ledger = ledger
        self.jobs = Jobs(writer, settings, self.model, self._engine)
        self.indexer = Indexer(writer, self._engine, self._embedder, watch, ledger)

    def close(self) -> None:
        self._engine.close()

    def prepare(self, make_plan: Callable[[list[FileRecord]], Plan], *, rebuild: bool) -> Plan:
        """Do what comes before reading files: begin what is built anew, mend, delete what is gone."""
        self._watch.enter("scan")
        self.model.settle(rebuild=rebuild)
        plan = make_plan(self._writer.catalog.files.all())
        self.heal()
        if plan.gone:
            self._writer.delete_files([record.id for record in plan.gone])
        self._writer.mark(plan.touched)
        return plan

    def heal(self) -> None:
        if self._writer.embedding is not None and self._writer.needs_healing():
            self._watch.enter("rebuild")
            self._writer.heal(self._embedder.embed)

    def index(self, jobs: Iterable[Job], count: int) -> None:
        self._watch.enter("index", files_total=count)
        self.indexer.run(jobs, count)

    def keep_last_versions(self, failed: Sequence[FileRecord]) -> None:
        """Files to be cut anew that cannot be read any more go on with the text that is stored of them."""
        lost = [record for record in failed if record.sha256 and record.recipe == RECHUNK]
        if lost and not self._watch.cancelled:
            jobs = self.jobs.of(Plan(stored=lost))
            Indexer(self._writer, self._engine, self._embedder, self._watch).run(jobs, len(jobs))
            self._writer.mark([replace(record, recipe=recipe(self._settings)) for record in lost])

    def finish(self, *, changed: bool, measure: bool) -> None:
        self._watch.enter("finish")
        if measure and self._writer.embedding is not None:
            self._writer.measure_fit(self.model())
        if changed or self._writer.is_dirty:
            self._writer.finish()
        self._writer.switch()


def changes(plan: Plan) -> bool:
    """Whether anything is to be done but notes."""
    return bool(plan.todo or plan.gone or plan.stored)


def planned_report(collection: str, plan: Plan, seen: Scan) -> IngestReport:
    """The report as far as a plan tells it."""
    return IngestReport(
        collection=collection,
        unchanged=len(plan.same) + len(plan.touched),
        deleted=len(plan.gone),
        excluded=sum(seen.excludes(record.path) for record in plan.gone),
        failed=failures(plan.failed, seen),
    )


def failures(records: Iterable[FileRecord], seen: Scan) -> tuple[FailedFile, ...]:
    failed = {record.path: record.error or "" for record in records} | seen.unreadable
    return tuple(FailedFile(path=path, error=why) for path, why in failed.items())


def full_report(report: IngestReport, writer: Writer, indexer: Indexer, seconds: float) -> IngestReport:
    """What a plan told, with what was done and what the collection holds now."""
    documents, chunks = writer.catalog.counts()
    failed = [FailedFile(path=record.path, error=record.error or "") for record in indexer.failed]
    return report.model_copy(
        update={
            "added": indexer.added,
            "updated": indexer.updated,
            "failed": (*failed, *report.failed),
            "documents": documents,
            "chunks": chunks,
            "written": indexer.written,
            "seconds": round(seconds, 3),
            "unread": writer.unread,
            "half_built": writer.half_built,
            "suspicious": tuple(indexer.suspicious),
        }
    )
