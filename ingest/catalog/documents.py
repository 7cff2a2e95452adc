"""What files hold: documents with their chunks, saved and taken as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from app.schemas import FileStatus
from ingest.batches import batches
from ingest.catalog.database import VARIABLES, Database, insert_rows
from ingest.catalog.files import file_record
from ingest.catalog.meta import bump
from ingest.catalog.records import ChunkRecord, DocumentRecord, FileContent
from ingest.catalog.tables import chunks, documents, files


class Documents:
    def __init__(self, database: Database) -> None:
        self._database = database

    def names(self) -> list[tuple[str, str, str | None]]:
        """Id, title and record's id of every document."""
        query = select(documents.c.id, documents.c.title, documents.c.record_id)
        return [(row.id, row.title, row.record_id) for row in self._database.rows(query)]

    def content(self, file_id: str) -> FileContent:
        """A file with its documents and chunks, as they were saved."""
        held = select(documents).where(documents.c.file_id == file_id).order_by(documents.c.ordinal)
        with self._database.transaction() as connection:
            row = connection.execute(select(files).where(files.c.id == file_id)).one()
            found = [
                DocumentRecord(one.id, one.record_id, one.title, _chunks(connection, one.id))
                for one in connection.execute(held).all()
            ]
        return FileContent(file_record(row), row.title, row.pages, found)

    def save(self, contents: Sequence[FileContent]) -> None:
        """Replace what these files hold and mark them indexed, in one transaction."""
        indexed = {
            "status": FileStatus.INDEXED,
            "error": None,
            "indexed_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        with self._database.transaction() as connection:
            for batch in batches([content.file.id for content in contents], VARIABLES):
                # Chunks go with their documents by the foreign key.
                connection.execute(delete(documents).where(documents.c.file_id.in_(batch)))
            for content in contents:
                values = content.file.values() | indexed | {"title": content.title, "pages": content.pages}
                connection.execute(update(files).where(files.c.id == content.file.id).values(values))
            insert_rows(connection, documents, _document_rows(contents))
            insert_rows(connection, chunks, _chunk_rows(contents))
            bump(connection)


def _chunks(connection: Connection, document_id: str) -> list[ChunkRecord]:
    query = select(chunks).where(chunks.c.document_id == document_id).order_by(chunks.c.ordinal)
    return [
        ChunkRecord(
            row.id, row.text, row.page, tuple(json.loads(row.headings)), row.context, row.content_hash
        )
        for row in connection.execute(query)
    ]


def _document_rows(contents: Iterable[FileContent]) -> Iterator[dict[str, Any]]:
    for content in contents:
        for ordinal, document in enumerate(content.documents):
            yield {
                "id": document.id,
                "file_id": content.file.id,
                "record_id": document.record_id,
                "title": document.title,
                "ordinal": ordinal,
            }


def _chunk_rows(contents: Iterable[FileContent]) -> Iterator[dict[str, Any]]:
    for content in contents:
        for document in content.documents:
            for ordinal, chunk in enumerate(document.chunks):
                yield {
                    "id": chunk.id,
                    "document_id": document.id,
                    "ordinal": ordinal,
                    "text": chunk.text,
                    "page": chunk.page,
                    "headings": json.dumps(chunk.headings, ensure_ascii=False),
                    "context": chunk.context,
                    "content_hash": chunk.content_hash,
                }
