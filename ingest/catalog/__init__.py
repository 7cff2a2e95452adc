"""The catalogue of a collection: files, documents, chunks and cached vectors. What it says is true."""

from __future__ import annotations

from ingest.catalog.catalog import Catalog
from ingest.catalog.overview import FileFacts, Lengths, Marked, Run, Sketch
from ingest.catalog.records import (
    INDEX_FIELDS,
    ChunkRecord,
    DocumentName,
    DocumentRecord,
    DocumentState,
    Entry,
    FileContent,
    FileRecord,
)
from ingest.catalog.vectors import in_context

__all__ = [
    "INDEX_FIELDS",
    "Catalog",
    "ChunkRecord",
    "DocumentName",
    "DocumentRecord",
    "DocumentState",
    "Entry",
    "FileContent",
    "FileFacts",
    "FileRecord",
    "Lengths",
    "Marked",
    "Run",
    "Sketch",
    "in_context",
]
