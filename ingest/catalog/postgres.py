"""A catalogue in a schema of its own of a PostgreSQL database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, MetaData, Table, delete, func, insert, select, text
from sqlalchemy.schema import DropSchema

from app.database import Postgres
from app.errors import BackendRefusedError, CollectionDamagedError
from ingest.catalog.database import Database
from ingest.catalog.migrations import migrate
from ingest.catalog.tables import metadata

UNKNOWN = frozenset({"42P01", "3F000"})
"""What PostgreSQL says of a table or a schema that is not there."""

# How long whoever reads may keep a schema from being dropped; it is tried again later.
_PATIENCE = "10s"


class PostgresSchema(Database):
    """See `Database`. Safe among threads."""

    def __init__(self, url: str, schema: str) -> None:
        self.schema = schema
        self._postgres = Postgres(url)
        self.where = f"{self._postgres.address}, schema {schema}"

    def close(self) -> None:
        self._postgres.close()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        try:
            with self._postgres.transaction(self.schema) as connection:
                yield connection
        except BackendRefusedError as error:
            if error.values.get("sqlstate") not in UNKNOWN:
                raise
            raise CollectionDamagedError(
                f"The catalogue in {self.where} is not there any more: another one has taken its place. "
                "Try again.",
                **error.values,
            ) from error

    def copy_to(self, schema: str) -> None:
        """Write all rows into a new schema, all or none."""
        with self._postgres.transaction(schema) as connection:
            migrate(connection)
            for table in metadata.sorted_tables:
                _copy_table(connection, table, self.schema)
                connection.execute(text(f"ANALYZE {schema}.{table.name}"))

    def size(self) -> int:
        """Bytes on the server's disk."""
        query = text(
            "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c "
            "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = :schema AND c.relkind = 'r'"
        )
        with self.transaction() as connection:
            return int(connection.execute(query, {"schema": self.schema}).scalar_one())

    def drop(self) -> None:
        """Delete the schema with all its tables, if it is there.

        Raises:
            BackendError: the server cannot be reached, or somebody reads there; nothing was deleted.
        """
        with self._postgres.transaction() as connection:
            connection.execute(text(f"SET LOCAL lock_timeout = '{_PATIENCE}'"))
            connection.execute(DropSchema(self.schema, cascade=True, if_exists=True))


def _copy_table(connection: Connection, table: Table, schema: str) -> None:
    source = table.to_metadata(MetaData(), schema=schema)
    names = [column.name for column in table.columns]
    connection.execute(delete(table))  # what making it has noted
    connection.execute(insert(table).from_select(names, select(*(source.c[name] for name in names))))
    go_on_counting(connection, table)


def go_on_counting(connection: Connection, table: Table) -> None:
    """Let the next number that PostgreSQL gives be above those that were written."""
    key = table.autoincrement_column
    if key is None:
        return
    name = connection.dialect.identifier_preparer.format_table(
        table.to_metadata(MetaData(), schema=connection.get_execution_options()["schema_translate_map"][None])
    )
    highest = select(func.max(key)).scalar_subquery()
    connection.execute(
        select(func.setval(func.pg_get_serial_sequence(name, key.name), func.coalesce(highest, 1)))
    )
