"""`ChromaIndex`: an approximate search whose vectors lie on disk, here or on a server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, ClassVar, ParamSpec, Protocol, TypeVar

import numpy as np

from vectorstore.base import Filter, Metadata, Place, Scored, Value, Vectors
from vectorstore.checks import check_batch, check_vector, members
from vectorstore.chroma.embedded import Embedded
from vectorstore.chroma.server import Server

P = ParamSpec("P")
T = TypeVar("T")

NO_METADATA = {"_": True}
PAGE = 10_000


class Home(Protocol):
    """Where the collection of Chroma is: what differs between a folder and a server."""

    def exists(self) -> bool: ...

    def drop(self) -> None: ...

    def open(self, dimension: int) -> Any:
        """The collection of Chroma, made if it is not there, after its dimension was compared."""
        ...

    def rows(self, dimension: int) -> int:
        """How many rows may be sent or fetched at once."""
        ...

    def call(self, request: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the request gives; what it raises as Docent's errors."""
        ...

    def close(self) -> None: ...


class ChromaIndex:
    """A `VectorIndex` in one Chroma collection with cosine distance.

    Args:
        place: a server where the settings name one, else a folder in its folder.
        dimension: length of the vectors.

    Raises:
        EmbeddingMismatchError, CollectionDamagedError, StorageError, BackendError: see `open_index`.
    """

    # It collects all ids that fit from its own SQLite file and walks the graph past all others: 0.1 to 1 s
    # at 100,000 vectors.
    filters_fast: ClassVar[bool] = False

    @staticmethod
    def many_writers(place: Place) -> bool:
        return bool(place.settings.chroma_url)

    @staticmethod
    def exists(place: Place) -> bool:
        return _home(place).exists()

    @staticmethod
    def drop(place: Place) -> None:
        _home(place).drop()

    def __init__(self, place: Place, dimension: int) -> None:
        self._dimension = dimension
        self._home = _home(place)
        self._collection = self._home.open(dimension)
        self._rows = self._home.rows(dimension)

    def upsert(self, ids: Sequence[str], vectors: Vectors, metadata: Sequence[Metadata]) -> None:
        vectors = check_batch(ids, vectors, metadata, self._dimension)
        for start in range(0, len(ids), self._rows):
            part = slice(start, start + self._rows)
            self._home.call(
                self._collection.upsert,
                ids=list(ids[part]),
                embeddings=vectors[part],
                metadatas=self._replacing(ids[part], metadata[part]),
            )

    def delete(self, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), self._rows):
            self._home.call(self._collection.delete, ids=list(ids[start : start + self._rows]))

    def search(self, vector: Vectors, k: int, where: Filter | None = None) -> list[Scored]:
        vector = check_vector(vector, self._dimension)
        if k < 1 or any(not members(wanted) for wanted in (where or {}).values()):
            return []
        found = self._home.call(
            self._collection.query,
            query_embeddings=vector[None],
            n_results=k,
            where=_condition(where),
            include=["distances"],
        )
        ids, distances = found["ids"][0], (found["distances"] or [[]])[0]
        return [
            Scored(id, min(1.0, max(-1.0, 1.0 - distance)))
            for id, distance in zip(ids, distances, strict=True)
        ]

    def get(self, ids: Sequence[str]) -> dict[str, Vectors]:
        found: dict[str, Vectors] = {}
        for start in range(0, len(ids), self._rows):
            part = list(ids[start : start + self._rows])
            page = self._home.call(self._collection.get, ids=part, include=["embeddings"])
            vectors = np.asarray(page["embeddings"], dtype=np.float32)
            found.update(zip(page["ids"], vectors, strict=True))
        return found

    def ids(self) -> set[str]:
        held: set[str] = set()
        for start in count(step=PAGE):
            page = self._home.call(self._collection.get, include=[], limit=PAGE, offset=start)["ids"]
            held.update(page)
            if len(page) < PAGE:
                return held
        raise AssertionError  # count() has no end

    def count(self) -> int:
        return int(self._home.call(self._collection.count))

    def close(self) -> None:
        self._home.close()

    def _replacing(self, ids: Sequence[str], metadata: Sequence[Metadata]) -> list[Any]:
        """The metadata with None for fields that go: Chroma merges what is new into what is there."""
        held = self._home.call(self._collection.get, ids=list(ids), include=["metadatas"])
        stale = {
            id: dict.fromkeys(old)
            for id, old in zip(held["ids"], held["metadatas"] or [], strict=True)
            if old
        }
        return [
            {**stale.get(id, {}), **(each or NO_METADATA)} for id, each in zip(ids, metadata, strict=True)
        ]


def _home(place: Place) -> Home:
    return Server(place) if place.settings.chroma_url else Embedded(place)


def _condition(where: Filter | None) -> dict[str, Any] | None:
    """Docent's filter in Chroma's words; `$in` takes values of one type only."""
    fields = [{"$or": _membership(key, members(wanted))} for key, wanted in (where or {}).items()]
    plain = [field["$or"][0] if len(field["$or"]) == 1 else field for field in fields]
    if len(plain) > 1:
        return {"$and": plain}
    return plain[0] if plain else None


def _membership(key: str, values: Sequence[Value]) -> list[dict[str, Any]]:
    kinds: dict[type, list[Value]] = {}
    for value in values:
        kinds.setdefault(type(value), []).append(value)
    return [{key: {"$in": list(same)}} for same in kinds.values()]
