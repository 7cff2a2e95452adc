"""A collection of Qdrant: points with any string for an id, tags to filter by, and the vector of an index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from app.errors import BackendRefusedError
from vectorstore.base import Filter, Metadata, Place
from vectorstore.qdrant.database import Database
from vectorstore.tags import parts, point, tags, wanted

# A request may have 32 MB on a server; numbers are written out in it.
REQUEST_BYTES = 8_000_000
POINTS = 1000
PAGE = 10_000
_ID, _TAGS = "id", "tags"


class Collection:
    """What vectors and keywords share.

    Args:
        define: the parameters of a collection that is made now.
        read_only: begins no collection.

    Raises:
        CollectionDamagedError: there is none (`read_only`); otherwise see `Database`.
    """

    def __init__(
        self,
        place: Place,
        folder: str,
        name: str,
        define: Callable[[], Mapping[str, Any]],
        *,
        read_only: bool = False,
    ) -> None:
        self._place, self._name = place, name
        self.database = Database(place, folder)
        try:
            self._begin(define, read_only)
        except BaseException:
            self.close()
            raise

    def described(self) -> Any:
        """Qdrant's own description."""
        return self.database.call("get_collection", self._name)

    def note(self, notes: Mapping[str, Any]) -> None:
        """Keep notes with the collection."""
        self.database.call("update_collection", self._name, metadata=dict(notes))

    def upsert(self, points: Iterable[tuple[str, Metadata, Any]], vector_bytes: Callable[[Any], int]) -> None:
        """
        Args:
            points: ids, metadata and vectors.
            vector_bytes: how long a vector is in a request.
        """
        from qdrant_client.models import PointStruct

        made = (
            PointStruct(id=point(id), vector=vector, payload={_ID: id, _TAGS: tags(metadata)})
            for id, metadata, vector in points
        )
        for part in parts(made, lambda one: 500 + vector_bytes(one.vector), POINTS, REQUEST_BYTES):
            self.database.write("upsert", self._name, points=part)

    def delete(self, ids: Sequence[str]) -> None:
        from qdrant_client.models import PointIdsList

        for part in _pages(ids):
            selector = PointIdsList(points=[point(id) for id in part])
            self.database.write("delete", self._name, points_selector=selector)

    def search(self, requests: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
        """For each request the points that Qdrant finds, best first."""
        from qdrant_client.models import QueryRequest

        asked = [QueryRequest(with_payload=[_ID], **one) for one in requests]
        found = self.database.call("query_batch_points", self._name, requests=asked)
        return [one.points for one in found]

    def points(self, ids: Sequence[str]) -> Iterator[Any]:
        """Those that are there, with their vectors."""
        for part in _pages(ids):
            yield from self.database.call(
                "retrieve", self._name, [point(id) for id in part], with_payload=[_ID], with_vectors=True
            )

    def ids(self) -> set[str]:
        held: set[str] = set()
        offset = None
        while True:
            page, offset = self.database.call(
                "scroll", self._name, limit=PAGE, offset=offset, with_payload=[_ID], with_vectors=False
            )
            held.update(map(id_of, page))
            if offset is None:
                return held

    def count(self) -> int:
        return int(self.database.call("count", self._name, exact=True).count)

    def close(self) -> None:
        """May be called twice."""
        self.database.close()

    def _begin(self, define: Callable[[], Mapping[str, Any]], read_only: bool) -> None:
        if self.database.call("collection_exists", self._name):
            return
        if read_only:
            raise self.database.gone()
        try:
            self.database.call("create_collection", self._name, **define(), **self._spread())
        except BackendRefusedError:  # another writer was first, or the answer to a first try was lost
            if not self.database.call("collection_exists", self._name):
                raise
        if not self.database.embedded:
            self.database.write("create_payload_index", self._name, field_name=_TAGS, field_schema="keyword")

    def _spread(self) -> dict[str, Any]:
        settings = self._place.settings
        given = {"shard_number": settings.qdrant_shards, "replication_factor": settings.qdrant_replicas}
        return {name: value for name, value in given.items() if value is not None}


def condition(where: Filter) -> Any:
    """A filter in Qdrant's words; None where nothing can fit. `id` is the point's own."""
    from qdrant_client import models

    names = where.get(_ID)
    sets = wanted({key: values for key, values in where.items() if key != _ID})
    if sets is None or names == []:
        return None
    must: list[Any] = [models.FieldCondition(key=_TAGS, match=models.MatchAny(any=one)) for one in sets]
    if names is not None:
        given = [names] if isinstance(names, str) else names
        must.append(models.HasIdCondition(has_id=[point(str(id)) for id in given]))  # type: ignore[union-attr]
    return models.Filter(must=must)


def id_of(found: Any) -> str:
    """The id that we gave to a point."""
    return str(found.payload[_ID])


def _pages(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), POINTS):
        yield ids[start : start + POINTS]
