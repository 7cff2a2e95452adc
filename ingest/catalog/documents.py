"""What files hold: documents with their chunks, saved and taken as a whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from app.schemas import FileStatus
from ingest.catalog.database import Database, among, insert_rows, streamed
from ingest.catalog.files import file_record, textless_pages
from ingest.catalog.meta import bump
from ingest.catalog.records import (
    ChunkRecord,
    DocumentName,
    DocumentRecord,
    DocumentState,
    FileContent,
    metadata_from,
    metadata_to,
    suspicions_from,
    turns_from,
)
from ingest.catalog.tables import chunks, documents, files, tags
from ingest.catalog.versions import add_versions
from ingest.sketch import sketch


class Documents:
    def __init__(self, database: Database) -> None:
        self._database = database

    def names(self) -> list[DocumentName]:
        """What every document is called and dated, and its file."""
        query = select(*(documents.c[name] for name in DocumentName._fields))
        return [DocumentName._make(row) for row in self._database.rows(query)]

    def states(self) -> list[DocumentState]:
        """All documents with what they hold, in the order of their files."""
        columns = (chunks.c.document_id, chunks.c.id, chunks.c.page, func.length(chunks.c.text))
        query = select(*columns).order_by(chunks.c.document_id, chunks.c.ordinal)
        named = (
            select(documents.c.id, documents.c.file_id, files.c.source, documents.c.record_id)
            .add_columns(documents.c.title, documents.c.ordinal)
            .select_from(documents.join(files))
            .order_by(files.c.source, documents.c.file_id, documents.c.ordinal)
        )
        with self._database.transaction() as connection:
            found = groupby(streamed(connection, query), lambda row: str(row[0]))
            states = {id_: _state(rows) for id_, rows in found}
            empty = _state(())
            return [
                DocumentState._make([*row, *states.get(row.id, empty)]) for row in connection.execute(named)
            ]

    def ids_with(self, name: str, values: Iterable[str]) -> list[str]:
        """Ids of the documents of these files.

        Args:
            name: `file_id` or `source`.
        """
        column = {"file_id": documents.c.file_id, "source": files.c.source}[name]
        query = select(documents.c.id).select_from(documents.join(files))
        return [row.id for row in self._database.rows_among(query, column, values)]

    def fields(self) -> dict[str, dict[str, int]]:
        """Names of metadata -> their values, the most frequent first, with how many documents have each."""
        count = func.count().label("documents")
        query = select(tags.c.name, tags.c.value, count).group_by(tags.c.name, tags.c.value)
        found: dict[str, dict[str, int]] = {}
        for row in self._database.rows(query.order_by(count.desc(), tags.c.value)):
            found.setdefault(row.name, {})[row.value] = row.documents
        return found

    def ids_tagged(self, name: str, values: Iterable[str]) -> list[str]:
        """Ids of the documents whose metadata has, under this name, one of these values."""
        query = select(tags.c.document_id).where(tags.c.name == name).distinct()
        return [row.document_id for row in self._database.rows_among(query, tags.c.value, values)]

    def content(self, file_id: str) -> FileContent:
        """A file with its documents and chunks, as they were saved."""
        held = select(documents).where(documents.c.file_id == file_id).order_by(documents.c.ordinal)
        with self._database.transaction() as connection:
            row = connection.execute(select(files).where(files.c.id == file_id)).one()
            found = [
                DocumentRecord(
                    one.id, one.record_id, one.title, _chunks(connection, one.id), metadata_from(one.metadata)
                )
                for one in connection.execute(held).all()
            ]
        return FileContent(file_record(row), row.title, row.pages, found, textless_pages(row))

    def save(
        self, contents: Sequence[FileContent], meanwhile: Callable[[Connection], None] = lambda _: None
    ) -> None:
        """Replace what these files hold and mark them indexed, in one transaction.

        Args:
            meanwhile: called before it is final; if it raises, nothing is saved.
        """
        now = datetime.now(UTC).isoformat(timespec="seconds")
        indexed = {"status": FileStatus.INDEXED, "error": None, "indexed_at": now}
        with self._database.transaction() as connection:
            for is_one in among(connection, documents.c.file_id, (content.file.id for content in contents)):
                # Chunks go with their documents by the foreign key.
                connection.execute(delete(documents).where(is_one))
            for content in contents:
                values = content.file.values() | indexed | _of_file(content)
                connection.execute(update(files).where(files.c.id == content.file.id).values(values))
            add_versions(connection, [content.file for content in contents], now)
            insert_rows(connection, documents, _document_rows(contents))
            insert_rows(connection, tags, _tag_rows(contents))
            insert_rows(connection, chunks, _chunk_rows(contents))
            meanwhile(connection)
            bump(connection)


def _state(rows: Iterable[Any]) -> tuple[str, int]:
    """A hash of chunks and their pages, and how many characters they have; their ids are hashes, too."""
    state, characters = sha256(), 0
    for _, id_, page, length in rows:
        state.update(f"{id_} {page}\n".encode())
        characters += length
    return state.hexdigest(), characters


def _chunks(connection: Connection, document_id: str) -> list[ChunkRecord]:
    query = select(chunks).where(chunks.c.document_id == document_id).order_by(chunks.c.ordinal)
    return [
        ChunkRecord(
            row.id,
            row.text,
            row.page,
            tuple(json.loads(row.headings)),
            row.context,
            row.content_hash,
            turns_from(row.page_turns),
            row.page_label,
            None if row.line is None else (row.line, row.line_end),
            suspicions_from(row.suspicions),
        )
        for row in connection.execute(query)
    ]


def _of_file(content: FileContent) -> dict[str, Any]:
    textless = json.dumps(list(content.textless_pages)) if content.textless_pages else None
    return {"title": content.title, "pages": content.pages, "textless_pages": textless}


def _document_rows(contents: Iterable[FileContent]) -> Iterator[dict[str, Any]]:
    for content in contents:
        for ordinal, document in enumerate(content.documents):
            yield {
                "id": document.id,
                "file_id": content.file.id,
                "record_id": document.record_id,
                "title": document.title,
                "ordinal": ordinal,
                "metadata": metadata_to(document.metadata),
                "dated": document.dated,
                "sketch": sketch(chunk.text for chunk in document.chunks if not chunk.is_hidden),
            }


def _tag_rows(contents: Iterable[FileContent]) -> Iterator[dict[str, Any]]:
    for content in contents:
        for document in content.documents:
            for name, values in document.metadata.items():
                for value in dict.fromkeys(values):
                    yield {"document_id": document.id, "name": name, "value": value}


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
                    "page_turns": json.dumps(chunk.page_turns) if chunk.page_turns else None,
                    "page_label": chunk.page_label,
                    "line": chunk.lines and chunk.lines[0],
                    "line_end": chunk.lines and chunk.lines[1],
                    "headings": json.dumps(chunk.headings, ensure_ascii=False),
                    "context": chunk.context,
                    "content_hash": chunk.content_hash,
                    "suspicions": json.dumps(chunk.suspicions) if chunk.suspicions else None,
                }
