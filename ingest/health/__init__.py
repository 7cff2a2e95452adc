"""The health of a collection: what it holds, what could not be read, what is there twice, what was slow."""

from __future__ import annotations

from ingest.health.examine import health
from ingest.health.model import (
    Alike,
    DatedFile,
    FileType,
    Fit,
    Health,
    LargeFile,
    LastRun,
    Sizes,
    SlowFile,
    Suspicious,
    TextlessFile,
)

__all__ = [
    "Alike",
    "DatedFile",
    "FileType",
    "Fit",
    "Health",
    "LargeFile",
    "LastRun",
    "Sizes",
    "SlowFile",
    "Suspicious",
    "TextlessFile",
    "health",
]
