"""A PDF that PDFium cannot open, by pypdf: slower and plainer, and forgiving where a file is broken."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ingest.loaders.pdf.document import Content, Page, metadata, own_title, page_labels
from ingest.loaders.pdf.line import Line

if TYPE_CHECKING:
    from pypdf import PdfReader

_SIZE, _LINE = 10.0, 13.0


def content(path: Path) -> Content | None:
    """The text of a file's pages; None where pypdf finds none either."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(path, strict=False)
        if reader.is_encrypted:
            return None
        pages = [Page(_lines(text), shows=True) for text in _texts(reader)]
        said = {name.removeprefix("/"): str(value) for name, value in (reader.metadata or {}).items()}
        labels = page_labels(reader.page_labels)
    except (PyPdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
        return None  # what a parser meets in ruins
    if not any(page.lines for page in pages):
        return None
    return Content(own_title(said.get("Title", "")), pages, labels=labels, metadata=metadata(said))


def _texts(reader: PdfReader) -> list[str]:
    return [page.extract_text() for page in reader.pages]


def _lines(text: str) -> list[Line]:
    return [
        Line(line.strip(), line.endswith(" "), 72.0, -_LINE * number, -_LINE * number, _SIZE, bold=False)
        for number, line in enumerate(text.splitlines())
        if line.strip()
    ]
