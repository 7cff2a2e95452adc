"""PDF: text with page numbers by pypdfium2; headings from the outline or the type; furniture left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from app.errors import DocumentError
from ingest.loaders.base import SourceDocument, one_line, title_from_name
from ingest.loaders.pdf.layout import Line, document_blocks, key, page_title
from ingest.loaders.pdf.lines import TextPage

# PDFium's C library must not run in two threads of a process at once.
_pdfium = Lock()

_WRONG_PASSWORD, _UNKNOWN_SECURITY = 4, 5
_MACHINE_TITLE = re.compile(
    r"(?i)^(microsoft \w+ - |untitled|제목 없음|.*\.(docx?|hwpx?|pptx?|xlsx?|pdf|indd|tex)$|\W*$)"
)


@dataclass(slots=True)
class _Content:
    """What was taken from the file before it was closed."""

    title: str
    pages: list[list[Line]] = field(default_factory=list)
    outline: dict[int, dict[str, int]] = field(default_factory=dict)


def read(path: Path) -> Iterator[SourceDocument]:
    with _pdfium:
        content = _extract(path)
    if not any(content.pages):
        raise DocumentError(
            f"{path.name} has no text on any of its {len(content.pages)} pages (a scan?): "
            "run it through text recognition (OCR) and save it as a searchable PDF."
        )
    title = content.title or page_title(content.pages) or title_from_name(path)
    yield SourceDocument(title, document_blocks(content.pages, content.outline), pages=len(content.pages))


def _extract(path: Path) -> _Content:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise _unreadable(path, error) from None
    try:
        title = one_line(document.get_metadata_dict().get("Title", ""))
        content = _Content("" if _MACHINE_TITLE.match(title) else title)
        content.pages.extend(_lines(document, number) for number in range(len(document)))
        content.outline = _outline(document)
        return content
    finally:
        document.close()


def _unreadable(path: Path, error: Any) -> DocumentError:
    if getattr(error, "err_code", None) in (_WRONG_PASSWORD, _UNKNOWN_SECURITY):
        return DocumentError(
            f"{path.name} is encrypted; remove the password (open it, then save it without one)."
        )
    return DocumentError(
        f"{path.name} is broken or not a PDF ({error}): export it anew from where it was made."
    )


def _outline(document: Any) -> dict[int, dict[str, int]]:
    """Page index -> title in lower case without blanks -> level from 1."""
    outline: dict[int, dict[str, int]] = {}
    for entry in document.get_toc(max_depth=6):
        destination = entry.get_dest()
        index = destination.get_index() if destination else None
        if index is not None and (title := key(entry.get_title())):
            outline.setdefault(index, {})[title] = entry.level + 1
    return outline


def _lines(document: Any, number: int) -> list[Line]:
    """The lines of a page; of a page that PDFium cannot load, none."""
    import pypdfium2

    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return []
    text_page = page.get_textpage()
    try:
        return TextPage(page, text_page).lines()
    finally:
        text_page.close()
        page.close()
