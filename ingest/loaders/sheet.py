"""Blocks from the cells of a sheet: its tables, their headers, and the lines of text around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise, takewhile

from ingest.loaders.base import Block, markdown_table, one_line

Cells = dict[int, str]
"""Column -> text; cells without text are left out."""

_NUMBER = re.compile(r"[-+(]?\s?[₩$€£¥￦]?-?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?\s?[%)]?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2})?)?")
_MOST_HEADER_ROWS = 3

# Rows from one table to the next that has no header and goes on with its own: at most two empty ones between.
_NEAR = 3

# Rows held at a time; a longer table goes on in another block with the same header.
_LONGEST_BAND = 20_000

# A header that costs more than this is not repeated in each chunk: there each value is told with its name.
_WIDE_HEADER = 220
_WIDE_CHARACTER = 2.5  # what a Hangul syllable or a Chinese character costs against a Latin letter
_COLUMN = 5


@dataclass(frozen=True, slots=True)
class Merge:
    """Cells shown as one, which has the text of the first; all four numbers included."""

    top: int
    left: int
    bottom: int
    right: int


def sheet_blocks(rows: Iterable[tuple[int, Cells]], merges: Sequence[Merge] = ()) -> Iterator[Block]:
    """A block for each table, with the row of its first line below the header; lone cells are text.

    Args:
        rows: with their numbers, in order; those without text may be left out.
    """
    header: _Header | None = None
    for band, goes_on in _bands(_spread(rows, merges)):
        for region in _regions(band):
            known = header.over(region) if header else []
            if region.width == 1:
                header = None
                yield from region.lines(region.rows)
                continue
            titles, names, count = ([], known, 0) if goes_on and known else _head(region)
            names = names if titles or count else known
            header = _next_header(header, region, names, bool(count))
            yield from region.lines(titles)
            if body := region.rows[len(titles) + count :]:
                yield from table_blocks(names, [region.cut(row) for row in body], body[0].number)
            elif count:
                yield from table_blocks(names, [], region.rows[-1].number)


def table_blocks(names: Sequence[str], rows: Sequence[Sequence[str]], line: int) -> Iterator[Block]:
    """One table as a block; with long names as lines of "name: value", so that each row keeps them.

    Args:
        names: the header; empty where there is none.
        line: of the first of `rows`.
    """
    if not rows:
        if text := markdown_table([[name for name in names if name.strip()]]):
            yield Block(text, "table", line=line)
    elif _cost(names) > _WIDE_HEADER:
        yield Block("\n".join(_record(names, row) for row in rows), "list", line=line)
    else:
        width = max(map(len, [names, *rows]))
        cells = [[*row, *[""] * (width - len(row))] for row in [names, *rows]]
        kept = [column for column in range(width) if any(row[column].strip() for row in cells)]
        head, *body = ([row[column] for column in kept] for row in cells)
        # The helper drops rows without text; an empty header stands for itself.
        text = markdown_table([head if any(head) else ["\0"] * len(head), *body]).replace("\0", "")
        yield Block(text, "table", line=line)


def _cost(names: Sequence[str]) -> float:
    return sum(
        _COLUMN + sum(_WIDE_CHARACTER if character > "\u2e7f" else 1 for character in name) for name in names
    )


def _record(names: Sequence[str], row: Sequence[str]) -> str:
    pairs = zip([*names, *[""] * (len(row) - len(names))], row, strict=False)
    return "; ".join(
        f"{one_line(name)}: {one_line(cell)}" if name else one_line(cell)
        for name, cell in pairs
        if cell.strip()
    )


# -- merged cells and bands --------------------------------------------------------------------------


@dataclass(slots=True)
class _Row:
    """Cells of a row; `grouped` where one of them is shown over several columns."""

    number: int
    cells: Cells
    grouped: bool = False


def _spread(rows: Iterable[tuple[int, Cells]], merges: Sequence[Merge]) -> Iterator[_Row]:
    """The rows with merged cells' text in each row and column that they stand for.

    A title merged over a whole table stands alone in its row; it is not repeated.
    """
    waiting = sorted(merges, key=lambda merge: merge.top, reverse=True)
    active: list[tuple[Merge, str]] = []
    filled_rows = ((number, cells) for number, cells in rows if cells)
    for (number, cells), (following, below) in pairwise(chain(filled_rows, [(0, {})])):
        active = [(merge, text) for merge, text in active if merge.bottom >= number]
        while waiting and waiting[-1].top <= number:
            merge = waiting.pop()
            if merge.top == number and (text := cells.get(merge.left)):
                active.append((merge, text))
        row = _Row(number, cells)
        for merge, text in active:
            if any(not merge.left <= column <= merge.right for column in cells):
                _fill(row, merge, text, below if following == number + 1 else {})
        yield row


def _fill(row: _Row, merge: Merge, text: str, below: Cells) -> None:
    """Merges may run far beyond the table: they are filled as far as the next row is."""
    right = max((column for column in below if merge.left <= column <= merge.right), default=merge.left)
    row.cells = row.cells | dict.fromkeys(range(merge.left, right + 1), text)
    row.grouped = row.grouped or right > merge.left


def _bands(rows: Iterable[_Row]) -> Iterator[tuple[list[_Row], bool]]:
    """Neighbouring rows, and whether they go on where a band grew too long."""
    band: list[_Row] = []
    goes_on = False
    for row in rows:
        apart = bool(band) and row.number > band[-1].number + 1
        if apart or len(band) == _LONGEST_BAND:
            yield band, goes_on
            band, goes_on = [], not apart
        band.append(row)
    if band:
        yield band, goes_on


# -- regions -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Region:
    """Neighbouring rows and columns."""

    rows: list[_Row]
    left: int
    right: int

    @property
    def width(self) -> int:
        return self.right - self.left + 1

    def cut(self, row: _Row) -> list[str]:
        return [row.cells.get(column, "") for column in range(self.left, self.right + 1)]

    def lines(self, rows: Sequence[_Row]) -> Iterator[Block]:
        """Rows of a single cell, one a line; short of a list they are text."""
        texts = [one_line(" ".join(row.cells.values())) for row in rows]
        if texts:
            yield Block("\n".join(texts), "list" if len(texts) > 1 else "text", line=rows[0].number)


def _regions(rows: list[_Row]) -> Iterator[_Region]:
    """Cut at empty columns that stand between tables, then at empty rows, and so on."""
    parts = _side_by_side(rows)
    if len(parts) == 1:
        columns = {column for row in rows for column in row.cells}
        yield _Region(rows, min(columns), max(columns))
        return
    for part in parts:
        for band, _ in _bands(part):
            yield from _regions(band)


def _side_by_side(rows: list[_Row]) -> list[list[_Row]]:
    """Tables beside one another, each at least two columns wide; else all as one."""
    groups: list[list[int]] = []
    for column in sorted({column for row in rows for column in row.cells}):
        if groups and column == groups[-1][-1] + 1:
            groups[-1].append(column)
        else:
            groups.append([column])
    if len(groups) < 2 or min(map(len, groups)) < 2 or len(rows) < 2:
        return [rows]
    return [_between(rows, group[0], group[-1]) for group in groups]


def _between(rows: list[_Row], left: int, right: int) -> list[_Row]:
    cut = (
        replace(row, cells={column: text for column, text in row.cells.items() if left <= column <= right})
        for row in rows
    )
    return [row for row in cut if row.cells]


# -- headers -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Header:
    """The names of a table's columns, and the last row that stands below them."""

    names: list[str]
    left: int
    right: int
    last: int

    def over(self, region: _Region) -> list[str]:
        """The names for a region that is near and no wider; none for another."""
        near = region.rows[0].number - self.last <= _NEAR
        inside = self.left <= region.left and region.right <= self.right
        return self.names[region.left - self.left : region.right - self.left + 1] if near and inside else []


