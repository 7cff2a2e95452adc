"""Where the tables of a catalogue are: their transactions and their rows, whatever the database."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Integer,
    Row,
    Select,
    Subquery,
    Table,
    Text,
    any_,
    insert,
    literal,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY

from ingest.batches import batches

# SQLite's older builds take 999 variables in a statement.
VARIABLES = 500
# PostgreSQL takes them as one array.
_IN_ARRAY = 20_000

# Rows that are made from generators and sent at once, and those that are in memory when all are read.
_INSERTED = 10_000
_READ = 10_000


class Database(ABC):
    """The tables of one catalogue, used by many threads and processes.

    Raises (every method):
        StorageError: its disk is full or may not be written.
        BackendError: its server cannot be reached, or refuses.
        CollectionDamagedError: it is not a sound database, or the tables are gone.

    Attributes:
        where: it is, for messages.
    """

    where: str

    @abstractmethod
    def transaction(self) -> AbstractContextManager[Connection]:
        """All or nothing of what is written inside."""

    @abstractmethod
    def close(self) -> None:
        """May be called twice."""

    def rows(self, query: Executable) -> Sequence[Row[Any]]:
        with self.transaction() as connection:
            return connection.execute(query).all()

    def each(self, query: Executable) -> Iterator[Row[Any]]:
        """The same for very many: some at a time, until the last was taken."""
        with self.transaction() as connection:
            yield from streamed(connection, query)

    def rows_among(
        self, query: Select[Any], column: ColumnElement[str], values: Iterable[str]
    ) -> list[Row[Any]]:
        """Those rows of `query` whose column has one of any number of values."""
        with self.transaction() as connection:
            return list(rows_among(connection, query, column, values))


def streamed(connection: Connection, query: Executable) -> Iterator[Row[Any]]:
    """Rows in parts, by a cursor of the server where there is one."""
    yield from connection.execute(query, execution_options={"yield_per": _READ})


def rows_among(
    connection: Connection, query: Select[Any], column: ColumnElement[str], values: Iterable[str]
) -> Iterator[Row[Any]]:
    for is_one in among(connection, column, values):
        yield from connection.execute(query.where(is_one))


def among(
    connection: Connection, column: ColumnElement[str], values: Iterable[str]
) -> Iterator[ColumnElement[bool]]:
    """Conditions that together say: the column has one of any number of values."""
    if connection.dialect.name == "postgresql":
        for batch in batches(values, _IN_ARRAY):
            yield column == any_(literal(batch, ARRAY(Text)))
    else:
        for batch in batches(values, VARIABLES):
            yield column.in_(batch)


def insert_rows(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Any number of rows, all with the same keys."""
    if connection.dialect.name == "postgresql":
        from ingest.catalog.copying import copy_rows

        copy_rows(connection, table, rows)
        return
    for batch in batches(rows, _INSERTED):
        connection.execute(insert(table), batch)


def insert_missing(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Rows, but for those whose key is there already."""
    insert_ = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert
    for batch in batches(rows, _INSERTED):
        connection.execute(insert_(table).on_conflict_do_nothing(), batch)


def stepping(*steps: int) -> Subquery:
    """A table of these numbers, `step`: what stands so far from a row is then found by equality.

    A range, or a choice of places, lets PostgreSQL compare each row with all of its document.
    """
    first, *rest = (select(literal(step, Integer).label("step")) for step in steps)
    return first.union_all(*rest).subquery()


def schema_of(connection: Connection) -> str | None:
    """The schema that the tables are in; None where the database is theirs alone."""
    known = connection.get_execution_options().get("schema_translate_map") or {}
    return known.get(None)
