"""A dry run: what would change, file by file, and about what it would take."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from app.schemas import FailedFile, IngestReport
from ingest.pipeline.estimate import estimate, planned
from ingest.pipeline.look import reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.config import Settings
    from ingest.catalog import FileRecord
    from ingest.plan import Plan

# Earlier runs whose speed is taken.
_RUNS = 10


def preview(
    make_plan: Callable[[list[FileRecord]], Plan], settings: Settings, collection: str, clock: float
) -> IngestReport:
    """The report of a run that changes nothing.

    Args:
        make_plan: from the rows of the catalogue.
        clock: when the run began, on the monotonic clock.
    """
    with reading(settings, collection) as catalog:
        records = catalog.files.all() if catalog else []
        held = catalog.files.infos() if catalog else []
        runs = catalog.reports(_RUNS) if catalog else []
        documents, chunks = catalog.counts() if catalog else (0, 0)
    plan = make_plan(records)
    files = tuple(planned(plan, held, settings))
    return IngestReport(
        collection=collection,
        added=len(plan.added),
        updated=len(plan.updated),
        unchanged=len(plan.same) + len(plan.touched),
        deleted=len(plan.gone),
        failed=tuple(FailedFile(path=record.path, error=record.error or "") for record in plan.failed),
        documents=documents,
        chunks=chunks,
        seconds=round(time.monotonic() - clock, 3),
        planned=files,
        estimate=estimate(files, held, runs, settings),
    )
