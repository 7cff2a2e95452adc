"""Tables without lines: rows whose cells stand below each other, with white between the columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from ingest.loaders.pdf.layout import BULLET
from ingest.loaders.pdf.line import Line

Span = tuple[float, float]
"""Left and right edge, in points."""

# In multiples of the type's size: what parts the columns of a table's first row, and of all rows together.
_WIDE_GAP = 1.2
_GUTTER = 0.6
# Rows farther apart than this do not belong together.
_FARTHEST = 3.0
_LEAST_ROWS = 3
_MOST_COLUMNS = 16
# Half the cells of a column are no wider; else it is prose, of which a table has one column at most.
_WIDEST = 18.0
# The mark of a heading or of a list's item, and the wide blank behind it.
_NUMBERED = re.compile(
    rf"(?:\d{{1,2}}(?:\.\d{{1,2}})+\.?\s+(?=[^\W\d])|\(?[^\W\d]{{1,3}}[.)]\s|{BULLET.pattern})"
)


@dataclass(slots=True)
class _Part:
    """A piece of a line between wide blanks."""

    text: str
    span: Span


@dataclass(slots=True)
class _Table:
    """A table in the making: its columns' edges so far, and its rows of parts."""

    columns: list[Span]
    rows: list[list[_Part]]
    lines: list[Line] = field(default_factory=list)


def with_tables(lines: Sequence[Line]) -> list[Line]:
    """The lines of a page, those of each table without rules replaced by one that holds its rows."""
    found: list[Line] = []
    start = 0
    while start < len(lines):
        table = _table_at(lines, start)
        if table:
            header = found.pop() if found and _heads(found[-1], table) else None
            found.append(_table_line(table, header))
            start += len(table.lines)
        else:
            found.append(lines[start])
            start += 1
    return found


def _table_at(lines: Sequence[Line], start: int) -> _Table | None:
    first = lines[start]
    if first.rows or not any(gap.after - gap.before >= _WIDE_GAP * first.size for gap in first.gaps):
        return None
    parts = list(_parts(first))
    table = _Table(_merged([part.span for part in parts], _WIDE_GAP * first.size), [parts], [first])
    if len(table.columns) < 2:
        return None
    for line in lines[start + 1 :]:
        if not _grows(table, line):
            break
        table.lines.append(line)
    return table if _is_table(table) else None


def _grows(table: _Table, line: Line) -> bool:
    """Take a line into the table if it is its next row, or goes on in a cell of the last one."""
    above = table.lines[-1]
    if line.rows or not 0.5 * line.size < above.bottom - line.top < _FARTHEST * max(above.size, line.size):
        return False
    parts = list(_parts(line))
    columns = _merged([*table.columns, *(part.span for part in parts)], _GUTTER * line.size)
    if len(columns) < len(table.columns) or len(columns) > _MOST_COLUMNS:
        return False
    taken = {_column(columns, part.span) for part in parts}
    if len(taken) > 1:
        table.rows.append(parts)
    elif 0 in taken or len(parts) > 1 or line.style != above.style:
        return False
    else:
        table.rows[-1] += parts
    table.columns = columns
    return True


def _heads(line: Line, table: _Table) -> bool:
    """Whether the line above a table names its columns, set otherwise than their cells are."""
    distance = line.bottom - table.lines[0].top
    return (
        not line.rows
        and len(list(_parts(line))) == len(table.columns)
        and 0.5 * line.size < distance < _FARTHEST * line.size
    )


def _parts(line: Line) -> Iterator[_Part]:
    """The line cut at its wide blanks, but not behind the mark of a list's item."""
    start, left = 0, line.left
    for gap in line.gaps:
        if not start and _NUMBERED.match(line.text):
            continue
        yield _Part(line.text[start : gap.at], (left, gap.before))
        start, left = gap.at, gap.after
    yield _Part(line.text[start:].strip(), (left, max(left, line.right)))


def _merged(spans: Sequence[Span], least: float) -> list[Span]:
    """Spans joined where less than `least` is between them, from the left."""
    merged: list[Span] = []
    for left, right in sorted(spans):
        if merged and left - merged[-1][1] < least:
            merged[-1] = (merged[-1][0], max(merged[-1][1], right))
        else:
            merged.append((left, right))
    return merged


def _column(columns: Sequence[Span], span: Span) -> int:
    middle = (span[0] + span[1]) / 2
    return next(index for index, (left, right) in enumerate(columns) if left <= middle <= right)


def _is_table(table: _Table) -> bool:
    if len(table.rows) < _LEAST_ROWS:
        return False
    widths: list[list[float]] = [[] for _ in table.columns]
    for row in table.rows:
        for part in row:
            widths[_column(table.columns, part.span)].append(part.span[1] - part.span[0])
    widest = _WIDEST * table.lines[0].size
    return sum(bool(column) and median(column) > widest for column in widths) < 2


def _table_line(table: _Table, header: Line | None) -> Line:
    lines = [header, *table.lines] if header else table.lines
    rows = [tuple(part.text.strip() for part in _parts(header))] if header else []
    for parts in table.rows:
        cells = [""] * len(table.columns)
        for part in parts:
            column = _column(table.columns, part.span)
            cells[column] = f"{cells[column]} {part.text}".strip()
        rows.append(tuple(cells))
    text = " ".join(line.text for line in lines)
    return replace(lines[0], text=text, bottom=lines[-1].bottom, gaps=(), rows=tuple(rows))
