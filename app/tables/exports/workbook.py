"""A workbook of Excel: typed cells with evidence as comments, lists on sheets of their own, conflicts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.tables.conflicts import conflicts
from app.tables.exports.lines import Head, Plain, Sheet, flat, inner_lines, line, remark, sheets
from app.tables.paths import value_at

if TYPE_CHECKING:
    from app.language import Language
    from app.tables.model import Row
    from app.tables.table import Table

_LONGEST_CELL, _LONGEST_COMMENT, _LONGEST_TITLE = 32_000, 2_000, 31
_LARGEST_NUMBER = 10**15  # from here on a spreadsheet rounds; such a number is an account or an id
_FIRST_YEAR = 1901
_NOT_IN_CELLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\']+")
_WIDTHS = {"date": 12, "integer": 10, "number": 14, "money": 16, "boolean": 8}
_NUMBERS = {"money": "#,##0.##", "number": "General", "integer": "0"}
_TITLES: dict[Language, dict[str, str]] = {
    "en": {name: name for name in ("about", "field", "value", "evidence")} | {"conflicts": "Conflicts"},
    "ko": {"conflicts": "충돌", "about": "대상", "field": "항목", "value": "값", "evidence": "근거"},
}


def write(table: Table, path: Path, language: Language) -> None:
    """A sheet of rows, one for each list of objects, and one of conflicts where there are some."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    first, *lists = sheets(table)
    titles: list[str] = []
    made = [
        _sheet(book, _title(table.plan.title(language), titles), first.heads),
        *(_sheet(book, _title(one.path, titles), one.heads) for one in lists),
    ]
    for number, row in enumerate(table.each_row(), 1):
        made[0].append(_cells(made[0], first, row, line(first, row), "", language))
        for target, one in zip(made[1:], lists, strict=True):
            for at, values in inner_lines(one, row, number):
                target.append(_cells(target, one, row, values, f"{at}.", language))
    _conflicts(book, table, titles, language)
    book.save(path)


def _sheet(book: Any, title: str, heads: Sequence[Head]) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    sheet.freeze_panes = "B2"
    for number, head in enumerate(heads, 1):
        kind = head.column.field.kind if head.column else ""
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTHS.get(kind, 24)
    names = [WriteOnlyCell(sheet, _clean(head.name)) for head in heads]
    for cell in names:
        cell.data_type, cell.font = "s", Font(bold=True)
    sheet.append(names)
    return sheet


def _cells(
    sheet: Any, of: Sheet, row: Row, values: Sequence[Plain], above: str, language: Language
) -> Iterator[Any]:
    for head, value in zip(of.heads, values, strict=True):
        told = remark(row, f"{above}{head.column.path}", language) if head.column else ""
        yield _cell(sheet, value, head.column.field.kind if head.column else "", told)


def _cell(sheet: Any, value: Plain, kind: str = "", told: str = "") -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.comments import Comment

    value = _fitting(value)
    cell = WriteOnlyCell(sheet, _clean(value) if isinstance(value, str) else value)
    if isinstance(value, str):
        cell.data_type = "s"  # a text that begins like a formula is none
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    elif value is not None:
        cell.number_format = _NUMBERS.get(kind, "General")
    if told:
        cell.comment = Comment(_clean(told)[:_LONGEST_COMMENT], "Docent", height=120, width=320)
    return cell


def _conflicts(book: Any, table: Table, titles: list[str], language: Language) -> None:
    found = conflicts(table)
    if not found:
        return
    say = _TITLES[language]
    heads = [Head(say[name]) for name in ("about", "field", "value", "evidence")]
    sheet = _sheet(book, _title(say["conflicts"], titles), heads)
    for one in found:
        for row in map(table.row, one.values):
            told = remark(row, one.path, language) or row.document.source
            values = (one.key, one.path, flat(value_at(row.data, one.path)), told)
            sheet.append([_cell(sheet, value) for value in values])


def _fitting(value: Plain) -> Plain:
    """What a spreadsheet cannot hold as a number or a day, as text."""
    if isinstance(value, date) and value.year < _FIRST_YEAR:
        return value.isoformat()
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number and not abs(float(str(value))) < _LARGEST_NUMBER else value


def _clean(text: str) -> str:
    return _NOT_IN_CELLS.sub("\N{REPLACEMENT CHARACTER}", text)[:_LONGEST_CELL]


def _title(wanted: str, taken: list[str]) -> str:
    """A name for a sheet that Excel takes, and no other has."""
    plain = _clean(_NOT_IN_TITLES.sub(" ", wanted)).strip()[:_LONGEST_TITLE] or "Table"
    title, number = plain, 2
    while title.casefold() in taken:
        end = f" {number}"
        title, number = plain[: _LONGEST_TITLE - len(end)] + end, number + 1
    taken.append(title.casefold())
    return title
