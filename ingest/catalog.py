"""The catalogue of a collection: files, documents, chunks and cached vectors. What it says is true."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from sqlalchemy import (
    Connection,
    Engine,
    Row,
    create_engine,
    delete,
    event,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import DatabaseError

from app.errors import CollectionDamagedError, StorageError
from app.schemas import Chunk, FileInfo, FileStatus, IngestReport
from ingest.chunking import embedding_text
from ingest.schema import chunks, documents, files, meta, migrate, runs, vectors
from vectorstore.base import Vectors

T = TypeVar("T")

# SQLite's older builds take 999 variables in a statement.
_BATCH = 500

# Documents, and chunks of each, that stand for a collection where all would be too many.
_SAMPLE = 40

_PLACED = chunks.join(documents, chunks.c.document_id == documents.c.id).join(
    files, documents.c.file_id == files.c.id
)
_CHUNK = (
    chunks.c.id,
    chunks.c.document_id,
    chunks.c.text,
    chunks.c.ordinal,
    chunks.c.page,
    chunks.c.headings,
    documents.c.title,
    documents.c.record_id,
    files.c.source,
)


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file as the catalogue knows it.

    Attributes:
        path: absolute, in NFC; with `id`, the file's name in the collection.
        root: the folder or file that was named when it was indexed.
        source: its path below the root, for showing.
        checked_ns: when `size` and `mtime_ns` were taken, in nanoseconds since 1970.
        recipe: what shaped its chunks apart from its content.
    """

    id: str
    path: str
    root: str
    source: str
    size: int
    mtime_ns: int
    checked_ns: int
    recipe: str
    sha256: str = ""
    status: FileStatus = FileStatus.PENDING
    error: str | None = None

    def values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class ChunkRecord:
    id: str
    text: str
    page: int | None
    headings: tuple[str, ...]
    context: str
    content_hash: str

    @property
    def embedding_text(self) -> str:
        return embedding_text(self.context, self.text)


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    id: str
    record_id: str | None
    title: str
    chunks: Sequence[ChunkRecord]


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file with all that was read from it."""

    file: FileRecord
    title: str
    pages: int | None
    documents: Sequence[DocumentRecord]

    def chunks(self) -> Iterator[ChunkRecord]:
        return (chunk for document in self.documents for chunk in document.chunks)

    def entries(self) -> Iterator[Entry]:
        for document in self.documents:
            texts = [chunk.embedding_text for chunk in document.chunks]
            for n, chunk in enumerate(document.chunks):
                metadata = index_metadata(self.file.id, self.file.source, document.id, chunk.page)
                beside = (*texts[max(0, n - 1) : n], *texts[n + 1 : n + 2])
                yield Entry(chunk.id, chunk.content_hash, texts[n], metadata, beside)


@dataclass(frozen=True, slots=True)
class Entry:
    """What an index needs of a chunk.

    Attributes:
        beside: the texts of the chunks before and after it in its document.
    """

    id: str
    content_hash: str
    text: str
    metadata: dict[str, str | int]
    beside: tuple[str, ...]


# Raised when the fields below change: indexes that lack one are made anew by the next run.
INDEX_FIELDS = "3"


def index_metadata(file_id: str, source: str, document_id: str, page: int | None) -> dict[str, str | int]:
    """The fields that both indexes can filter by; page 0 for what has no pages."""
    return {"file_id": file_id, "source": source, "document_id": document_id, "page": page or 0}


class Catalog:
    """One SQLite file, used by many threads and processes; a process that writes holds the collection's lock.

    Raises (every method):
        StorageError: the disk is full, or the file may not be written.
        CollectionDamagedError: the file is not a sound database.
    """

    def __init__(self, path: Path, *, write: bool = False) -> None:
        self.path = path
        self._engine = _engine(path)
        with self.transaction() as connection:
            if write:
                migrate(connection)

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All or nothing of what is written inside."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except DatabaseError as error:
            raise _explained(self.path, error) from error

    # -- values that stand for the whole collection ---------------------------------------------------

    def meta(self) -> dict[str, str]:
        with self.transaction() as connection:
            return {row.key: row.value for row in connection.execute(select(meta.c.key, meta.c.value))}

    def set_meta(self, **values: str) -> None:
        with self.transaction() as connection:
            _set_meta(connection, values)

    def generation(self) -> int:
        with self.transaction() as connection:
            value = connection.execute(select(meta.c.value).where(meta.c.key == "generation")).scalar()
            return int(value or 0)

    def bump(self) -> None:
        """Tell readers that something changed; every change of chunks does so by itself."""
        with self.transaction() as connection:
            _bump(connection)

    def counts(self) -> tuple[int, int]:
        """Documents and chunks."""
        both = select(
            select(func.count()).select_from(documents).scalar_subquery(),
            select(func.count()).select_from(chunks).scalar_subquery(),
        )
        with self.transaction() as connection:
            held, parts = connection.execute(both).one()
            return held, parts

    # -- files ----------------------------------------------------------------------------------------

    def files(self) -> list[FileRecord]:
        columns = [files.c[name] for name in FileRecord.__slots__]
        with self.transaction() as connection:
            rows = connection.execute(select(*columns).order_by(files.c.path))
            return [FileRecord(**{**row._mapping, "status": FileStatus(row.status)}) for row in rows]

    def file_infos(self) -> list[FileInfo]:
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
        query = select(files, held.c.documents, held.c.chunks).outerjoin(held, held.c.file_id == files.c.id)
        with self.transaction() as connection:
            return [
                _file_info(row) for row in connection.execute(query.order_by(files.c.source, files.c.path))
            ]

    def save_files(self, records: Sequence[FileRecord]) -> None:
        """Add or replace these rows; documents and chunks that hang on them stay."""
        with self.transaction() as connection:
            known = _known_ids(connection, [record.id for record in records])
            if new := [record.values() for record in records if record.id not in known]:
                connection.execute(insert(files), new)
            for record in records:
                if record.id in known:
                    connection.execute(update(files).where(files.c.id == record.id).values(record.values()))

    def forget_recipes(self) -> None:
        """Let no file pass for up to date."""
        with self.transaction() as connection:
            connection.execute(update(files).values(recipe=""))

    def delete_files(self, ids: Sequence[str]) -> None:
        with self.transaction() as connection:
            for batch in batches(ids, _BATCH):
                _delete_documents(connection, batch)
                connection.execute(delete(files).where(files.c.id.in_(batch)))
            _bump(connection)

    def save_contents(self, contents: Sequence[FileContent]) -> None:
        """Replace what these files hold and mark them indexed, in one transaction."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self.transaction() as connection:
            for batch in batches([content.file.id for content in contents], _BATCH):
                _delete_documents(connection, batch)
            for content in contents:
                values = content.file.values() | {
                    "status": FileStatus.INDEXED,
                    "error": None,
                    "indexed_at": now,
                }
                values |= {"title": content.title, "pages": content.pages}
                connection.execute(update(files).where(files.c.id == content.file.id).values(values))
            _insert(connection, documents, _document_rows(contents))
            _insert(connection, chunks, _chunk_rows(contents))
            _bump(connection)

    # -- chunks ---------------------------------------------------------------------------------------

    def chunk_ids(self, file_ids: Iterable[str] | None = None) -> set[str]:
        """Ids of the chunks of these files, or of all."""
        with self.transaction() as connection:
            if file_ids is None:
                return set(connection.execute(select(chunks.c.id)).scalars())
            joined = select(chunks.c.id).join(documents, chunks.c.document_id == documents.c.id)
            found: set[str] = set()
            for batch in batches(file_ids, _BATCH):
                found.update(connection.execute(joined.where(documents.c.file_id.in_(batch))).scalars())
            return found

    def chunks(self, ids: Iterable[str]) -> dict[str, Chunk]:
        """The chunks with these ids; those that are gone are left out."""
        found: dict[str, Chunk] = {}
        with self.transaction() as connection:
            for batch in batches(ids, _BATCH):
                rows = connection.execute(select(*_CHUNK).select_from(_PLACED).where(chunks.c.id.in_(batch)))
                found.update((row.id, _chunk(row)) for row in rows)
        return found

    def document_names(self) -> list[tuple[str, str, str | None]]:
        """Id, title and record's id of every document."""
        with self.transaction() as connection:
            rows = connection.execute(select(documents.c.id, documents.c.title, documents.c.record_id))
            return [(row.id, row.title, row.record_id) for row in rows]

    def sample_texts(self, limit: int) -> list[str]:
        """Texts of some chunks, always the same ones of the same collection; ids are hashes."""
        with self.transaction() as connection:
            query = select(chunks.c.text).order_by(chunks.c.id).limit(limit)
            return list(connection.execute(query).scalars())

    def neighbours(self, document_id: str, first: int, last: int) -> list[Chunk]:
        """Chunks of a document from the ordinal `first` to `last`, in reading order."""
        place = (chunks.c.document_id == document_id) & chunks.c.ordinal.between(first, last)
        query = select(*_CHUNK).select_from(_PLACED).where(place).order_by(chunks.c.ordinal)
        with self.transaction() as connection:
            return [_chunk(row) for row in connection.execute(query)]

    def headings(self, limit: int) -> list[str]:
        """What a sample of the documents is about: headings near their beginnings, or their titles."""
        sample = select(documents.c.id).order_by(documents.c.id).limit(_SAMPLE)  # ids are hashes
        query = (
            select(chunks.c.headings, documents.c.title)
            .select_from(_PLACED)
            .where(documents.c.id.in_(sample), chunks.c.ordinal < _SAMPLE)
            .order_by(chunks.c.ordinal, documents.c.id)
        )
        with self.transaction() as connection:
            found = [(json.loads(row.headings) or [row.title])[-1] for row in connection.execute(query)]
        return list(dict.fromkeys(found))[:limit]

    def entries(self, ids: Iterable[str]) -> list[Entry]:
        """What the indexes need of these chunks."""
        columns = (
            chunks.c.id,
            chunks.c.content_hash,
            chunks.c.context,
            chunks.c.text,
            files.c.id,
            files.c.source,
            documents.c.id,
            chunks.c.page,
        )
        found: list[Entry] = []
        with self.transaction() as connection:
            for batch in batches(ids, _BATCH):
                beside = _beside(connection, batch)
                rows = connection.execute(select(*columns).select_from(_PLACED).where(chunks.c.id.in_(batch)))
                for id_, content_hash, context, text, *place in rows:
                    whole, metadata = embedding_text(context, text), index_metadata(*place)
                    found.append(Entry(id_, content_hash, whole, metadata, tuple(beside[id_])))
        return found

    def contents(self, file_id: str) -> FileContent:
        """A file with its documents and chunks, as they were saved."""
        with self.transaction() as connection:
            row = connection.execute(select(files).where(files.c.id == file_id)).one()
            found = connection.execute(
                select(documents).where(documents.c.file_id == file_id).order_by(documents.c.ordinal)
            ).all()
            held = [
                DocumentRecord(
                    document.id, document.record_id, document.title, _chunk_records(connection, document.id)
                )
                for document in found
            ]
        values = {name: row._mapping[name] for name in FileRecord.__slots__}
        return FileContent(FileRecord(**values), row.title, row.pages, held)

    # -- cached vectors -------------------------------------------------------------------------------

    def known_vectors(self, hashes: Iterable[str], identity: str) -> set[str]:
        """Those of `hashes` whose vector is cached."""
        found: set[str] = set()
        with self.transaction() as connection:
            for batch in batches(hashes, _BATCH):
                wanted = (vectors.c.identity == identity) & vectors.c.content_hash.in_(batch)
                found.update(connection.execute(select(vectors.c.content_hash).where(wanted)).scalars())
        return found

    def vectors(self, hashes: Iterable[str], identity: str) -> dict[str, Vectors]:
        found: dict[str, Vectors] = {}
        with self.transaction() as connection:
            for batch in batches(hashes, _BATCH):
                wanted = (vectors.c.identity == identity) & vectors.c.content_hash.in_(batch)
                for row in connection.execute(select(vectors.c.content_hash, vectors.c.vector).where(wanted)):
                    found[row.content_hash] = np.frombuffer(row.vector, "<f4")
        return found

    def chunk_vectors(self, ids: Iterable[str], identity: str) -> dict[str, Vectors]:
        """Cached vectors by the chunk's id; those that are not cached are left out."""
        found: dict[str, Vectors] = {}
        joined = chunks.join(vectors, chunks.c.content_hash == vectors.c.content_hash)
        columns = select(chunks.c.id, vectors.c.vector).select_from(joined)
        with self.transaction() as connection:
            for batch in batches(ids, _BATCH):
                wanted = (vectors.c.identity == identity) & chunks.c.id.in_(batch)
                rows = connection.execute(columns.where(wanted))
                found.update((row.id, np.frombuffer(row.vector, "<f4")) for row in rows)
        return found

    def save_vectors(self, hashes: Sequence[str], values: Vectors, identity: str) -> None:
        """Cache vectors whose hashes are not known yet."""
        rows = [
            {"content_hash": content_hash, "identity": identity, "vector": vector.astype("<f4").tobytes()}
            for content_hash, vector in zip(hashes, values, strict=True)
        ]
        with self.transaction() as connection:
            _insert(connection, vectors, rows)

    def prune_vectors(self) -> int:
        """Forget vectors of text that no chunk holds any more."""
        used = exists().where(chunks.c.content_hash == vectors.c.content_hash)
        with self.transaction() as connection:
            return connection.execute(delete(vectors).where(~used)).rowcount

    # -- runs -----------------------------------------------------------------------------------------

    def save_run(self, started: datetime, report: IngestReport) -> None:
        values = {"started_at": started.isoformat(timespec="seconds"), "report": report.model_dump_json()}
        with self.transaction() as connection:
            connection.execute(insert(runs).values(values))


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items, the last one shorter."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _: object) -> None:
        # FULL: after a power cut, what an index holds durably must not be unknown here.
        for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _explained(path: Path, error: DatabaseError) -> StorageError | CollectionDamagedError:
    cause = str(error.orig)
    if "malformed" in cause or "not a database" in cause:
        return CollectionDamagedError(
            f"{path} is damaged ({cause}). Delete the folder {path.parent} and index your documents anew: "
            "python -m ingest PATH"
        )
    return StorageError(
        f"{path} cannot be used ({cause}). Free space on the disk, or make the file writable."
    )


