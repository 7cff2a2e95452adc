"""The catalogue's SQLite file: its transactions, its rows, and what its errors mean."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Executable,
    Row,
    Select,
    Table,
    create_engine,
    event,
    insert,
)
from sqlalchemy.exc import DatabaseError

from app.errors import CollectionDamagedError, StorageError
from ingest.batches import batches

# SQLite's older builds take 999 variables in a statement.
VARIABLES = 500

# Rows that are made from generators and sent at once.
_INSERTED = 10_000


class Database:
    """One SQLite file, used by many threads and processes.

    Raises (every method):
        StorageError: the disk is full, or the file may not be written.
        CollectionDamagedError: the file is not a sound database.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = _engine(path)

    def close(self) -> None:
        self._engine.dispose()

    def copy_to(self, path: Path) -> None:
        """Write all rows into a new file, durably."""
        with self.transaction() as connection:
            connection.exec_driver_sql("VACUUM INTO ?", (str(path),))
        with path.open("rb+") as file:
            os.fsync(file.fileno())

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All or nothing of what is written inside."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except DatabaseError as error:
            raise _explained(self._path, error) from error

    def rows(self, query: Executable) -> Sequence[Row[Any]]:
        with self.transaction() as connection:
            return connection.execute(query).all()

    def rows_among(
        self, query: Select[Any], column: ColumnElement[str], values: Iterable[str]
    ) -> list[Row[Any]]:
        """Those rows of `query` whose column has one of any number of values."""
        with self.transaction() as connection:
            return list(rows_among(connection, query, column, values))


def rows_among(
    connection: Connection, query: Select[Any], column: ColumnElement[str], values: Iterable[str]
) -> Iterator[Row[Any]]:
    for batch in batches(values, VARIABLES):
        yield from connection.execute(query.where(column.in_(batch)))


def insert_rows(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    for batch in batches(rows, _INSERTED):
        connection.execute(insert(table), batch)


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _: object) -> None:
        # FULL: after a power cut, what an index holds durably must not be unknown here.
        for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _explained(path: Path, error: DatabaseError) -> StorageError | CollectionDamagedError:
    cause = str(error.orig)
    if "malformed" in cause or "not a database" in cause:
        return CollectionDamagedError(
            f"{path} is damaged ({cause}). Delete the folder {path.parent} and index your documents anew: "
            "python -m ingest PATH"
        )
    return StorageError(
        f"{path} cannot be used ({cause}). Free space on the disk, or make the file writable."
    )
