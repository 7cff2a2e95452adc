"""pgvector: vectors in a table of PostgreSQL, compared one by one while few, then searched by HNSW."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from app.errors import BackendRefusedError, CollectionDamagedError, DocentError
from vectorstore.base import Filter, Metadata, Place, Scored, Vectors
from vectorstore.checks import check_batch, check_vector, members
from vectorstore.postgres import (
    Server,
    condition,
    is_there,
    locked,
    original,
    sorted_ids,
    stored,
    table,
)
from vectorstore.tags import tags

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.sql import SQL, Composed

KIND = "vectors"
GRAPH = "vectors_graph"
OLDEST = (0, 8)
"""Of the extension: the first that searches on where a filter leaves too few."""
# The graph takes a millisecond or more a row to keep, and an exact search 1 ms for a thousand rows: it pays
# from here on. As many rows as pass a filter are compared one by one, too.
GRAPH_FROM = 10_000
_FEW = 20_000
_GRAPH = "m = 24, ef_construction = 200"
# Dimensions that a graph takes, by type.
_GRAPH_LIMIT = {"vector": 2000, "halfvec": 4000}
_PLAIN_BYTES = 4000  # at least two rows on a page of 8 KB
_MOST_BUILD_BYTES = 2 << 30
_IDS_AT_ONCE = 20_000
# A graph that does not fit in memory while it is built takes ten times as long.
_MEMORY = """
SELECT set_config('maintenance_work_mem', greatest(
    pg_size_bytes(current_setting('maintenance_work_mem')),
    least(%s, (pg_relation_size(%s) * 1.5)::bigint)
) / 1024 || 'kB', true)
"""

_logger = logging.getLogger(__name__)


class PgvectorIndex:
    """A `VectorIndex` in one table: `id`, `vector`, and `tags`, the metadata as texts.

    Args:
        place: the table is named after it.
        dimension: length of the vectors.

    Raises:
        EmbeddingMismatchError: the table holds vectors of another dimension.
        BackendRefusedError: the extension is missing or too old; the message holds the SQL to run.
        ConfigurationError, MissingExtraError, BackendUnavailableError: see `Server`.
    """

    filters_fast: ClassVar[bool] = True

    @staticmethod
    def many_writers(place: Place) -> bool:
        return True

    @staticmethod
    def exists(place: Place) -> bool:
        server = Server(place)
        try:
            return server.run(lambda connection: is_there(connection, place, KIND))
        finally:
            server.close()

    @staticmethod
    def drop(place: Place) -> None:
        from psycopg.sql import SQL

        server = Server(place)
        try:
            server.run(
                lambda connection: connection.execute(
                    SQL("DROP TABLE IF EXISTS {}").format(table(place, KIND))
                )
            )
        finally:
            server.close()

    def __init__(self, place: Place, dimension: int) -> None:
        self._place, self._dimension = place, dimension
        self._server = Server(place)
        self._ef_search = place.settings.pgvector_ef_search
        self._table = table(place, KIND)
        self._grown = False
        try:
            self._type = self._server.run(self._begin)
            self._form = _form_of(self._type, dimension)
        except BaseException:
            self._server.close()
            raise

    def upsert(self, ids: Sequence[str], vectors: Vectors, metadata: Sequence[Metadata]) -> None:
        vectors = check_batch(ids, vectors, metadata, self._dimension)
        rows = list(zip(map(stored, ids), vectors, map(tags, metadata), strict=True))
        if rows:
            self._server.run(lambda connection: self._write(connection, rows))
            self._grown = True

    def delete(self, ids: Sequence[str]) -> None:
        # Locked in order: what DELETE meets on its own way may be locked the other way round by another.
        statement = self._sql(
            "WITH gone AS (SELECT id FROM {table} WHERE id = ANY(%s) ORDER BY id FOR UPDATE) "
            "DELETE FROM {table} USING gone WHERE {table}.id = gone.id"
        )
        self._server.run(lambda connection: connection.execute(statement, [sorted_ids(ids)]))

    def search(self, vector: Vectors, k: int, where: Filter | None = None) -> list[Scored]:
        vector = check_vector(vector, self._dimension)
        if k < 1 or any(not members(wanted) for wanted in (where or {}).values()):
            return []
        found = self._server.run(
            lambda connection: self._search(connection, vector, k, where), **self._effort(k)
        )
        scored = [Scored(original(id), _cosine(distance)) for id, distance in found]
        return sorted(scored, key=lambda each: (-each.score, each.id))

    def get(self, ids: Sequence[str]) -> dict[str, Vectors]:
        statement = self._sql("SELECT id, vector_send(vector::vector) FROM {table} WHERE id = ANY(%s)")
        rows = self._server.run(
            lambda connection: connection.execute(statement, [sorted_ids(ids)], binary=True).fetchall()
        )
        # Two numbers of two bytes come first: the dimension, and one that is not used.
        return {
            original(id): np.frombuffer(data, dtype=">f4", offset=4).astype(np.float32) for id, data in rows
        }

    def ids(self) -> set[str]:
        return self._server.run(self._ids)

    def count(self) -> int:
        statement = self._sql("SELECT count(*) FROM {table}")
        row = self._server.run(lambda connection: connection.execute(statement).fetchone())
        return int(row[0]) if row else 0

    def close(self) -> None:
        """Build the graph where rows were written and there are now enough. May be called twice."""
        if self._grown:
            self._grown = False
            try:
                self._build_graph()
            except DocentError as error:
                _logger.warning("The graph of %s was not built; searches are slower: %s", KIND, error)
        self._server.close()

    # -- the table ---------------------------------------------------------------------------------

    def _begin(self, connection: Connection[Any]) -> str:
        """Make the extension and the table where they are missing; the type of the vectors."""
        _require_extension(connection, self._server)
        if not is_there(connection, self._place, KIND):
            locked(connection, self._place.name)
            self._create(connection)
        row = connection.execute(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute "
            "WHERE attrelid = to_regclass(%s) AND attname = 'vector'",
            [self._table.as_string(connection)],
        ).fetchone()
        made = re.search(r"(vector|halfvec)\((\d+)\)$", row[0]) if row else None
        if made is None:
            raise CollectionDamagedError(f"The table {self._place.name}_{KIND} is not one of vectors.")
        self._server.remote.check_dimension(int(made[2]), self._dimension, self._place.folder)
        return made[1]

    def _create(self, connection: Connection[Any]) -> None:
        kind = self._place.settings.pgvector_type
        connection.execute(
            self._sql(
                'CREATE TABLE IF NOT EXISTS {table} (id text COLLATE "C" PRIMARY KEY, '
                "vector {type} NOT NULL, tags text[] NOT NULL)",
                type=f"{kind}({self._dimension})",
            )
        )
        if self._dimension * (4 if kind == "vector" else 2) <= _PLAIN_BYTES:
            # Within the row: elsewhere, every comparison would have to fetch it.
            connection.execute(self._sql("ALTER TABLE {table} ALTER vector SET STORAGE PLAIN"))
        connection.execute(self._sql("CREATE INDEX IF NOT EXISTS {tags_index} ON {table} USING gin (tags)"))

    def _write(self, connection: Connection[Any], rows: list[tuple[str, Vectors, list[str]]]) -> None:
        from pgvector.psycopg.vector import register_vector_info
        from psycopg.types import TypeInfo

        register_vector_info(connection, TypeInfo.fetch(connection, "vector"))
        connection.execute(
            'CREATE TEMPORARY TABLE incoming (id text COLLATE "C", vector vector, tags text[]) ON COMMIT DROP'
        )
        with connection.cursor().copy("COPY incoming FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["text", "vector", "text[]"])
            for row in rows:
                copy.write_row(row)
        connection.execute(
            self._sql(
                "INSERT INTO {table} SELECT * FROM incoming ORDER BY id "
                "ON CONFLICT (id) DO UPDATE SET vector = excluded.vector, tags = excluded.tags"
            )
        )

    def _ids(self, connection: Connection[Any]) -> set[str]:
        with connection.cursor(name="ids") as cursor:
            cursor.itersize = _IDS_AT_ONCE
            return {original(id) for (id,) in cursor.execute(self._sql("SELECT id FROM {table}"))}

    # -- searching ---------------------------------------------------------------------------------

    def _search(
        self, connection: Connection[Any], vector: Vectors, k: int, where: Filter | None
    ) -> list[tuple[str, float]]:
        if where and self._few(connection, where):
            return self._nearest(connection, vector, k, where, exact=True)
        found = self._nearest(connection, vector, k, where, exact=False)
        # The graph is left where it has been walked for long: what it did not reach is looked through.
        return found if len(found) == k else self._nearest(connection, vector, k, where, exact=True)

    def _few(self, connection: Connection[Any], where: Filter) -> bool:
        fits, wanted = condition(where)
        counted = self._sql(
            "SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {fits} LIMIT {most}) AS few",
            fits=fits,
            most=str(_FEW + 1),
        )
        row = connection.execute(counted, wanted).fetchone()
        return row is not None and row[0] <= _FEW

    def _nearest(
        self, connection: Connection[Any], vector: Vectors, k: int, where: Filter | None, *, exact: bool
    ) -> list[tuple[str, float]]:
        """Ids with distances; the graph serves what is sorted by exactly the expression that it holds."""
        fits, wanted = condition(where)
        form = self._form
        order = (
            f"(vector <=> %(asked)s::{self._type}) + 0"
            if exact
            else f"{form.column} <=> %(asked)s::{form.type}"
        )
        statement = self._sql(
            "WITH near AS MATERIALIZED "
            "(SELECT id, vector FROM {table} WHERE {fits} ORDER BY {order} LIMIT %(k)s) "
            "SELECT id, vector::vector <=> %(asked)s::vector FROM near",
            fits=fits,
            order=order,
        )
        text = "[" + ",".join(map(str, vector.tolist())) + "]"
        return connection.execute(statement, wanted | {"asked": text, "k": k}).fetchall()

    def _effort(self, k: int) -> dict[str, str | int]:
        return {
            "hnsw__ef_search": min(1000, max(self._ef_search, k)),
            "hnsw__iterative_scan": "relaxed_order",
            "hnsw__max_scan_tuples": max(_FEW, 4 * k),
        }

    # -- the graph ---------------------------------------------------------------------------------

    def _build_graph(self) -> None:
        """One transaction; other writers wait meanwhile, readers do not. Whoever comes second leaves it."""
        if self._form.operators and self.count() >= GRAPH_FROM:
            self._server.run_long(self._build)

    def _build(self, connection: Connection[Any]) -> None:
        there = is_there(connection, self._place, GRAPH)
        if there or not locked(connection, f"{self._place.name} {GRAPH}", wait=False):
            return
        connection.execute(_MEMORY, [_MOST_BUILD_BYTES, self._table.as_string(connection)])
        connection.execute(
            self._sql(
                "CREATE INDEX {graph} ON {table} USING hnsw ({column} {operators}) WITH ({options})",
                column=f"({self._form.column})",
                operators=self._form.operators,
                options=_GRAPH,
            )
        )
        connection.execute(self._sql("ANALYZE {table}"))

    def _sql(self, text: str, **parts: str | SQL) -> Composed:
        """A statement about the table; `parts` are of our own making."""
        from psycopg.sql import SQL

        given = {name: part if isinstance(part, SQL) else SQL(part) for name, part in parts.items()}
        names = {"tags_index": table(self._place, f"{KIND}_tags"), "graph": table(self._place, GRAPH)}
        return SQL(text).format(table=self._table, **names, **given)


class _Form(NamedTuple):
    """What the graph is made over.

    Attributes:
        column: the expression, of this type.
        operators: "" where no graph takes so many dimensions.
    """

    column: str
    type: str
    operators: str


def _form_of(held: str, dimension: int) -> _Form:
    """In half precision a graph takes twice as many dimensions; the vectors themselves rank what it finds."""
    for kind, most in _GRAPH_LIMIT.items():
        if dimension <= most and kind in (held, "halfvec"):
            exact = f"{kind}({dimension})"
            return _Form("vector" if kind == held else f"vector::{exact}", exact, f"{kind}_cosine_ops")
    return _Form("vector", held, "")


def _cosine(distance: float) -> float:
    """A vector of length 0 has no cosine."""
    return 0.0 if math.isnan(distance) else min(1.0, max(-1.0, 1.0 - distance))


def _require_extension(connection: Connection[Any], server: Server) -> None:
    version = _extension(connection)
    if version is None:
        _create_extension(connection, server)
        version = _extension(connection) or ""
    if tuple(map(int, re.findall(r"\d+", version)[:2])) < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        raise BackendRefusedError(
            f"{server.remote.named}: its pgvector is {version}, Docent needs {wanted} or later. "
            "Install a newer one on the server, then run in this database: ALTER EXTENSION vector UPDATE;"
        )


def _extension(connection: Connection[Any]) -> str | None:
    row = connection.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'").fetchone()
    return row[0] if row else None


def _create_extension(connection: Connection[Any], server: Server) -> None:
    from psycopg.errors import FeatureNotSupported, InsufficientPrivilege, UndefinedFile

    locked(connection, "docent pgvector")  # two that make it at once collide
    try:
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
    except InsufficientPrivilege as error:
        raise BackendRefusedError(
            f"{server.remote.named}: the extension pgvector is not there, and this user may not make it. "
            "Let a superuser run in this database: CREATE EXTENSION vector;"
        ) from error
    except (FeatureNotSupported, UndefinedFile) as error:
        raise BackendRefusedError(
            f"{server.remote.named}: pgvector is not installed on the server. Install it there (Debian: "
            "postgresql-NN-pgvector; image pgvector/pgvector), then run in this database: "
            "CREATE EXTENSION vector;"
        ) from error
