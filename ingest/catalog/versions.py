"""The history of files: what they were each time that they were indexed with another content."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, select

from ingest.batches import batches
from ingest.catalog.database import VARIABLES
from ingest.catalog.records import FileRecord
from ingest.catalog.tables import versions

KEPT = 20
"""How many versions of a file are remembered."""


def add_versions(connection: Connection, records: Sequence[FileRecord], now: str) -> None:
    """Note those files whose content is another one than when they were last indexed."""
    for batch in batches(records, VARIABLES):
        ids = [record.id for record in batch]
        known = _newest(connection, ids)
        fresh = [record for record in batch if known.get(record.id) != record.sha256]
        if fresh:
            connection.execute(insert(versions), [_row(record, now) for record in fresh])
            _prune(connection, [record.id for record in fresh if record.id in known])


def _row(record: FileRecord, now: str) -> dict[str, object]:
    return {
        "file_id": record.id,
        "sha256": record.sha256,
        "size": record.size,
        "mtime_ns": record.mtime_ns,
        "indexed_at": now,
    }


def _newest(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Id of a file -> the hash of its newest version."""
    last = (
        select(func.max(versions.c.id)).where(versions.c.file_id.in_(ids)).group_by(versions.c.file_id)
    ).scalar_subquery()
    query = select(versions.c.file_id, versions.c.sha256).where(versions.c.id.in_(last))
    return {file_id: sha256 for file_id, sha256 in connection.execute(query)}


def _prune(connection: Connection, ids: Sequence[str]) -> None:
    """Forget all but the newest versions."""
    for id_ in ids:
        mine = versions.c.file_id == id_
        newest = (
            select(versions.c.id).where(mine).order_by(versions.c.id.desc()).limit(KEPT).scalar_subquery()
        )
        connection.execute(delete(versions).where(mine, versions.c.id.not_in(newest)))
