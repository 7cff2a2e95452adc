"""What a run has to do: which files are new, changed, the same, or gone."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.config import Settings
from app.schemas import FileStatus
from ingest.catalog import FileRecord
from ingest.scan import Found, Scan

# Raised when readers or chunking change what comes out of the same bytes: files are then read anew.
_VERSION = 3

# A recipe that never matches: the file's chunks must be made anew.
RECHUNK = ""

# A file that was changed this shortly before it was looked at may have been changed after, in the same tick.
_TICK_NS = 2_000_000_000

_NAMESPACE = uuid.UUID("5b0f5d3e-6a0c-5c0e-9d39-0f6f1b8f7a11")


@dataclass(slots=True)
class Plan:
    """Files by what is to be done with them.

    Attributes:
        touched: the same content, with another size or time to note.
        stored: to be cut anew from what the catalogue holds, because they are not below the given paths.
        failed: left as they are: they failed before, and this run is not to try again, or cannot.
    """

    added: list[Todo] = field(default_factory=list)
    updated: list[Todo] = field(default_factory=list)
    gone: list[FileRecord] = field(default_factory=list)
    same: list[FileRecord] = field(default_factory=list)
    touched: list[FileRecord] = field(default_factory=list)
    stored: list[FileRecord] = field(default_factory=list)
    failed: list[FileRecord] = field(default_factory=list)

    @property
    def todo(self) -> list[Todo]:
        return [*self.added, *self.updated]


@dataclass(frozen=True, slots=True)
class Todo:
    """A file to read: where, and the row that it will have."""

    location: Path
    record: FileRecord
    known: FileRecord | None
    metadata: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)

    @property
    def is_new(self) -> bool:
        """Whether nothing of it was ever indexed."""
        return self.known is None or not self.known.sha256

    @property
    def pending(self) -> FileRecord:
        """The row while the work is not done: what is known stays, and the old version goes on serving."""
        return replace(self.known or self.record, status=FileStatus.PENDING)

    def failed(self, error: str) -> FileRecord:
        """The row when it cannot be read: of the version that goes on serving, if there is one."""
        row = self.known if self.known is not None and self.known.sha256 else self.record
        return replace(row, status=FileStatus.FAILED, error=error, checked_ns=self.record.checked_ns)


def recipe(settings: Settings) -> str:
    """What shapes a file's chunks apart from its content and the embedding model."""
    return f"{_VERSION}:{settings.chunk_tokens}"


def make_plan(
    seen: Scan, known: Iterable[FileRecord], settings: Settings, *, leave_failed: bool = False
) -> Plan:
    """Compare what was found with what is known: by size and time, and by content where these differ.

    Args:
        leave_failed: do not try files again that failed and did not change since.
    """
    plan = Plan()
    records = {record.path: record for record in known}
    now, wanted = time.time_ns(), recipe(settings)
    for found in seen.files.values():
        record = records.get(found.path)
        if leave_failed and record is not None and _failed_as_it_is(found, record, wanted):
            plan.failed.append(record)
        else:
            _place(plan, found, record, wanted, now)
    for record in records.values():
        if record.path in seen.files:
            continue
        if seen.covers(record.path):
            plan.gone.append(record)
        elif record.recipe == RECHUNK:
            plan.stored.append(record)
        elif record.path in seen.missed:
            plan.failed.append(record)
    return plan


def _place(plan: Plan, found: Found, known: FileRecord | None, wanted: str, now: int) -> None:
    record = FileRecord(
        id=known.id if known else file_id(found.path),
        path=found.path,
        root=found.root,
        source=found.source,
        size=found.size,
        mtime_ns=found.mtime_ns,
        checked_ns=now,
        recipe=wanted,
    )
    if known is None or not known.sha256:
        plan.added.append(Todo(found.location, record, known, found.metadata))
        return
    settled = known.status == FileStatus.INDEXED and known.recipe == wanted
    if settled and _looks_the_same(found, known):
        plan.same.append(known)
    elif settled and digest(found.location) == known.sha256:
        plan.touched.append(replace(known, size=found.size, mtime_ns=found.mtime_ns, checked_ns=now))
    else:
        plan.updated.append(Todo(found.location, record, known, found.metadata))


def file_id(path: str) -> str:
    """The id that the file with this name in the catalogue gets: its path, absolute and in NFC."""
    return str(uuid.uuid5(_NAMESPACE, path))


def _failed_as_it_is(found: Found, known: FileRecord, wanted: str) -> bool:
    """Whether it failed and did not change since; a row with a digest tells of the version before that."""
    if known.status != FileStatus.FAILED:
        return False
    if known.sha256:
        restored = (found.size, found.mtime_ns) == (known.size, known.mtime_ns)
        return not restored and found.mtime_ns < known.checked_ns - _TICK_NS
    return known.recipe == wanted and _looks_the_same(found, known)


def _looks_the_same(found: Found, known: FileRecord) -> bool:
    same = (found.size, found.mtime_ns) == (known.size, known.mtime_ns)
    return same and known.mtime_ns < known.checked_ns - _TICK_NS


def digest(path: Path) -> str:
    """The sha256 of a file's content; "" when it cannot be read, which equals no other."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
