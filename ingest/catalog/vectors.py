"""Vectors that were made once, by the text's hash and the embedding model's key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from sqlalchemy import Row, delete, exists, func, select, true

from ingest.catalog.chunks import PLACED, SEEN
from ingest.catalog.database import VARIABLES, Database, insert_missing, stepping
from ingest.catalog.records import index_metadata
from ingest.catalog.tables import chunks, files, vectors
from vectorstore.base import Metadata, Vectors

_FLOAT = "<f4"
# What each of the two chunks beside one adds to its vector.
_BESIDE_SHARE = 0.3

_PLACED_VECTORS = (
    select(
        chunks.c.id,
        chunks.c.document_id,
        chunks.c.ordinal,
        chunks.c.page,
        files.c.id.label("file_id"),
        files.c.source,
        vectors.c.vector,
    )
    .select_from(PLACED.join(vectors, vectors.c.content_hash == chunks.c.content_hash))
    .where(SEEN)
    .order_by(chunks.c.document_id, chunks.c.ordinal)
)


def in_context(own: Vectors, beside: Iterable[Vectors]) -> Vectors:
    """A chunk's vector with a share of those before and after it in its document; of length 1.

    A chunk is a cut of a text that goes on: what it is about is often said just before or after.
    """
    near = list(beside)
    if not near:
        return own
    mixed = own + _BESIDE_SHARE * np.sum(near, axis=0)
    return np.asarray(mixed / np.linalg.norm(mixed), dtype=np.float32)


class VectorCache:
    """`identity` is the key of an embedding model everywhere."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, hashes: Iterable[str], identity: str) -> set[str]:
        """Those of `hashes` whose vector is cached."""
        query = select(vectors.c.content_hash).where(vectors.c.identity == identity)
        rows = self._database.rows_among(query, vectors.c.content_hash, hashes)
        return {row.content_hash for row in rows}

    def get(self, hashes: Iterable[str], identity: str) -> dict[str, Vectors]:
        query = select(vectors.c.content_hash, vectors.c.vector).where(vectors.c.identity == identity)
        rows = self._database.rows_among(query, vectors.c.content_hash, hashes)
        return {row.content_hash: np.frombuffer(row.vector, _FLOAT) for row in rows}

    def of_chunks(self, ids: Iterable[str], identity: str) -> dict[str, Vectors]:
        """Vectors as they are indexed, by the chunk's id; those that are not cached are left out."""
        near, steps = chunks.alias(), stepping(-1, 0, 1)
        is_near = (near.c.document_id == chunks.c.document_id) & (
            near.c.ordinal == chunks.c.ordinal + steps.c.step
        )
        cached = (vectors.c.content_hash == near.c.content_hash) & (vectors.c.identity == identity)
        is_own = (steps.c.step == 0).label("is_own")
        columns = select(chunks.c.id, is_own, vectors.c.vector)
        query = columns.select_from(chunks.join(steps, true()).join(near, is_near).join(vectors, cached))
        own: dict[str, Vectors] = {}
        beside: dict[str, list[Vectors]] = defaultdict(list)
        for row in self._database.rows_among(query, chunks.c.id, ids):
            vector = np.frombuffer(row.vector, _FLOAT)
            if row.is_own:
                own[row.id] = vector
            else:
                beside[row.id].append(vector)
        return {id_: in_context(vector, beside[id_]) for id_, vector in own.items()}

    def in_order(self, identity: str, size: int) -> Iterator[tuple[list[str], Vectors, list[Metadata]]]:
        """All chunks as the vector index holds them, about `size` at a time, document by document.

        Yields:
            Ids, vectors in context, and metadata. A chunk whose vector is not cached is left out: compare
            the counts.
        """
        for documents_ in self._documents_of(size):
            query = _PLACED_VECTORS.where(chunks.c.document_id.in_(documents_))
            rows = self._database.rows(query.where(vectors.c.identity == identity))
            if rows:
                yield _in_context_of(rows)

    def _documents_of(self, size: int) -> Iterator[list[str]]:
        """Ids of documents that have about so many chunks together."""
        query = select(chunks.c.document_id, func.count().label("held")).group_by(chunks.c.document_id)
        part: list[str] = []
        held = 0
        for row in self._database.rows(query.order_by(chunks.c.document_id)):
            part.append(row.document_id)
            held += row.held
            if held >= size or len(part) >= VARIABLES:
                yield part
                part, held = [], 0
        if part:
            yield part

    def save(self, hashes: Sequence[str], values: Vectors, identity: str) -> None:
        """Cache vectors, of shape (n, dimension), of n hashes; what another worker cached meanwhile stays."""
        rows = [
            {"content_hash": content_hash, "identity": identity, "vector": vector.astype(_FLOAT).tobytes()}
            # In one order everywhere, so that workers that cache the same do not wait for each other in turn.
            for content_hash, vector in sorted(zip(hashes, values, strict=True), key=lambda pair: pair[0])
        ]
        with self._database.transaction() as connection:
            insert_missing(connection, vectors, rows)

    def keep_only(self, identity: str) -> None:
        """Forget the vectors of all other models."""
        with self._database.transaction() as connection:
            connection.execute(delete(vectors).where(vectors.c.identity != identity))

    def prune(self) -> int:
        """Forget vectors of text that no chunk holds any more."""
        used = exists().where(chunks.c.content_hash == vectors.c.content_hash)
        with self._database.transaction() as connection:
            return connection.execute(delete(vectors).where(~used)).rowcount


def _in_context_of(rows: Sequence[Row[Any]]) -> tuple[list[str], Vectors, list[Metadata]]:
    """The same as `in_context` for chunks that stand in order."""
    own = np.frombuffer(b"".join(row.vector for row in rows), _FLOAT).reshape(len(rows), -1)
    follows = np.array(
        [
            (one.document_id, one.ordinal + 1) == (other.document_id, other.ordinal)
            for one, other in pairwise(rows)
        ],
        dtype=bool,
    )
    near = np.zeros_like(own)
    near[1:][follows] += own[:-1][follows]
    near[:-1][follows] += own[1:][follows]
    mixed = np.asarray(own + _BESIDE_SHARE * near, dtype=np.float32)
    mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
    alone = ~(np.append(follows, False) | np.insert(follows, 0, False))
    mixed[alone] = own[alone]
    metadata = [index_metadata(row.file_id, row.source, row.document_id, row.page) for row in rows]
    return [row.id for row in rows], mixed, list(metadata)
