"""What a look at a whole collection reads of its catalogue: counted by the database where it can."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Integer, func, literal, select

from app.schemas import FileStatus, IngestReport, Origin
from ingest.catalog.database import Database
from ingest.catalog.files import textless_pages
from ingest.catalog.records import suspicions_from
from ingest.catalog.tables import chunks, documents, files, runs
from ingest.changes import day_of
from ingest.suspicion import Finding


class FileFacts(NamedTuple):
    """A file as the overview knows it.

    Attributes:
        day: of its last change, such as 2024-03-02: as its document says, else as the file system does.
    """

    id: str
    path: str
    source: str
    sha256: str
    size: int
    status: FileStatus
    error: str | None
    pages: int
    textless_pages: tuple[int, ...]
    read_seconds: float | None
    day: str | None


class Lengths(NamedTuple):
    """How many chunks have a length of `bin` times the step, in characters, and how long all of these are."""

    bin: int
    chunks: int
    characters: int
    shortest: int
    longest: int


class Sketch(NamedTuple):
    """A document's sketch, and what it is called: its file and, of several in one file, its record."""

    file_id: str
    record_id: str | None
    sketch: bytes


class Marked(NamedTuple):
    """A chunk that holds suspicious text; see `ingest.suspicion`."""

    file_id: str
    page: int | None
    text: str
    suspicions: tuple[Finding, ...]


class Run(NamedTuple):
    """A run that changed something; `started_at` is ISO 8601, UTC."""

    started_at: str
    report: IngestReport


class Overview:
    def __init__(self, database: Database) -> None:
        self._database = database

    def files(self) -> list[FileFacts]:
        """In the order of their shown paths."""
        dated = select(documents.c.file_id, func.max(documents.c.dated).label("dated"))
        known = dated.group_by(documents.c.file_id).subquery()
        query = select(files, known.c.dated).outerjoin(known, known.c.file_id == files.c.id)
        return [
            FileFacts(
                row.id,
                row.path,
                row.source,
                row.sha256,
                row.size,
                FileStatus(row.status),
                row.error,
                row.pages or 0,
                textless_pages(row),
                row.read_seconds,
                day_of(Origin(row.path, row.size, row.mtime_ns, row.dated)),
            )
            for row in self._database.rows(query.order_by(files.c.source, files.c.path))
        ]

    def lengths(self, step: int) -> list[Lengths]:
        """The lengths of all chunks in characters, without title and headings; the shortest first."""
        length = func.length(chunks.c.text, type_=Integer)  # whole numbers are divided as such
        bin_ = (length // literal(step)).label("bin")
        columns = (bin_, func.count(), func.sum(length), func.min(length), func.max(length))
        return [
            Lengths._make(row) for row in self._database.rows(select(*columns).group_by(bin_).order_by(bin_))
        ]

    def sketches(self) -> list[Sketch]:
        """Of the documents that are long enough to be compared, always in the same order."""
        query = select(documents.c.file_id, documents.c.record_id, documents.c.sketch)
        query = query.where(func.length(documents.c.sketch) > 0).order_by(documents.c.id)
        return [Sketch._make(row) for row in self._database.rows(query)]

    def marked(self, limit: int) -> list[Marked]:
        """Chunks with something suspicious in them, those that readers do not see first."""
        query = (
            select(documents.c.file_id, chunks.c.page, chunks.c.text, chunks.c.suspicions)
            .join(documents, chunks.c.document_id == documents.c.id)
            .where(chunks.c.suspicions.is_not(None))
            .order_by(chunks.c.suspicions.not_like('%"hidden%'), documents.c.file_id, chunks.c.ordinal)
            .limit(limit)
        )
        return [
            Marked(row.file_id, row.page, row.text, suspicions_from(row.suspicions))
            for row in self._database.rows(query)
        ]

    def count_marked(self) -> tuple[int, int]:
        """How many chunks hold something suspicious, and in how many files."""
        query = (
            select(func.count().label("passages"), func.count(documents.c.file_id.distinct()).label("files"))
            .select_from(chunks.join(documents, chunks.c.document_id == documents.c.id))
            .where(chunks.c.suspicions.is_not(None))
        )
        row = self._database.rows(query)[0]
        return row.passages, row.files

    def last_run(self) -> Run | None:
        """The latest that changed something."""
        query = select(runs).order_by(runs.c.id.desc()).limit(1)
        found = self._database.rows(query)
        return Run(found[0].started_at, IngestReport.model_validate_json(found[0].report)) if found else None
