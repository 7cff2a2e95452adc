"""A collection of Milvus: rows with an id, tags to filter by, and whatever fields an index adds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from vectorstore.base import Filter, Place, Scored
from vectorstore.milvus.database import Database, missing
from vectorstore.tags import TAG_LENGTH, parts, point, wanted

# A message may have 64 MB on a server; what is refused as too long is sent again whole.
MESSAGE_BYTES = 8_000_000
ROWS = 1000
PAGE = 10_000
MOST_HITS = 16_384
_MOST_TAGS = 1024
_LONGEST_ID = 65_535


class Collection:
    """What vectors and keywords share.

    Args:
        define: adds the fields of its own to a schema, and their indexes to the parameters.
        read_only: begins no collection.
        oldest: see `Database`.

    Raises:
        CollectionDamagedError: there is none (`read_only`); otherwise see `Database`.
    """

    def __init__(
        self,
        place: Place,
        folder: str,
        name: str,
        define: Callable[[Any, Any, bool], None],
        *,
        read_only: bool = False,
        oldest: tuple[int, int] = (2, 3),
    ) -> None:
        self._place, self._name = place, name
        if read_only and not place.settings.milvus_uri and not (place.folder / folder).is_dir():
            raise missing(place.folder / folder)
        self.database = Database(place, folder, oldest)
        self._unsettled = True  # what a process that was killed left behind is not known
        try:
            self._begin(define, read_only)
        except BaseException:
            self.close()
            raise

    def described(self) -> Mapping[str, Any]:
        """Its fields by name, with their parameters."""
        described = self.database.call("describe_collection", self._name)
        return {field["name"]: field["params"] for field in described["fields"]}

    def upsert(
        self, rows: Iterable[Mapping[str, Any]], row_bytes: Callable[[Mapping[str, Any]], int]
    ) -> None:
        for part in parts(rows, row_bytes, ROWS, MESSAGE_BYTES):
            self.database.call("upsert", self._name, part)
            self._wrote()

    def delete(self, ids: Sequence[str]) -> None:
        for condition in self._with_ids(ids):
            self.database.call("delete", self._name, filter=condition)
            self._wrote()

    def search(
        self, queries: Sequence[Any], field: str, k: int, where: Filter | None = None, **params: Any
    ) -> list[list[Scored]]:
        """For each query the k best, at most 16,384; scores as Milvus gives them."""
        if k < 1 or (condition := self.condition(where or {})) is None:
            return [[] for _ in queries]
        self._settle()
        found = self.database.call(
            "search",
            self._name,
            data=list(queries),
            anns_field=field,
            filter=condition,
            limit=min(k, MOST_HITS),
            output_fields=["id"],
            search_params={"params": params} if params else {},
            consistency_level=self.database.consistency,
        )
        return [[Scored(hit["entity"]["id"], float(hit["distance"])) for hit in hits] for hits in found]

    def rows(self, ids: Sequence[str], *fields: str) -> Iterator[Mapping[str, Any]]:
        for condition in self._with_ids(ids):
            yield from self.database.call(
                "query",
                self._name,
                filter=condition,
                output_fields=["id", *fields],
                consistency_level="Strong",
            )

    def ids(self) -> set[str]:
        self._settle()
        pages = self.database.call(
            "query_iterator",
            self._name,
            batch_size=PAGE,
            filter="",
            output_fields=["id"],
            consistency_level="Strong",
        )
        held: set[str] = set()
        while page := self.database.do(pages.next):
            held.update(row["id"] for row in page)
        pages.close()
        return held

    def count(self) -> int:
        self._settle()
        rows = self.database.call(
            "query", self._name, filter="", output_fields=["count(*)"], consistency_level="Strong"
        )
        return int(rows[0]["count(*)"])

    def close(self) -> None:
        """May be called twice."""
        self.database.close()

    def condition(self, where: Filter) -> str | None:
        """A filter in Milvus's words, "" for none; None where nothing can fit. `id` is the row's own.

        It is made of digests and UUIDs alone, so there is nothing to escape.
        """
        names = where.get("id")
        sets = wanted({key: values for key, values in where.items() if key != "id"})
        if sets is None or names == []:
            return None
        conditions = [self._any_of(one) for one in sets]
        if names is not None:
            conditions.append(_among([names] if isinstance(names, str) else names))  # type: ignore[arg-type]
        return " and ".join(conditions)

    def _any_of(self, tags: Sequence[str]) -> str:
        if self.database.embedded:  # milvus-lite looks through arrays row by row: 1.3 s for 20,000
            return "(" + " or ".join(f'tags like "%{tag}%"' for tag in tags) + ")"
        return f"ARRAY_CONTAINS_ANY(tags, [{_quoted(tags)}])"

    def tags(self, tags: Sequence[str]) -> Any:
        return " ".join(tags) if self.database.embedded else list(tags)

    def _with_ids(self, ids: Sequence[str]) -> Iterator[str]:
        for start in range(0, len(ids), ROWS):
            yield _among(ids[start : start + ROWS])

    def _begin(self, define: Callable[[Any, Any, bool], None], read_only: bool) -> None:
        if not self.database.call("has_collection", self._name):
            if read_only:
                raise (
                    missing(self.database.folder)
                    if self.database.embedded
                    else self.database.remote.gone(self._place.folder)
                )
            self._create(define)
        self.database.call("load_collection", self._name)

    def _create(self, define: Callable[[Any, Any, bool], None]) -> None:
        from pymilvus import DataType, MilvusClient

        embedded = self.database.embedded
        schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("pk", DataType.VARCHAR, is_primary=True, max_length=36)
        schema.add_field("id", DataType.VARCHAR, max_length=_LONGEST_ID)
        if embedded:
            schema.add_field("tags", DataType.VARCHAR, max_length=_LONGEST_ID)
        else:
            schema.add_field(
                "tags",
                DataType.ARRAY,
                element_type=DataType.VARCHAR,
                max_capacity=_MOST_TAGS,
                max_length=TAG_LENGTH,
            )
        indexes = MilvusClient.prepare_index_params()
        define(schema, indexes, embedded)
        self.database.call("create_collection", self._name, schema=schema, consistency_level="Strong")
        # There is nothing in it yet that had to be waited for; the client would sleep for half a second.
        self.database.call("create_index", self._name, index_params=indexes, sync=False)

    def _wrote(self) -> None:
        self.database.wrote()
        self._unsettled = True

    def _settle(self) -> None:
        """Rows that milvus-lite has not yet put in order are searched one by one, 2 s for 20,000."""
        if self.database.is_lite and self._unsettled:
            self.database.call("flush", self._name)
            self._unsettled = False


def row(id: str, tags: Any, **fields: Any) -> dict[str, Any]:
    return {"pk": point(id), "id": id, "tags": tags, **fields}


def index_params(**params: Any) -> dict[str, Any]:
    """As milvus-lite reads them too: as one value, where the client would send each by itself."""
    return {"params": {"params": params}} if params else {}


def _among(ids: Iterable[Any]) -> str:
    return f"pk in [{_quoted([point(str(id)) for id in ids])}]"


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)
