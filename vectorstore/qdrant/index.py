"""Vectors in Qdrant: a graph of neighbours on a server, all of them looked at in this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from vectorstore.base import Filter, Metadata, Place, Scored, Vectors
from vectorstore.checks import check_batch, check_dimension, check_vector
from vectorstore.engine import EngineIndex
from vectorstore.qdrant.collection import Collection, condition, id_of
from vectorstore.qdrant.database import Database

FOLDER = "vectors-qdrant"
# A number of a vector, written out.
_NUMBER_BYTES = 22
_GRAPH = {"m": 32, "ef_construct": 200}
_LOOKED_AT, _LEAST_LOOKED_AT = 4, 400


class QdrantIndex(EngineIndex):
    """A `VectorIndex` in one collection of Qdrant, with cosines.

    Args:
        place: its name is the collection's; without DOCENT_QDRANT_URL, a folder in the place's own.
        dimension: length of the vectors.

    Raises:
        BackendError: the server cannot be reached or refuses; see `vectorstore.remote`.
        EmbeddingMismatchError, CollectionBusyError, CollectionDamagedError, StorageError: see `open_index`.
    """

    # Tags have an index on a server, and the graph is walked along what fits.
    filters_fast: ClassVar[bool] = True

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

    def upsert(self, ids: Sequence[str], vectors: Vectors, metadata: Sequence[Metadata]) -> None:
        vectors = check_batch(ids, vectors, metadata, self._dimension)
        given = zip(ids, metadata, vectors, strict=True)
        self._held.upsert(
            ((id, fields, vector.tolist()) for id, fields, vector in given),
            lambda vector: _NUMBER_BYTES * len(vector),
        )

    def search(self, vector: Vectors, k: int, where: Filter | None = None) -> list[Scored]:
        vector = check_vector(vector, self._dimension)
        if k < 1 or (fits := condition(where or {})) is None:
            return []
        asked = {"query": vector.tolist(), "filter": fits, "limit": k, "params": self._params(k)}
        (found,) = self._held.search([asked])
        return [Scored(id_of(one), min(1.0, max(-1.0, float(one.score)))) for one in found]

    def get(self, ids: Sequence[str]) -> dict[str, Vectors]:
        return {id_of(one): np.asarray(one.vector, dtype=np.float32) for one in self._held.points(ids)}

    def _params(self, k: int) -> Any:
        from qdrant_client.models import SearchParams

        if self._held.database.embedded:
            return None
        return SearchParams(hnsw_ef=max(_LEAST_LOOKED_AT, _LOOKED_AT * k))

    def _define(self) -> Mapping[str, Any]:
        from qdrant_client.models import Distance, HnswConfigDiff, VectorParams

        return {
            "vectors_config": VectorParams(size=self._dimension, distance=Distance.COSINE),
            "hnsw_config": HnswConfigDiff(**_GRAPH),
        }

    def _check_dimension(self, place: Place) -> None:
        held = int(self._held.described().config.params.vectors.size)
        if self._held.database.embedded:
            check_dimension(held, self._dimension, place.folder / FOLDER)
        else:
            self._held.database.remote.check_dimension(held, self._dimension, place.folder)
