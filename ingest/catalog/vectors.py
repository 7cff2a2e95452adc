"""Vectors that were made once, by the text's hash and the embedding model's key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from sqlalchemy import delete, exists, select, true

from ingest.catalog.database import Database, insert_missing, stepping
from ingest.catalog.tables import chunks, vectors
from vectorstore.base import Vectors

_FLOAT = "<f4"
# What each of the two chunks beside one adds to its vector.
_BESIDE_SHARE = 0.3


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
