"""PDF: text with page numbers by pypdfium2; tables, headings, scanned pages; furniture left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from app.errors import DocumentError
from ingest.loaders.base import Block, SourceDocument, title_from_name
from ingest.loaders.ocr import tesseract, why_not
from ingest.loaders.options import read_options
from ingest.loaders.pdf import fallback
from ingest.loaders.pdf.document import Content, Page, content
from ingest.loaders.pdf.layout import document_blocks, page_title
from ingest.loaders.pdf.scans import recognise

# PDFium's C library must not run in two threads of a process at once.
_pdfium = Lock()

_WRONG_PASSWORD, _UNKNOWN_SECURITY = 4, 5


def read(path: Path) -> Iterator[SourceDocument]:
    found = _content(path)
    textless = [number for number, page in enumerate(found.pages, 1) if page.shows and not page.lines]
    hidden = [
        Block(text, page=number, hidden=way)
        for number, page in enumerate(found.pages, 1)
        for way, text in page.hidden
    ]
    if not (hidden or any(page.lines for page in found.pages)):
        raise _without_text(path, found.pages)
    lines = [page.lines for page in found.pages]
    yield SourceDocument(
        found.title or page_title(lines) or title_from_name(path),
        [*document_blocks(lines, found.outline), *hidden],
        pages=len(lines),
        page_labels=found.labels,
        metadata=found.metadata,
        textless_pages=textless,
    )


def _content(path: Path) -> Content:
    import pypdfium2

    try:
        with _pdfium:
            document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        encrypted = getattr(error, "err_code", None) in (_WRONG_PASSWORD, _UNKNOWN_SECURITY)
        if found := None if encrypted else fallback.content(path):
            return found
        raise _unreadable(path, error, encrypted) from None
    try:
        with _pdfium:
            found = content(document)
        if (wanted := _pictures(found.pages)) and (ocr := tesseract()):
            recognise(document, found.pages, wanted, ocr, _pdfium)
        return found
    finally:
        with _pdfium:
            document.close()


def _pictures(pages: Sequence[Page]) -> list[int]:
    """The pages, by index, whose text is to be recognised."""
    all_of_them = read_options().ocr == "on"
    return [index for index, page in enumerate(pages) if page.picture or (all_of_them and page.shows)]


def _unreadable(path: Path, error: Any, encrypted: bool) -> DocumentError:
    if encrypted:
        return DocumentError(
            f"{path.name} is encrypted; remove the password (open it, then save it without one)."
        )
    return DocumentError(
        f"{path.name} is broken or not a PDF ({error}): export it anew from where it was made."
    )


def _without_text(path: Path, pages: Sequence[Page]) -> DocumentError:
    if not any(page.shows for page in pages):
        cure = "its pages are empty: fill it, or remove it"
    elif tesseract():
        cure = "text recognition (OCR) found none either: scan it anew, larger and straight"
    else:
        cure = f"it is a scan: {why_not()}"
    return DocumentError(f"{path.name} has no text on any of its {len(pages)} pages; {cure}.")
