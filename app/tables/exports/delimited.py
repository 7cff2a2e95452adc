"""CSV as spreadsheets read it: UTF-8 with a mark, and nothing in it that would be taken for a formula."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from app.tables.exports.lines import Head, Plain, Sheet, flat, line, sheets
from app.tables.paths import value_at

if TYPE_CHECKING:
    from app.language import Language
    from app.tables.model import Row
    from app.tables.table import Table

# What a spreadsheet begins a formula with, also behind blanks; documents and models are not to run any.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def write(table: Table, path: Path, language: Language) -> None:
    """A line for each row; a list of objects is JSON in its cell."""
    first, *lists = sheets(table)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([guarded(head.name) for head in (*first.heads, *(Head(one.path) for one in lists))])
        for row in table.each_row():
            writer.writerow([guarded(value) for value in (*line(first, row), *_lists(lists, row))])


def guarded(value: Plain) -> Plain:
    """A text that would be taken for a formula, with an apostrophe before it; numbers stay numbers."""
    if isinstance(value, str) and value.lstrip(" \n").startswith(_FORMULA):
        return f"'{value}"
    return value


def _lists(lists: list[Sheet], row: Row) -> list[Plain]:
    return [flat(value_at(row.data, one.path)) for one in lists]
