"""A document as rows of cells: lines of text, rows of tables, headings; each cell with its place."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from app.schemas import Chunk

# Full-width signs as usual ones, one for one, so that places stay what they are.
_WIDE = {
    0x3000: "\t",
    0xA0: " ",
    0x202F: " ",
    0x2009: " ",
    0x2212: "-",
    0x2013: "-",
    0x2010: "-",
    0x2011: "-",
}
_WIDE |= {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}

_LINE = re.compile(r"[^\n]+")
_RULE = re.compile(r"[\s|:+=_*-]*")
_RULE_BELOW = re.compile(r"\n[ \t]*\|[\s:|-]*-[\s:|-]*\|")
_EDGE = re.compile(r"(?<!\\)\|")
_GAP = re.compile(r"[ ]*(?:\t|[ ]{2,})[ \t]*")
_BULLET = re.compile(r"(?:[-*+•·▪◦‣○●■□◆▶–—]|\(?\d{1,2}[.)]|[①-⑳]|#{1,6})\s+")
_LONGEST_LINE = 4000


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of a row, without blanks around it.

    Attributes:
        chunk: index among the document's texts: its chunks, and behind them its headings.
        start, end: where in the chunk's text.
        text: with full-width signs as usual ones.
    """

    chunk: int
    start: int
    end: int
    text: str


@dataclass(slots=True)
class Row:
    """A line, a row of a table or a heading.

    Attributes:
        number: place among the document's rows.
        table: number of its table; -1 outside of tables.
        place: among the rows of its table, the head being 0.
        heading: whether it stands above the chunk, not in its text.
    """

    number: int
    chunk: int
    start: int
    end: int
    cells: list[Cell]
    table: int = -1
    place: int = 0
    heading: bool = False


@dataclass(slots=True)
class Layout:
    """All rows of a document.

    Attributes:
        texts: of its chunks, sign for sign as long as they are, and behind them those of its headings.
        headings: index of a heading among the texts -> the first chunk below it.
        tables: the rows of each table, over the ends of chunks.
    """

    chunks: Sequence[Chunk]
    texts: list[str]
    headings: dict[int, int] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    tables: list[list[Row]] = field(default_factory=list)
    _starts: list[tuple[int, int]] = field(default_factory=list)
    _placed: list[Row] = field(default_factory=list)

    def add_heading(self, chunk: int, heading: str) -> None:
        text = heading.translate(_WIDE)
        index = len(self.texts)
        self.texts.append(text)
        self.headings[index] = chunk
        cells = _line_cells(index, 0, text)
        self.rows.append(Row(len(self.rows), index, 0, len(text), cells, heading=True))

    def at(self, chunk: int, offset: int) -> tuple[Row, int]:
        """The row with this place, and the number of the cell in it."""
        row = self._placed[bisect_right(self._starts, (chunk, offset)) - 1]
        for number, cell in enumerate(row.cells):
            if cell.end >= offset:
                return row, number
        return row, len(row.cells) - 1


def is_item(line: str) -> bool:
    """Whether a line stands in a list, with a mark in front of it."""
    return bool(_BULLET.match(line.lstrip()))


def layout(chunks: Sequence[Chunk]) -> Layout:
    """The rows of a document's chunks."""
    made = Layout(chunks, [chunk.text.translate(_WIDE) for chunk in chunks])
    headings: tuple[str, ...] = ()
    for index, chunk in enumerate(chunks):
        for heading in _new(chunk.headings, headings):
            made.add_heading(index, heading)
        headings = chunk.headings
        _add_rows(made, index)
    made._placed = sorted(made.rows, key=lambda row: (row.chunk, row.start))
    made._starts = [(row.chunk, row.start) for row in made._placed]
    return made


def _new(headings: tuple[str, ...], before: tuple[str, ...]) -> Iterator[str]:
    """Those of a path of headings that the chunk before does not stand under."""
    same = True
    for number, heading in enumerate(headings):
        same = same and number < len(before) and before[number] == heading
        if not same:
            yield heading


