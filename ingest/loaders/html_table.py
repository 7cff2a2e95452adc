"""Tables of HTML as rows of words, with cells that span several columns or rows in each of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ingest.loaders.base import one_line

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# A span is for a name of several columns or rows; more of either, or a longer text, is no name.
_WIDEST, _HIGHEST = 50, 500
_LONGEST_REPEATED = 200

# Inline elements part no words; all others do.
_INLINE = (
    " a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr q s samp small "
    "span strike strong sub sup time tt u var wbr "
)

Carried = dict[int, tuple[int, str]]


def words(element: HtmlElement) -> str:
    """The element's text on one line, with a blank where a block, a cell or a line ends."""
    return one_line("".join(_pieces(element)))


def _pieces(element: HtmlElement) -> Iterator[str]:
    from lxml import etree

    for event, node in etree.iterwalk(element, events=("start", "end", "comment", "pi")):
        if isinstance(node.tag, str) and f" {node.tag} " not in _INLINE:
            yield " "
        if event == "start":
            yield node.text or ""
        elif node is not element:
            yield node.tail or ""


def table_rows(table: HtmlElement) -> list[list[str]]:
    carried: Carried = {}
    return [_row(row, carried) for row in table.iter("tr")]


def _row(row: HtmlElement, carried: Carried) -> list[str]:
    """A row with what reaches into it from above, which is counted down."""
    cells = row.xpath("./td|./th")
    found: list[str] = []
    for cell in cells:
        _fill(found, carried)
        text = words(cell)
        again = text if len(text) <= _LONGEST_REPEATED else ""
        width, height = _span(cell, "colspan", _WIDEST), _span(cell, "rowspan", _HIGHEST)
        for column in range(len(found), len(found) + width):
            if height > 1:
                carried[column] = (height - 1, again)
        repeated = again if len(cells) > 1 else ""  # alone in its row it is a title
        found += [text, *[repeated] * (width - 1)]
    _fill(found, carried)
    return found


def _fill(found: list[str], carried: Carried) -> None:
    while len(found) in carried:
        column = len(found)
        left, text = carried.pop(column)
        if left > 1:
            carried[column] = (left - 1, text)
        found.append(text)


def _span(cell: Any, name: str, most: int) -> int:
    value = (cell.get(name) or "").strip()
    return max(1, min(int(value), most)) if value.isdecimal() and len(value) < 5 else 1
