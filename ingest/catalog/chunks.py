"""Chunks as searching and indexing read them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, true

from app.schemas import Chunk, Origin
from ingest.batches import batches
from ingest.catalog.database import VARIABLES, Database, stepping
from ingest.catalog.dialects import last_page
from ingest.catalog.records import Cut, Entry, index_metadata, metadata_from, suspicions_from, turns_from
from ingest.catalog.tables import chunks, documents, files
from ingest.chunking import embedding_text

# Documents, and chunks of each, that stand for a collection where all would be too many.
_SAMPLE = 40

PLACED = chunks.join(documents, chunks.c.document_id == documents.c.id).join(
    files, documents.c.file_id == files.c.id
)
_CHUNK = select(
    chunks.c.id,
    chunks.c.document_id,
    chunks.c.text,
    chunks.c.ordinal,
    chunks.c.page,
    chunks.c.headings,
    documents.c.title,
    files.c.source,
    documents.c.record_id,
    chunks.c.page_turns,
    chunks.c.page_label,
    chunks.c.line,
    chunks.c.line_end,
    documents.c.metadata,
    files.c.path,
    files.c.size,
    files.c.mtime_ns,
    documents.c.dated,
    chunks.c.suspicions,
).select_from(PLACED)
_ENTRY = select(
    chunks.c.id,
    chunks.c.content_hash,
    chunks.c.context,
    chunks.c.text,
    files.c.id,
    files.c.source,
    documents.c.id,
    chunks.c.page,
).select_from(PLACED)

# What no reader sees is looked up by its id alone.
SEEN = func.coalesce(chunks.c.suspicions, "").not_like('%"hidden%')

_PAGE = func.coalesce(chunks.c.page, 0)
_PAGE_END = func.coalesce(last_page(chunks.c.page_turns), _PAGE)
_FIELDS: Mapping[str, ColumnElement[Any]] = {
    "file_id": documents.c.file_id,
    "source": files.c.source,
    "document_id": chunks.c.document_id,
    "heading": chunks.c.headings,
}


class Chunks:
    def __init__(self, database: Database) -> None:
        self._database = database

    def ids(self, file_ids: Iterable[str] | None = None) -> set[str]:
        """Ids of the chunks of these files, or of all, as both indexes hold them."""
        query = select(chunks.c.id).where(SEEN)
        if file_ids is None:
            return {row.id for row in self._database.each(query)}
        query = query.join(documents, chunks.c.document_id == documents.c.id)
        return {row.id for row in self._database.rows_among(query, documents.c.file_id, file_ids)}

    def ids_of_file(self, file_id: str) -> list[str]:
        """Ids of the chunks of a file, in the order in which they stand in it."""
        query = select(chunks.c.id).select_from(PLACED).where(documents.c.file_id == file_id, SEEN)
        return [row.id for row in self._database.rows(query.order_by(documents.c.ordinal, chunks.c.ordinal))]

    def get(self, ids: Iterable[str]) -> dict[str, Chunk]:
        """The chunks with these ids; those that are gone are left out."""
        return {row.id: _chunk(row) for row in self._database.rows_among(_CHUNK, chunks.c.id, ids)}

    def between(self, document_id: str, first: int, last: int) -> list[Chunk]:
        """Chunks of a document from the ordinal `first` to `last`, in reading order."""
        place = (chunks.c.document_id == document_id) & chunks.c.ordinal.between(first, last)
        return [
            _chunk(row) for row in self._database.rows(_CHUNK.where(place, SEEN).order_by(chunks.c.ordinal))
        ]

    def of_documents(self, ids: Iterable[str]) -> dict[str, list[Chunk]]:
        """Document -> its chunks, in reading order; documents that are gone are left out."""
        found: dict[str, list[Chunk]] = {}
        query = _CHUNK.where(SEEN).order_by(chunks.c.document_id, chunks.c.ordinal)
        for row in self._database.rows_among(query, chunks.c.document_id, ids):
            found.setdefault(row.document_id, []).append(_chunk(row))
        return found

    def matching(self, fields: Mapping[str, Sequence[str | int | float]], limit: int) -> list[str]:
        """Ids of chunks, `limit` at most, whose every named field has one of its values.

        Args:
            fields: `file_id`, `source`, `document_id`, `page` (on which a chunk begins or ends; 0 where
                there are no pages) and `heading` (a path of headings as it is kept), each with a few
                hundred values at most.
        """
        wanted: list[ColumnElement[bool]] = [
            _FIELDS[name].in_(list(values)) for name, values in fields.items() if name != "page"
        ]
        if pages := fields.get("page"):
            wanted.append(_PAGE.in_(list(pages)) | _PAGE_END.in_(list(pages)))
        query = select(chunks.c.id).select_from(PLACED).where(SEEN, *wanted).limit(limit)
        return [row.id for row in self._database.rows(query)]

    def places(self) -> Iterator[tuple[Any, ...]]:
        """Id, document, first and last page (0 for none) and headings of every chunk, in the order of ids."""
        columns = (chunks.c.id, chunks.c.document_id, _PAGE, _PAGE_END, chunks.c.headings)
        query = select(*columns).where(SEEN).order_by(chunks.c.id)
        return (tuple(row) for row in self._database.each(query))

    def heading_paths(self) -> list[str]:
        """All different paths of headings, each as it is kept: a JSON list."""
        return [row.headings for row in self._database.rows(select(chunks.c.headings).distinct())]

    def sample(self, limit: int) -> list[Chunk]:
        """Some chunks, chosen as in `sample_texts`."""
        query = select(chunks.c.id).order_by(chunks.c.id).limit(limit)
        ids = [row.id for row in self._database.rows(query)]
        found = self.get(ids)
        return [found[id_] for id_ in ids if id_ in found]

    def sample_texts(self, limit: int) -> list[str]:
        """Texts of some chunks, always the same ones of the same collection; ids are hashes."""
        query = select(chunks.c.text).where(SEEN).order_by(chunks.c.id).limit(limit)
        return [row.text for row in self._database.rows(query)]

    def openings(self, count: int, each: int, file_ids: Sequence[str] = ()) -> list[Chunk]:
        """The first `each` chunks of some documents, always the same ones; of these files, or of any."""
        sample = select(documents.c.id).order_by(documents.c.id).limit(count)  # ids are hashes
        if file_ids:
            sample = sample.where(documents.c.file_id.in_(list(file_ids)))
        place = documents.c.id.in_(sample) & (chunks.c.ordinal < each)
        query = _CHUNK.where(place, SEEN).order_by(chunks.c.ordinal, documents.c.id)
        return [_chunk(row) for row in self._database.rows(query)]

    def headings(self, limit: int) -> list[str]:
        """What a sample of the documents is about: headings near their beginnings, or their titles."""
        sample = select(documents.c.id).order_by(documents.c.id).limit(_SAMPLE)  # ids are hashes
        query = (
            select(chunks.c.headings, documents.c.title)
            .select_from(PLACED)
            .where(documents.c.id.in_(sample), chunks.c.ordinal < _SAMPLE)
            .order_by(chunks.c.ordinal, documents.c.id)
        )
        found = [(json.loads(row.headings) or [row.title])[-1] for row in self._database.rows(query)]
        return list(dict.fromkeys(found))[:limit]

    def entries(self, ids: Iterable[str]) -> list[Entry]:
        """What the indexes need of these chunks."""
        found: list[Entry] = []
        with self._database.transaction() as connection:
            for batch in batches(ids, VARIABLES):
                beside = _beside(connection, batch)
                rows = connection.execute(_ENTRY.where(chunks.c.id.in_(batch)))
                for id_, content_hash, context, text, *place in rows:
                    whole, metadata = embedding_text(context, text), index_metadata(*place)
                    found.append(Entry(id_, content_hash, whole, metadata, tuple(beside[id_])))
        return found


def _chunk(row: Row[Any]) -> Chunk:
    found = suspicions_from(row.suspicions)
    return Chunk(
        id=row.id,
        document_id=row.document_id,
        text=row.text,
        ordinal=row.ordinal,
        page=row.page,
        headings=tuple(json.loads(row.headings)),
        title=row.title,
        source=row.source,
        record_id=row.record_id,
        page_turns=turns_from(row.page_turns),
        page_label=row.page_label,
        lines=None if row.line is None else (row.line, row.line_end),
        metadata=metadata_from(row.metadata),
        origin=Origin(row.path, row.size, row.mtime_ns, row.dated),
        suspicions=tuple(dict.fromkeys(finding.code for finding in found)),
        suspicious_spans=tuple((finding.start, finding.end) for finding in found),
    )


def _beside(connection: Connection, ids: Sequence[str]) -> dict[str, list[Cut]]:
    """The chunks before and after each of these."""
    near, steps = chunks.alias(), stepping(-1, 1)
    is_seen = func.coalesce(near.c.suspicions, "").not_like('%"hidden%')
    is_near = (near.c.document_id == chunks.c.document_id) & (
        near.c.ordinal == chunks.c.ordinal + steps.c.step
    )
    columns = select(chunks.c.id, near.c.content_hash, near.c.context, near.c.text)
    query = columns.select_from(chunks.join(steps, true()).join(near, is_near)).where(
        chunks.c.id.in_(ids), is_seen
    )
    found: dict[str, list[Cut]] = {id_: [] for id_ in ids}
    for id_, content_hash, context, text in connection.execute(query):
        found[id_].append(Cut(content_hash, embedding_text(context, text)))
    return found
