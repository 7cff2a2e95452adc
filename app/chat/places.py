"""How people name the place that a passage is from, and its age: the same words in every skin."""

from __future__ import annotations

from datetime import date
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from app.language import Language

if TYPE_CHECKING:
    from app.schemas import Chunk, Citation

_UNITS = {
    **dict.fromkeys((".pptx", ".pptm", ".ppsx", ".potx", ".ppt", ".odp"), "slide"),
    **dict.fromkeys((".xlsx", ".xlsm", ".xltx", ".xls", ".ods", ".csv", ".tsv"), "row"),
}
"""Suffix of a file -> what its pages or lines are called, where that is another word."""

# Unit -> its words for one and for several.
_WORDS: dict[Language, dict[str, tuple[str, str]]] = {
    "en": {
        "page": ("p. {}", "p. {}"),
        "slide": ("slide {}", "slides {}"),
        "row": ("row {}", "rows {}"),
        "line": ("line {}", "lines {}"),
    },
    "ko": {
        "page": ("{}쪽", "{}쪽"),
        "slide": ("슬라이드 {}", "슬라이드 {}"),
        "row": ("{}행", "{}행"),
        "line": ("{}줄", "{}줄"),
    },
}
_AGES: dict[Language, dict[str, tuple[str, str]]] = {
    "en": {"year": ("1 year old", "{} years old"), "month": ("1 month old", "{} months old")},
    "ko": {"year": ("1년 전", "{}년 전"), "month": ("1개월 전", "{}개월 전")},
}
_MONTH_DAYS, _YEAR_DAYS = 30.44, 365.25


def named(of: Chunk | Citation, language: Language) -> str:
    """The file, the part of it that is a document of its own, and the place: "mails.zip · lee.eml, p. 3"."""
    name = f"{of.source} · {of.record_id}" if of.record_id else of.source
    within = place(of, language)
    return f"{name}, {within}" if within else name


def place(of: Chunk | Citation, language: Language) -> str:
    """Where in its file a passage stands: "p. 3–4", "slide 3", "Budget › rows 12–40"; "" if that is unknown.

    Printed page numbers ("p. iv") go before counted ones. A sheet is named with its rows.
    """
    unit = _UNITS.get(_suffix(of), "")
    if of.lines and unit != "slide":
        rows = _said(unit or "line", of.lines, language)
        return f"{of.headings[0]} › {rows}" if unit and of.headings else rows
    if not of.page:
        return ""
    name = unit if unit == "slide" else "page"
    if of.page_label:
        return _WORDS[language][name]["–" in of.page_label].format(of.page_label)
    return _said(name, (of.page, of.page_end or of.page), language)


def age(modified: str, today: date, language: Language) -> str:
    """How old a source of this day (2024-03-02) is, in whole years or months; "" below a month."""
    days = (today - date.fromisoformat(modified)).days
    for unit, length in (("year", _YEAR_DAYS), ("month", _MONTH_DAYS)):
        count = int(days / length)
        if count >= 1:
            one, several = _AGES[language][unit]
            return one if count == 1 else several.format(count)
    return ""


def _suffix(of: Chunk | Citation) -> str:
    """Of the file itself, or of the member of an archive, or of the attachment."""
    inner = PurePosixPath(of.record_id or "").suffix.lower()
    return inner if inner in _UNITS else PurePosixPath(of.source).suffix.lower()


def _said(unit: str, span: tuple[int, int], language: Language) -> str:
    first, last = span
    one, several = _WORDS[language][unit]
    return one.format(first) if first == last else several.format(f"{first}–{last}")