def _set_meta(connection: Connection, values: dict[str, str]) -> None:
    connection.execute(delete(meta).where(meta.c.key.in_(values)))
    connection.execute(insert(meta), [{"key": key, "value": value} for key, value in values.items()])


def _bump(connection: Connection) -> None:
    current = connection.execute(select(meta.c.value).where(meta.c.key == "generation")).scalar()
    _set_meta(connection, {"generation": str(int(current or 0) + 1)})


def _insert(connection: Connection, table: Any, rows: Iterable[dict[str, Any]]) -> None:
    for batch in batches(rows, 10_000):
        connection.execute(insert(table), batch)


def _beside(connection: Connection, ids: Sequence[str]) -> dict[str, list[str]]:
    """Texts of the chunks before and after each of these."""
    near = chunks.alias()
    is_near = (near.c.document_id == chunks.c.document_id) & near.c.ordinal.in_(
        [chunks.c.ordinal - 1, chunks.c.ordinal + 1]
    )
    columns = select(chunks.c.id, near.c.context, near.c.text).select_from(chunks.join(near, is_near))
    found: dict[str, list[str]] = {id_: [] for id_ in ids}
    for id_, context, text in connection.execute(columns.where(chunks.c.id.in_(ids))):
        found[id_].append(embedding_text(context, text))
    return found


def _known_ids(connection: Connection, ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for batch in batches(ids, _BATCH):
        found.update(connection.execute(select(files.c.id).where(files.c.id.in_(batch))).scalars())
    return found


def _delete_documents(connection: Connection, file_ids: Sequence[str]) -> None:
    """Chunks go with their documents by the foreign key."""
    connection.execute(delete(documents).where(documents.c.file_id.in_(file_ids)))


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


def _chunk(row: Any) -> Chunk:
    return Chunk(**{**row._mapping, "headings": tuple(json.loads(row.headings))})


def _chunk_records(connection: Connection, document_id: str) -> list[ChunkRecord]:
    rows = connection.execute(
        select(chunks).where(chunks.c.document_id == document_id).order_by(chunks.c.ordinal)
    )
    return [
        ChunkRecord(
            row.id, row.text, row.page, tuple(json.loads(row.headings)), row.context, row.content_hash
        )
        for row in rows
    ]


def _file_info(row: Row[Any]) -> FileInfo:
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
    )
