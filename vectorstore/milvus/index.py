"""Vectors in Milvus: a graph of neighbours on a server, all of them looked at in milvus-lite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from vectorstore.base import Filter, Metadata, Place, Scored, Vectors
from vectorstore.checks import check_batch, check_dimension, check_vector
from vectorstore.engine import EngineIndex
from vectorstore.milvus.collection import MOST_HITS, Collection, index_params, row
from vectorstore.milvus.database import Database
from vectorstore.tags import tags

FOLDER = "vectors-milvus"
# Of 20,000 vectors of 384 dimensions the first ten are found to .99 with these.
_GRAPH = {"M": 32, "efConstruction": 200}
_LOOKED_AT, _LEAST_LOOKED_AT = 4, 400


class MilvusIndex(EngineIndex):
    """A `VectorIndex` in one collection of Milvus, with cosines.

    Args:
        place: its name is the collection's; without DOCENT_MILVUS_URI, a folder in the place's own.
        dimension: length of the vectors.

    Raises:
        BackendError: the server cannot be reached or refuses; see `vectorstore.remote`.
        EmbeddingMismatchError, CollectionBusyError, CollectionDamagedError, StorageError: see `open_index`.
    """

    engine = Database
    folder = FOLDER
    _held: Collection

    def __init__(self, place: Place, dimension: int) -> None:
        self._dimension = dimension
        self._held = Collection(place, FOLDER, place.name, self._define)
        try:
            self._check_dimension(place)
        except BaseException:
            self.close()
            raise

    @property
    def filters_fast(self) -> bool:
        """On a server tags have an index; milvus-lite compares all of them, 40 ms for 20,000."""
        return not self._held.database.embedded

    def upsert(self, ids: Sequence[str], vectors: Vectors, metadata: Sequence[Metadata]) -> None:
        vectors = check_batch(ids, vectors, metadata, self._dimension)
        given = zip(ids, vectors, metadata, strict=True)
        self._held.upsert(
            (row(id, self._held.tags(tags(fields)), vector=vector) for id, vector, fields in given),
            lambda each: 4 * self._dimension + 30 * len(each["tags"]) + 4 * len(each["id"]),
        )

    def search(self, vector: Vectors, k: int, where: Filter | None = None) -> list[Scored]:
        vector = check_vector(vector, self._dimension)
        wide = (
            {}
            if self._held.database.embedded
            else {"ef": max(_LEAST_LOOKED_AT, _LOOKED_AT * min(k, MOST_HITS // 2))}
        )
        (found,) = self._held.search([vector], "vector", k, where, **wide)
        return [Scored(hit.id, min(1.0, max(-1.0, hit.score))) for hit in found]

    def get(self, ids: Sequence[str]) -> dict[str, Vectors]:
        return {
            held["id"]: np.asarray(held["vector"], dtype=np.float32)
            for held in self._held.rows(ids, "vector")
        }

    def _define(self, schema: Any, indexes: Any, embedded: bool) -> None:
        from pymilvus import DataType

        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=self._dimension)
        if embedded:  # exact, and there in a tenth of the time that a graph takes
            indexes.add_index("vector", index_type="FLAT", metric_type="COSINE")
        else:
            indexes.add_index("vector", index_type="HNSW", metric_type="COSINE", **index_params(**_GRAPH))

    def _check_dimension(self, place: Place) -> None:
        held = int(self._held.described()["vector"]["dim"])
        if self._held.database.embedded:
            check_dimension(held, self._dimension, place.folder / FOLDER)
        else:
            self._held.database.remote.check_dimension(held, self._dimension, place.folder)
