"""The XML of OpenDocument: words of paragraphs, items of lists, rows of tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.loaders.base import one_line
from ingest.loaders.office import local_name
from ingest.loaders.sheet import Cells, Merge

# What stands in a paragraph and is none of its words.
APART = {"frame", "custom-shape", "text-box", "rect", "ellipse", "note"}
SKIPPED = {
    "tracked-changes",
    "annotation",
    "annotation-end",
    "ruby-text",
    "sequence-decls",
    "forms",
    "note-citation",
}
MAX_COLUMNS = 16384
_BLANKS = {"tab": "\t", "line-break": "\n"}
_MAX_NESTING = 40

# A row with text that is said to repeat; more of them is an attempt to fill the memory.
_MAX_REPEATED_ROWS = 1000


def attribute(node: Any, name: str) -> str:
    """An attribute by its local name; the namespaces of ODF give each only once."""
    return next((value for key, value in node.attrib.items() if key.rpartition("}")[2] == name), "")


def words(node: Any) -> str:
    parts = [node.text or ""]
    for child in node.iterchildren():
        name = local_name(child)
        if name == "s":
            count = attribute(child, "c")
            parts.append(" " * (min(int(count), 100) if count.isdigit() else 1))
        elif name in _BLANKS:
            parts.append(_BLANKS[name])
        elif name and name not in SKIPPED and name not in APART:
            parts.append(words(child))
        parts.append(child.tail or "")
    return "".join(parts)


def inner_text(node: Any) -> str:
    """All paragraphs below a node as one line."""
    return one_line(" ".join(words(child) for child in node.iter() if local_name(child) in ("p", "h")))


def list_items(node: Any, level: int) -> Iterator[tuple[Any, int]]:
    """Paragraphs and headings of a list with their depth."""
    for item in node.iterchildren():
        for child in item.iterchildren():
            if local_name(child) in ("p", "h"):
                yield child, level
            elif local_name(child) == "list" and level < _MAX_NESTING:
                yield from list_items(child, level + 1)


# -- tables ------------------------------------------------------------------------------------------


def table_rows(table: Any) -> Iterator[tuple[int, Cells, list[Merge]]]:
    """Number from 1, texts by column, and the merges that begin in the row."""
    number = 1
    for row in _own_rows(table):
        cells, merges = _cells(row, number)
        count = _count(row, "number-rows-repeated")
        if cells:
            for copy in range(min(count, _MAX_REPEATED_ROWS)):
                yield number + copy, cells, merges if not copy else []
        number += count


def _own_rows(node: Any) -> Iterator[Any]:
    for child in node.iterchildren():
        name = local_name(child)
        if name == "table-row":
            yield child
        elif name in ("table-header-rows", "table-rows", "table-row-group"):
            yield from _own_rows(child)


def _cells(row: Any, number: int) -> tuple[Cells, list[Merge]]:
    cells: Cells = {}
    merges: list[Merge] = []
    column = 0
    for cell in row.iterchildren():
        if local_name(cell) not in ("table-cell", "covered-table-cell") or column > MAX_COLUMNS:
            continue
        count = _count(cell, "number-columns-repeated")
        if local_name(cell) == "table-cell" and (text := _cell(cell)):
            cells |= dict.fromkeys(range(column, min(column + count, MAX_COLUMNS)), text)
            down, right = _count(cell, "number-rows-spanned"), _count(cell, "number-columns-spanned")
            if down > 1 or right > 1:
                merges.append(Merge(number, column, number + down - 1, column + right - 1))
        column += count
    return cells, merges


def _cell(cell: Any) -> str:
    """What is shown; days as 2026-03-01, however the cell writes them."""
    if attribute(cell, "value-type") == "date" and (day := attribute(cell, "date-value")):
        return day.removesuffix("T00:00:00").replace("T", " ")
    if all(local_name(child) in ("p", "annotation") for child in cell.iterchildren()):
        return "\n".join(filter(None, (words(child).strip() for child in cell if local_name(child) == "p")))
    return inner_text(cell)


def _count(node: Any, name: str) -> int:
    value = attribute(node, name)
    return max(1, int(value)) if value.isdigit() else 1
