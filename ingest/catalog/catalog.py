"""`Catalog`: one database, and in it files, documents, chunks and cached vectors."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import func, insert, select

from app.errors import NotFoundError
from app.schemas import IngestReport
from ingest.catalog import meta
from ingest.catalog.chunks import Chunks
from ingest.catalog.database import Database
from ingest.catalog.documents import Documents
from ingest.catalog.files import Files
from ingest.catalog.migrations import migrate, version
from ingest.catalog.overview import Overview
from ingest.catalog.sqlite import SqliteFile
from ingest.catalog.tables import chunks, documents, runs
from ingest.catalog.tables import meta as meta_table
from ingest.catalog.vectors import VectorCache


class Catalog:
    """Used by many threads and processes; a process that writes holds the collection's lock.

    Args:
        database: its tables, or the SQLite file that they are in; closed with it.
        write: make the tables if they are not there.

    Attributes:
        database: its tables.
        files: the rows of files.
        documents: what files hold, to be saved and taken as a whole.
        chunks: what searching and indexing read.
        vectors: those that were made once and need not be made again.
        overview: counts and measures of all of it.

    Raises (every method, those of the parts too):
        StorageError: the disk is full or may not be written.
        BackendError: the server cannot be reached, or refuses.
        CollectionDamagedError: the file is not a sound database, or the tables are gone.
        NotFoundError: (only when it is opened for reading) there are no tables yet.
    """

    def __init__(self, database: Database | Path, *, write: bool = False) -> None:
        self.database = SqliteFile(database) if isinstance(database, Path) else database
        self.files = Files(self.database)
        self.documents = Documents(self.database)
        self.chunks = Chunks(self.database)
        self.vectors = VectorCache(self.database)
        self.overview = Overview(self.database)
        try:
            self._prepare(write)
        except BaseException:
            self.close()
            raise

    def _prepare(self, write: bool) -> None:
        with self.database.transaction() as connection:
            if write or version(connection):
                migrate(connection)
            else:
                raise NotFoundError(
                    f"Nothing is kept in {self.database.where} yet: its first run has just begun, or was "
                    "stopped at once. Try again in a moment, or start it anew: python -m ingest PATH"
                )

    def close(self) -> None:
        self.database.close()

    def meta(self) -> dict[str, str]:
        """The values that stand for the whole collection."""
        return {row.key: row.value for row in self.database.rows(select(meta_table))}

    def set_meta(self, **values: str) -> None:
        with self.database.transaction() as connection:
            meta.set_values(connection, values)

    def generation(self) -> int:
        with self.database.transaction() as connection:
            return meta.generation(connection)

    def bump(self) -> None:
        """Tell readers that something changed; every change of chunks does so by itself."""
        with self.database.transaction() as connection:
            meta.bump(connection)

    def counts(self) -> tuple[int, int]:
        """Documents and chunks."""
        both = select(
            select(func.count()).select_from(documents).scalar_subquery(),
            select(func.count()).select_from(chunks).scalar_subquery(),
        )
        with self.database.transaction() as connection:
            held, parts = connection.execute(both).one()
            return held, parts

    def save_run(self, started: datetime, report: IngestReport) -> None:
        values = {"started_at": started.isoformat(timespec="seconds"), "report": report.model_dump_json()}
        with self.database.transaction() as connection:
            connection.execute(insert(runs).values(values))

    def reports(self, limit: int) -> list[IngestReport]:
        """Of the last runs that changed something, the latest first."""
        query = select(runs.c.report).order_by(runs.c.id.desc()).limit(limit)
        return [IngestReport.model_validate_json(row.report) for row in self.database.rows(query)]