def _add_rows(made: Layout, index: int) -> None:
    text = made.texts[index]
    suspicious = made.chunks[index].suspicious_spans
    table, last = -1, 0
    for match in _LINE.finditer(text):
        line, start = match[0], match.start()
        table = -1 if start > last + 1 else table  # a blank line
        last = match.end()
        if any(begin < match.end() and end > start for begin, end in suspicious):
            continue
        stripped = line.strip()
        is_row = len(stripped) > 1 and stripped[0] == "|" and stripped[-1] == "|"
        if not stripped or ((table >= 0 or not is_row or "---" in stripped) and _RULE.fullmatch(stripped)):
            table = table if is_row else -1
            continue
        if not is_row:
            table = -1
            cells = _line_cells(index, start, line[:_LONGEST_LINE])
            made.rows.append(Row(len(made.rows), index, start, match.end(), cells))
            continue
        row = Row(len(made.rows), index, start, match.end(), _row_cells(index, start, line))
        if table < 0:
            headless = not _RULE_BELOW.match(text, match.end())
            table = _continued(made, row, headless=headless)
            if table >= 0 and not headless:
                continue
        table = _placed(made, row, table)


def _continued(made: Layout, head: Row, *, headless: bool) -> int:
    """The table at the end of the chunk before, if this one goes on with it; or -1."""
    last = next((row for row in reversed(made.rows) if not row.heading), None)
    if last is None or last.table < 0 or last.chunk != head.chunk - 1:
        return -1
    known = made.tables[last.table][0]
    if headless:
        return last.table if len(known.cells) == len(head.cells) else -1
    same = [cell.text for cell in known.cells] == [cell.text for cell in head.cells]
    return last.table if same else -1


def _placed(made: Layout, row: Row, table: int) -> int:
    """Put a row into its table, or into a new one; gives the table's number."""
    if table < 0:
        table = len(made.tables)
        made.tables.append([])
    row.table, row.place = table, len(made.tables[table])
    made.tables[table].append(row)
    made.rows.append(row)
    return table


def _row_cells(chunk: int, start: int, line: str) -> list[Cell]:
    edges = [match.start() for match in _EDGE.finditer(line)]
    return [_trimmed(chunk, start, line, begin + 1, end) for begin, end in pairwise(edges)]


def _line_cells(chunk: int, start: int, line: str) -> list[Cell]:
    """A line cut at wide blanks, but not between the spaced letters of one word."""
    indent = len(line) - len(line.lstrip())
    if bullet := _BULLET.match(line, indent):
        indent = bullet.end()
    cells: list[Cell] = []
    begin = indent
    for gap in _GAP.finditer(line, indent):
        _add_cell(cells, _trimmed(chunk, start, line, begin, gap.start()), line, start)
        begin = gap.end()
    _add_cell(cells, _trimmed(chunk, start, line, begin, len(line)), line, start)
    return cells or [Cell(chunk, start, start, "")]


def _add_cell(cells: list[Cell], cell: Cell, line: str, start: int) -> None:
    if not cell.text:
        return
    last = cells[-1] if cells else None
    if last and _is_letter(cell.text[0:2].strip()) and _is_letter(last.text[-2:].strip()):
        cells[-1] = Cell(cell.chunk, last.start, cell.end, line[last.start - start : cell.end - start])
    else:
        cells.append(cell)


def _is_letter(text: str) -> bool:
    """Whether a syllable stands alone, as in `합   계`."""
    return len(text) == 1 and "가" <= text <= "힣"


def _trimmed(chunk: int, start: int, line: str, begin: int, end: int) -> Cell:
    said = line[begin:end]
    text = said.strip().lstrip(": ") or said.strip()
    begin += said.index(text)
    return Cell(chunk, start + begin, start + begin + len(text), text)