def _next_header(known: _Header | None, region: _Region, names: list[str], own: bool) -> _Header | None:
    last = region.rows[-1].number
    if own:
        return _Header(names, region.left, region.right, last)
    return replace(known, last=last) if known and names else None


def _head(region: _Region) -> tuple[list[_Row], list[str], int]:
    """The lone cells above a table, the names of its columns, and how many rows these take; 0 if none."""
    titles = list(takewhile(lambda row: len(row.cells) == 1, region.rows)) if region.width > 1 else []
    rows = region.rows[len(titles) :]
    grid = [region.cut(row) for row in rows[: _MOST_HEADER_ROWS + 1]]
    if not grid or not is_header(grid[0], grid[1] if len(grid) > 1 else []):
        return titles, [], 0
    count = 1
    while count < len(grid) - 1 and rows[count - 1].grouped and is_header(grid[count], grid[count + 1]):
        count += 1
    columns = zip(*grid[:count], strict=True)
    return titles, [" ".join(dict.fromkeys(filter(None, map(one_line, column)))) for column in columns], count


def is_header(row: Sequence[str], following: Sequence[str]) -> bool:
    """Whether a row names columns: no number in it but years, and no day above another day."""
    for cell, below in zip(row, [*following, *[""] * len(row)], strict=False):
        if _DAY.fullmatch(cell):
            if _DAY.fullmatch(below):
                return False
        elif _NUMBER.fullmatch(cell) and not _YEAR.fullmatch(cell):
            return False
    return any(row)
