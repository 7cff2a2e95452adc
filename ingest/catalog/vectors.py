"""Vectors that were made once, by the text's hash and the embedding model's key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from sqlalchemy import delete, exists, select

from ingest.catalog.database import Database, insert_rows
from ingest.catalog.tables import chunks, vectors
from vectorstore.base import Vectors

_FLOAT = "<f4"


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
        """Vectors by the chunk's id; those that are not cached are left out."""
        joined = chunks.join(vectors, chunks.c.content_hash == vectors.c.content_hash)
        query = select(chunks.c.id, vectors.c.vector).select_from(joined)
        rows = self._database.rows_among(query.where(vectors.c.identity == identity), chunks.c.id, ids)
        return {row.id: np.frombuffer(row.vector, _FLOAT) for row in rows}

    def save(self, hashes: Sequence[str], values: Vectors, identity: str) -> None:
        """Cache vectors, of shape (n, dimension), whose n hashes are not known yet."""
        rows = [
            {"content_hash": content_hash, "identity": identity, "vector": vector.astype(_FLOAT).tobytes()}
            for content_hash, vector in zip(hashes, values, strict=True)
        ]
        with self._database.transaction() as connection:
            insert_rows(connection, vectors, rows)

    def prune(self) -> int:
        """Forget vectors of text that no chunk holds any more."""
        used = exists().where(chunks.c.content_hash == vectors.c.content_hash)
        with self._database.transaction() as connection:
            return connection.execute(delete(vectors).where(~used)).rowcount
