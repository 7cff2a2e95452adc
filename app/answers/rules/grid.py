"""Tables whose columns are a schema's fields: one object for each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.answers.rules.layout import Cell, Layout, Row
from app.answers.rules.lexicon import lexicon
from app.answers.rules.targets import Target

_ENOUGH, _LEAST_COLUMNS = 0.4, 2
# Rows of a sum stand below the others, under the same head.
_SUMS = frozenset(
    {
        "total",
        "net",
        "tax",
        "payable",
        "gross",
        "discount",
        "shipping",
        "deposit",
        "balance",
        "previous",
        "grand",
    }
)
_HEADS = 3


@dataclass(frozen=True, slots=True)
class Record:
    """A row, as the cell of each field that has one."""

    cells: dict[str, Cell]
    row: int


def records(layout: Layout, wanted: Sequence[Target]) -> list[Record]:
    """The rows of those tables that fit the fields best, in the order of the document."""
    tables = [*layout.tables, *_plain_tables(layout, wanted)]
    found = [
        (columns, rows) for table in tables if (head := _head(table, wanted)) for columns, rows in [head]
    ]
    if not found:
        return []
    most = max(len(columns) for columns, _ in found)
    best = [one for one in found if len(one[0]) == most]
    return sorted(
        (record for columns, rows in best for record in _records(columns, rows, wanted)),
        key=lambda one: one.row,
    )


Columns = dict[str, tuple[int, int, int]]
"""Path of a field -> column, part of the column, and how many parts it has."""


def _head(table: Sequence[Row], wanted: Sequence[Target]) -> tuple[Columns, Sequence[Row]] | None:
    """The columns of a table that name fields, and the rows below their names."""
    for place, row in enumerate(table[:_HEADS]):
        columns = _columns(row, wanted)
        if len(columns) >= min(_LEAST_COLUMNS, len(wanted)) and place + 1 < len(table):
            return columns, table[place:]
    return None


def _columns(row: Row, wanted: Sequence[Target]) -> Columns:
    scored = []
    for number, cell in enumerate(row.cells):
        parts = _parts(cell.text, wanted)
        for part, text in enumerate(parts):
            for target in wanted:
                score = target.score(text)
                if score >= _ENOUGH:
                    scored.append((-score, number, part, len(parts), target.path))
    columns: Columns = {}
    taken: set[tuple[int, int]] = set()
    for _, number, part, count, path in sorted(scored):
        if path not in columns and (number, part) not in taken:
            columns[path] = number, part, count
            taken.add((number, part))
    return columns


def _parts(text: str, wanted: Sequence[Target]) -> list[str]:
    """The names in a head's cell, where columns ran together: `수량 단가`."""
    words = text.split()
    if len(words) < 2 or any(target.score(text) > 0.6 for target in wanted):
        return [text]
    parts: list[str] = []
    at = 0
    while at < len(words):
        for count in range(min(3, len(words) - at), 0, -1):
            part = " ".join(words[at : at + count])
            notions = lexicon().read(part)
            known = len(notions) == 1 and notions[0][0] != "'"
            if known or any(target.score(part) > 0.6 for target in wanted):
                parts.append(part)
                at += count
                break
        else:
            return [text]
    return parts


def _records(columns: Columns, rows: Sequence[Row], wanted: Sequence[Target]) -> Iterator[Record]:
    head = rows[0]
    for row in rows[1:]:
        aligned = _aligned(head, row)
        cells = {
            path: cell
            for path, (number, part, count) in columns.items()
            if (cell := _part(aligned.get(number), part, count)) is not None and cell.text
        }
        if _is_record(row, cells, columns, wanted):
            yield Record(cells, row.number)


def _aligned(head: Row, row: Row) -> dict[int, Cell]:
    """The cells of a row by the columns of its head; lines of text by where they stand."""
    if head.table >= 0 or len(head.cells) == len(row.cells):
        return dict(enumerate(row.cells))
    aligned: dict[int, Cell] = {}
    for cell in row.cells:
        left, right = cell.start - row.start, cell.end - row.start
        distances = [
            (min(abs(left - (one.start - head.start)), abs(right - (one.end - head.start))), number)
            for number, one in enumerate(head.cells)
        ]
        aligned.setdefault(min(distances)[1], cell)
    return aligned


def _part(cell: Cell | None, part: int, count: int) -> Cell | None:
    if cell is None or count == 1:
        return cell
    words = cell.text.split()
    if len(words) < count:
        return None
    pieces = [" ".join(words[: len(words) - count + 1]), *words[len(words) - count + 1 :]]
    start = (
        cell.text.find(pieces[part])
        if part == 0
        else len(cell.text) - sum(map(len, _tail(cell.text, count - part)))
    )
    begin = cell.start + start
    return Cell(cell.chunk, begin, begin + len(pieces[part]), pieces[part])


def _tail(text: str, count: int) -> list[str]:
    """The last `count` words with the blanks between them."""
    at = len(text)
    for _ in range(count):
        at = len(text[:at].rstrip())
        space = max(text.rfind(" ", 0, at), text.rfind("\t", 0, at))
        at = space + 1
    return [text[at:]]


def _is_record(row: Row, cells: dict[str, Cell], columns: Columns, wanted: Sequence[Target]) -> bool:
    if len(cells) < min(2, len(columns)):
        return False
    labels = [cell.text for cell in row.cells if cell.text and not any(sign.isdigit() for sign in cell.text)]
    said = lexicon().read(labels[0]) if labels else ()
    is_sum = bool(said) and bool(_SUMS & set(said)) and all(one[0] != "'" for one in said)
    filled = len(cells)
    if is_sum and filled < max(3, len(columns)):
        return False
    text = [one.path for one in wanted if one.shape == "text" and one.path in columns]
    return not text or any(path in cells for path in text)


# -- tables of plain text --------------------------------------------------------------------------


def _plain_tables(layout: Layout, wanted: Sequence[Target]) -> Iterator[list[Row]]:
    """Lines whose pieces stand below the names of the fields."""
    rows = layout.rows
    for place, row in enumerate(rows):
        if (
            row.table >= 0
            or len(row.cells) < 2
            or len(_columns(row, wanted)) < min(_LEAST_COLUMNS + 1, len(wanted))
        ):
            continue
        table = [row]
        for following in rows[place + 1 :]:
            if following.table >= 0 or following.heading or len(following.cells) < 2:
                break
            table.append(following)
        yield table
