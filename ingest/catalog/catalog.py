"""`Catalog`: one SQLite file, and in it files, documents, chunks and cached vectors."""

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
from ingest.catalog.tables import chunks, documents, runs
from ingest.catalog.tables import meta as meta_table
from ingest.catalog.vectors import VectorCache


class Catalog:
    """Used by many threads and processes; a process that writes holds the collection's lock.

    Attributes:
        files: the rows of files.
        documents: what files hold, to be saved and taken as a whole.
        chunks: what searching and indexing read.
        vectors: those that were made once and need not be made again.
        overview: counts and measures of all of it.

    Raises (every method, those of the parts too):
        StorageError: the disk is full, or the file may not be written.
        CollectionDamagedError: the file is not a sound database.
        NotFoundError: (only when it is opened for reading) there are no tables yet.
    """

    def __init__(self, path: Path, *, write: bool = False) -> None:
        self._database = Database(path)
        self.files = Files(self._database)
        self.documents = Documents(self._database)
        self.chunks = Chunks(self._database)
        self.vectors = VectorCache(self._database)
        self.overview = Overview(self._database)
        try:
            self._prepare(path, write)
        except BaseException:
            self.close()
            raise

    def _prepare(self, path: Path, write: bool) -> None:
        with self._database.transaction() as connection:
            if write or version(connection):
                migrate(connection)
            else:
                raise NotFoundError(
                    f"Nothing is kept in {path.parent} yet: its first run has just begun, or was stopped at "
                    "once. Try again in a moment, or start it anew: python -m ingest PATH"
                )

    def close(self) -> None:
        self._database.close()

    def copy_to(self, path: Path) -> None:
        """Write all of it into a new file, which is on the disk when this returns.

        Raises:
            StorageError: the disk is full, or the file may not be written.
        """
        self._database.copy_to(path)

    def meta(self) -> dict[str, str]:
        """The values that stand for the whole collection."""
        return {row.key: row.value for row in self._database.rows(select(meta_table))}

    def set_meta(self, **values: str) -> None:
        with self._database.transaction() as connection:
            meta.set_values(connection, values)

    def generation(self) -> int:
        with self._database.transaction() as connection:
            return meta.generation(connection)

    def bump(self) -> None:
        """Tell readers that something changed; every change of chunks does so by itself."""
        with self._database.transaction() as connection:
            meta.bump(connection)

    def counts(self) -> tuple[int, int]:
        """Documents and chunks."""
        both = select(
            select(func.count()).select_from(documents).scalar_subquery(),
            select(func.count()).select_from(chunks).scalar_subquery(),
        )
        with self._database.transaction() as connection:
            held, parts = connection.execute(both).one()
            return held, parts

    def save_run(self, started: datetime, report: IngestReport) -> None:
        values = {"started_at": started.isoformat(timespec="seconds"), "report": report.model_dump_json()}
        with self._database.transaction() as connection:
            connection.execute(insert(runs).values(values))

    def reports(self, limit: int) -> list[IngestReport]:
        """Of the last runs that changed something, the latest first."""
        query = select(runs.c.report).order_by(runs.c.id.desc()).limit(limit)
        return [IngestReport.model_validate_json(row.report) for row in self._database.rows(query)]
