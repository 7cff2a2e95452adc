"""All rows of one catalogue into another, in parts, so that it can be gone on with; and both compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

from sqlalchemy import Column, Connection, Row, Table, func, select, tuple_

from ingest.batches import batches
from ingest.catalog.catalog import Catalog
from ingest.catalog.copying import storable
from ingest.catalog.database import Database, insert_rows
from ingest.catalog.postgres import go_on_counting
from ingest.catalog.tables import meta, metadata

TABLES: tuple[Table, ...] = tuple(table for table in metadata.sorted_tables if table is not meta)
"""What is copied, in an order that foreign keys allow; the values of `meta` are for the caller to choose."""

# Rows that are written at once: of vectors, some megabytes.
_PART = 5_000

Tell = Callable[[str, int, int], None]
"""Is told what is done with which table, how many of its rows, and of how many."""


def copy_rows_of(source: Catalog, target: Catalog, tell: Tell) -> None:
    """Add what the target lacks, which holds nothing else; stopped anywhere, it goes on from there."""
    for table in TABLES:
        total = _count(source.database, table)
        done = _count(target.database, table)
        tell(f"copy {table.name}", done, total)
        for part in batches(_rows_after(source.database, table, _last(target.database, table)), _PART):
            with target.database.transaction() as connection:
                insert_rows(connection, table, (dict(row._mapping) for row in part))
            done += len(part)
            tell(f"copy {table.name}", done, total)
        with target.database.transaction() as connection:
            if connection.dialect.name == "postgresql":
                go_on_counting(connection, table)


def fingerprint(catalog: Catalog, tell: Tell) -> dict[str, tuple[int, str]]:
    """Table -> how many rows, and a hash of all that they hold; equal wherever they are kept."""
    return {table.name: _fingerprint(catalog.database, table, tell) for table in TABLES}


def _fingerprint(database: Database, table: Table, tell: Tell) -> tuple[int, str]:
    state, count, total = sha256(), 0, _count(database, table)
    for row in _rows_after(database, table, None):
        state.update(repr(tuple(storable(value) for value in row)).encode())
        count += 1
        if count % _PART == 0:
            tell(f"compare {table.name}", count, total)
    return count, state.hexdigest()


def _rows_after(database: Database, table: Table, last: Row[Any] | None) -> Iterator[Row[Any]]:
    """In the order of their keys, which both databases sort alike."""
    query = select(table).order_by(*_keys(table))
    if last is not None:
        query = query.where(tuple_(*_keys(table)) > tuple_(*last))
    return database.each(query)


def _last(database: Database, table: Table) -> Row[Any] | None:
    query = select(*_keys(table)).order_by(*(key.desc() for key in _keys(table))).limit(1)
    return next(iter(database.rows(query)), None)


def _count(database: Database, table: Table) -> int:
    with database.transaction() as connection:
        return _counted(connection, table)


def _counted(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _keys(table: Table) -> list[Column[Any]]:
    return list(table.primary_key.columns)
