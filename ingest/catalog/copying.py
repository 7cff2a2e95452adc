"""Many rows at once into a table of PostgreSQL: COPY, in its binary form."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Float, Integer, LargeBinary, Table

from ingest.catalog.database import schema_of

# The first that fits; everything else is text.
_TYPES = {BigInteger: "int8", Integer: "int4", Float: "float8", LargeBinary: "bytea"}


def copy_rows(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Write any number of rows, all with the same keys."""
    from psycopg import sql

    iterator = iter(rows)
    first = next(iterator, None)
    if first is None:
        return
    names = list(first)
    target = sql.Identifier(*filter(None, (schema_of(connection), table.name)))
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(target, columns)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types([_type(table.c[name]) for name in names])
        for row in chain((first,), iterator):
            copy.write_row([storable(row[name]) for name in names])


def storable(value: Any) -> Any:
    """PostgreSQL's texts cannot hold a NUL, which broken files do."""
    return value.replace("\0", "") if isinstance(value, str) else value


def _type(column: Column[Any]) -> str:
    return next((name for kind, name in _TYPES.items() if isinstance(column.type, kind)), "text")
