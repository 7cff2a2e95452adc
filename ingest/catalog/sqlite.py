"""A catalogue in a file of its own: SQLite in WAL mode, and what its errors mean."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError

from app.errors import CollectionDamagedError, StorageError
from ingest.catalog.database import Database


class SqliteFile(Database):
    """See `Database`."""

    def __init__(self, path: Path) -> None:
        self.where = str(path.parent)
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
        try:
            with self._engine.begin() as connection:
                yield connection
        except DatabaseError as error:
            raise _explained(self._path, error) from error


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
