"""What is to be done with a file, as a row that any worker reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.schemas import FileStatus
from ingest.catalog import FileRecord
from ingest.pipeline.produce import Job, Jobs
from ingest.plan import Plan, Todo


def rows_of(plan: Plan) -> Iterator[dict[str, Any]]:
    """See `Share.plan`; in the plan's order."""
    for todo in plan.todo:
        said = {
            "location": str(todo.location),
            "record": todo.record.values(),
            "known": todo.known and todo.known.values(),
            "metadata": todo.metadata,
        }
        yield _row(todo.record, said, is_new=todo.is_new)
    for record in plan.stored:
        yield _row(record, {"stored": record.values()}, is_new=False)


def job_of(row: str, jobs: Jobs) -> Job:
    said = json.loads(row)
    if "stored" in said:
        return jobs.rechunk(_record(said["stored"]))
    metadata = {name: tuple(values) for name, values in said["metadata"].items()}
    known = said["known"] and _record(said["known"])
    return jobs.read(Todo(Path(said["location"]), _record(said["record"]), known, metadata))


def _row(record: FileRecord, said: dict[str, Any], *, is_new: bool) -> dict[str, Any]:
    # ASCII keeps the half letters that old names of files have.
    return {"file": record.id, "path": record.path, "todo": json.dumps(said), "is_new": is_new}


def _record(values: dict[str, Any]) -> FileRecord:
    return FileRecord(**{**values, "status": FileStatus(values["status"])})
