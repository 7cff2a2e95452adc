"""Plain text: paragraphs between blank lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingest.loaders.base import SourceDocument, paragraphs, title_from_name
from ingest.loaders.encoding import read_text


def read(path: Path) -> Iterator[SourceDocument]:
    yield SourceDocument(title_from_name(path), list(paragraphs(read_text(path))))
