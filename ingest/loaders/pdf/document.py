"""A PDF file as PDFium has it: lines, outline, labels, what it says of itself, which pages are pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from ctypes import byref, c_float
from dataclasses import dataclass, field
from typing import Any

from ingest.loaders.base import one_line
from ingest.loaders.metadata import Metadata, collect
from ingest.loaders.pdf.layout import Outline, outline_key
from ingest.loaders.pdf.line import Line
from ingest.loaders.pdf.lines import TextPage
from ingest.loaders.pdf.unseen import Hidden

_MACHINE_TITLE = re.compile(
    r"(?i)^(microsoft \w+ - |untitled|제목 없음|.*\.(docx?|hwpx?|pptx?|xlsx?|od[tsp]|pdf|indd|tex)$|\W*$)"
)
_DATE = re.compile(r"D:(\d{4})(\d\d)(\d\d)")
_LONGEST_LABEL = 32
_DEEPEST_OUTLINE = 6
_MOST_OUTLINED = 20_000

# A page with fewer letters may be a scan below a stamp or a fax line ...
FEW_LETTERS = 100
# ... if pictures cover this much of it.
_COVERED = 0.5
# A text layer is of no use if this share of it is not letters, digits, signs or blanks of any script.
_DIRTY = 0.3
_MOST_LOOKED_AT = 500
_DIRT = re.compile("[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f]")


@dataclass(slots=True)
class Page:
    """Attributes:
    lines: with tables as one line each.
    shows: whether anything is on it.
    picture: whether its text, if any, is better taken from how it looks.
    hidden: what stands on it and nobody sees.
    """

    lines: list[Line]
    shows: bool = False
    picture: bool = False
    hidden: list[Hidden] = field(default_factory=list)


@dataclass(slots=True)
class Content:
    """What a file holds.

    Attributes:
        title: as the file says; empty if a program said it.
        labels: of the pages as printed; empty where these are the numbers from 1.
    """

    title: str
    pages: list[Page]
    outline: Outline = field(default_factory=dict)
    labels: Sequence[str] = ()
    metadata: Metadata = field(default_factory=dict)


def content(document: Any) -> Content:
    """Read an open document of pypdfium2."""
    said: Mapping[str, str] = document.get_metadata_dict()
    return Content(
        own_title(said.get("Title", "")),
        [_page(document, number) for number in range(len(document))],
        _outline(document),
        page_labels([document.get_page_label(number) for number in range(len(document))]),
        metadata(said),
    )


def own_title(title: str) -> str:
    title = one_line(title)
    return "" if _MACHINE_TITLE.match(title) else title


def page_labels(labels: Sequence[str]) -> Sequence[str]:
    numbers = [str(number) for number in range(1, len(labels) + 1)]
    shown = [
        one_line(label)[:_LONGEST_LABEL] or number for label, number in zip(labels, numbers, strict=True)
    ]
    return () if shown == numbers else shown


def metadata(said: Mapping[str, str]) -> Metadata:
    """Author, date of the last change (else of the first), subject and keywords of the file's information."""
    date = _DATE.match(said.get("ModDate", "")) or _DATE.match(said.get("CreationDate", ""))
    return collect(
        [
            ("author", _listed(said.get("Author", ""), ";")),
            ("date", "-".join(date.groups()) if date else ""),
            ("subject", said.get("Subject", "")),
            ("tags", _listed(said.get("Keywords", ""), ";,")),
        ]
    )


def _listed(text: str, marks: str) -> list[str]:
    return [part.strip() for part in re.split(f"[{marks}]", text)]


def _outline(document: Any) -> dict[int, dict[str, int]]:
    outline: dict[int, dict[str, int]] = {}
    for count, entry in enumerate(document.get_toc(max_depth=_DEEPEST_OUTLINE)):
        destination = entry.get_dest()
        index = destination.get_index() if destination else None
        if index is not None and (title := outline_key(entry.get_title())):
            outline.setdefault(index, {})[title] = entry.level + 1
        if count >= _MOST_OUTLINED:
            break
    return outline


def _page(document: Any, number: int) -> Page:
    """One page; if PDFium cannot load it, one that shows something that is not text."""
    import pypdfium2

    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return Page([], shows=True)
    text_page = page.get_textpage()
    try:
        text = TextPage(page, text_page)
        lines = text.lines()
        letters = sum(map(str.isalnum, text.text[: 10 * FEW_LETTERS]))
        few = letters < FEW_LETTERS
        dirty = len(_DIRT.findall(text.text)) > _DIRTY * len(text.text)
        covered = _covered(page) if few else 0.0
        shows = not few or bool(lines) or _objects(page) > 0
        picture = shows and (letters == 0 or dirty or (few and covered >= _COVERED))
        return Page(lines, shows, picture, text.hidden)
    finally:
        text_page.close()
        page.close()


def _objects(page: Any) -> int:
    import pypdfium2.raw as pdfium

    return int(pdfium.FPDFPage_CountObjects(page.raw))


def _covered(page: Any) -> float:
    """The share of the page that its largest picture covers."""
    import pypdfium2.raw as pdfium

    left, bottom, right, top = c_float(), c_float(), c_float(), c_float()
    width, height = page.get_size()
    largest = 0.0
    for index in range(min(_objects(page), _MOST_LOOKED_AT)):
        part = pdfium.FPDFPage_GetObject(page.raw, index)
        if pdfium.FPDFPageObj_GetType(part) in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM):
            pdfium.FPDFPageObj_GetBounds(part, byref(left), byref(bottom), byref(right), byref(top))
            area = (right.value - left.value) * (top.value - bottom.value)
            largest = max(largest, area / max(width * height, 1.0))
    return largest
