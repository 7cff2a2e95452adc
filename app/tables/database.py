"""A table's SQLite file: its own tables, its transactions, and what its errors mean."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
)
from sqlalchemy.exc import DatabaseError

from app.errors import StorageError

metadata = MetaData()

meta = Table("meta", metadata, Column("key", String, primary_key=True), Column("value", Text, nullable=False))

documents = Table(
    "documents",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("source", Text, nullable=False),
    Column("record_id", Text),
    Column("title", Text, nullable=False),
    Column("place", Integer, nullable=False),
    Column("state", String(64), nullable=False),
    Column("basis", String(64), nullable=False),
    Column("status", String, nullable=False),
    Column("error", Text, nullable=False),
    Column("seconds", Float, nullable=False),
    Index("ix_documents_place", "source", "place"),
)

rows = Table(
    "rows",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("document_id", ForeignKey("documents.id", ondelete="CASCADE"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("data", Text, nullable=False),  # JSON, as the filler gave it
    Column("kept", Boolean, nullable=False, default=False),
    Index("ix_rows_document", "document_id", "ordinal"),
)

# A number of a cell is never given to another one: links to it may be kept.
cells = Table(
    "cells",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("row_id", ForeignKey("rows.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("path", Text, nullable=False),
    Column("evidence", Text, nullable=False),  # a FieldEvidence as JSON
    sqlite_autoincrement=True,
)

edits = Table(
    "edits",
    metadata,
    Column("row_id", ForeignKey("rows.id", ondelete="CASCADE"), primary_key=True),
    Column("path", Text, primary_key=True),
    Column("value", Text, nullable=False),  # JSON, as are the next two
    Column("was", Text, nullable=False),
    Column("found", Text, nullable=False),
    Column("conflict", Boolean, nullable=False),
    Column("at", String, nullable=False),
)


class Database:
    """One SQLite file, used by many threads and processes; readers go on while it is written.

    Raises (every method):
        StorageError: the disk is full, or the file may not be written, or is no database.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = _engine(path)

    def close(self) -> None:
        self._engine.dispose()

    def create(self) -> None:
        """Make what is not there yet."""
        with self.writing() as connection:
            metadata.create_all(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One state of all of it, whatever is written meanwhile."""
        with self._explained(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """All or nothing of what is written inside; others wait for their turn."""
        with self._explained(), self._engine.connect() as plain:
            connection = plain.execution_options(writes=True)
            with connection.begin():
                yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except DatabaseError as error:
            raise StorageError(
                f"The table {self._path} cannot be used ({error.orig}). Free space on the disk, make it "
                "writable, or delete it and make the table anew: docent extract --rebuild"
            ) from error


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # transactions begin below
        # NORMAL: nothing of an ended process is lost. A power cut may cost the last documents, which the next
        # run then asks again; waiting for the disk at each of them would cost more.
        for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # Who reads first and writes then must be the only one that does.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
