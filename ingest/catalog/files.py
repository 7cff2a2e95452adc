"""The rows of files: what was found where, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from app.schemas import FileInfo, FileStatus, FileVersion
from ingest.catalog.database import Database, among, rows_among
from ingest.catalog.meta import bump
from ingest.catalog.records import FileRecord
from ingest.catalog.tables import chunks, documents, files, versions


class Files:
    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[FileRecord]:
        """In the order of their paths."""
        columns = [files.c[name] for name in FileRecord.__slots__]
        return [file_record(row) for row in self._database.rows(select(*columns).order_by(files.c.path))]

    def infos(self) -> list[FileInfo]:
        """For people, in the order of their shown paths."""
        held = (
            select(
                documents.c.file_id,
                func.count(documents.c.id.distinct()).label("documents"),
                func.count(chunks.c.id).label("chunks"),
            )
            .select_from(documents.outerjoin(chunks, chunks.c.document_id == documents.c.id))
            .group_by(documents.c.file_id)
            .subquery()
        )
        was = (
            select(versions.c.file_id, func.count().label("versions")).group_by(versions.c.file_id).subquery()
        )
        query = (
            select(files, held.c.documents, held.c.chunks, was.c.versions)
            .outerjoin(held, held.c.file_id == files.c.id)
            .outerjoin(was, was.c.file_id == files.c.id)
        )
        return [_info(row) for row in self._database.rows(query.order_by(files.c.source, files.c.path))]

    def versions(self, file_id: str) -> list[FileVersion]:
        """What this file was each time that it was indexed with another content, the newest first."""
        query = select(versions).where(versions.c.file_id == file_id).order_by(versions.c.id.desc())
        return [
            FileVersion(sha256=row.sha256, size=row.size, mtime_ns=row.mtime_ns, indexed_at=row.indexed_at)
            for row in self._database.rows(query)
        ]

    def save(self, records: Sequence[FileRecord]) -> None:
        """Add or replace these rows; documents and chunks that hang on them stay."""
        ids = [record.id for record in records]
        with self._database.transaction() as connection:
            known = {row.id for row in rows_among(connection, select(files.c.id), files.c.id, ids)}
            if new := [record.values() for record in records if record.id not in known]:
                connection.execute(insert(files), new)
            for record in records:
                if record.id in known:
                    connection.execute(update(files).where(files.c.id == record.id).values(record.values()))

    def forget_recipes(self) -> None:
        """Let no file pass for up to date."""
        with self._database.transaction() as connection:
            connection.execute(update(files).values(recipe=""))

    def delete(self, ids: Sequence[str], meanwhile: Callable[[], None] = lambda: None) -> None:
        """Documents and chunks go with their file by the foreign keys.

        Args:
            meanwhile: called before it is final; if it raises, nothing is deleted.
        """
        with self._database.transaction() as connection:
            for is_one in among(connection, files.c.id, ids):
                connection.execute(delete(files).where(is_one))
            meanwhile()
            bump(connection)


def file_record(row: Row[Any]) -> FileRecord:
    values = {name: row._mapping[name] for name in FileRecord.__slots__}
    return FileRecord(**{**values, "status": FileStatus(row.status)})


def _info(row: Row[Any]) -> FileInfo:
    return FileInfo(
        id=row.id,
        source=row.source,
        path=row.path,
        status=FileStatus(row.status),
        error=row.error,
        pages=row.pages,
        documents=row.documents or 0,
        chunks=row.chunks or 0,
        size=row.size,
        indexed_at=row.indexed_at,
        mtime_ns=row.mtime_ns,
        textless_pages=textless_pages(row),
        versions=row.versions or 1,
    )


def textless_pages(row: Row[Any]) -> tuple[int, ...]:
    """Numbers of the pages of this file on which no text was found."""
    return tuple(json.loads(row.textless_pages or "[]"))
