"""Tables whose columns are a schema's fields: one object for each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.answers.rules.amounts import comma_is_decimal, numbers
from app.answers.rules.layout import Cell, Layout, Row
from app.answers.rules.lexicon import is_label, lexicon
from app.answers.rules.targets import Shape, Target

_NUMBERS: tuple[Shape, ...] = ("money", "number")
_PRODUCT = ("quantity", "unitprice", "amount")
_NEAR = 0.25
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


@dataclass(frozen=True, slots=True)
class Record:
    """A row, as the cell of each field that has one."""

    cells: dict[str, Cell]
    row: int


def records(layout: Layout, wanted: Sequence[Target]) -> list[Record]:
    """The rows of those tables that fit the fields best, in the order of the document."""
    found = [_headed(table, wanted) for table in (*layout.tables, *_plain_tables(layout, wanted))]
    most = max((len(one.columns) for one in found), default=0)
    if most < min(_LEAST_COLUMNS, len(wanted)):
        return []
    made: list[Record] = []
    last: _Headed | None = None
    for one in found:
        goes_on = last is not None and not one.columns and one.rows[0].table == last.rows[0].table + 1
        if len(one.columns) == most:
            last = one
        elif last is not None and goes_on and (columns := _continued(last, one, wanted)):
            last = _Headed(columns, one.rows, headless=True)
        else:
            continue
        made += _records(last, wanted)
        made += _loose(layout, last, wanted)
    return sorted(made, key=lambda one: one.row)


def _loose(layout: Layout, above: _Headed, wanted: Sequence[Target]) -> Iterator[Record]:
    """Rows that a page's reader has as lines of text below their table."""
    if above.rows[0].table < 0:
        return
    order = _order(above.columns, wanted)
    for row in layout.rows[above.rows[-1].number + 1 :]:
        if row.heading:
            continue
        cells = _by_form(row, order) if row.table < 0 else {}
        if not _is_record(row, cells, above.columns, wanted):
            return
        yield Record(cells, row.number)


Columns = dict[str, tuple[int, int, int]]
"""Path of a field -> column, part of the column, and how many parts it has."""


@dataclass(frozen=True, slots=True)
class _Headed:
    """A table from the row on that names fields; without such a row it has no columns, and all its rows."""

    columns: Columns
    rows: Sequence[Row]
    headless: bool = False


def _headed(table: Sequence[Row], wanted: Sequence[Target]) -> _Headed:
    best, least = _Headed({}, table), min(_LEAST_COLUMNS, len(wanted)) - 1
    for place, row in enumerate(table):
        one = _Headed(_columns(row, wanted), table[place:])
        if len(one.columns) == 1 and len(wanted) > _LEAST_COLUMNS and _is_head(row):
            completed = _Headed(_completed(one, wanted), one.rows)
            one = completed if len(completed.columns) > _LEAST_COLUMNS else one
        if len(one.columns) > max(len(best.columns), least):
            best = one
    return _Headed(_completed(best, wanted), best.rows) if best.columns else best


def _is_head(row: Row) -> bool:
    """Whether a row holds nothing but labels."""
    texts = [cell.text for cell in row.cells if cell.text]
    return len(texts) > _LEAST_COLUMNS and all(map(is_label, texts))


def _completed(table: _Headed, wanted: Sequence[Target]) -> Columns:
    """With the columns that no label names for sure, where label or form leave one field for them."""
    head = table.rows[0]
    taken = {number for number, _, _ in table.columns.values()}
    open_columns = [number for number, cell in enumerate(head.cells) if cell.text and number not in taken]
    columns = dict(table.columns)
    missing = [one for one in wanted if one.path not in columns and one.shape in (*_NUMBERS, "text")]
    near = sorted(
        (-one.nearness(head.cells[number].text), number, one.path)
        for one in missing
        for number in open_columns
        if _fits_form(table, number, one)
    )
    for score, number, path in near:
        if -score >= _NEAR and path not in columns and number not in taken:
            columns[path] = number, 0, 1
            taken.add(number)
    left = [one for one in missing if one.path not in columns]
    rest = [number for number in open_columns if number not in taken]
    fitting = [(one, number) for one in left for number in rest if _fits_form(table, number, one)]
    if len(fitting) == 1 and not _means_something(head.cells[fitting[0][1]].text):
        columns[fitting[0][0].path] = fitting[0][1], 0, 1
    return _multiplied(table, columns, wanted)


def _multiplied(table: _Headed, columns: Columns, wanted: Sequence[Target]) -> Columns:
    """With price and amount where they multiply, if heads such as `Cost` and `Net` led elsewhere."""
    roles = {role: next((one.path for one in wanted if role in one.notions()), "") for role in _PRODUCT}
    count, price, amount = (roles[role] for role in _PRODUCT)
    if not (price and amount and columns.get(count, (0, 0, 2))[2] == 1):
        return columns
    others = {place[0] for path, place in columns.items() if path not in (price, amount)}
    numeric = [
        number
        for number, cell in enumerate(table.rows[0].cells)
        if cell.text
        and number not in others
        and any(_number(row, number) is not None for row in table.rows[1:])
    ]
    now = columns.get(price, (-1,))[0], columns.get(amount, (-1,))[0]
    if _products(table, columns[count][0], *now):
        return columns
    pairs = [now, *((one, other) for one in numeric for other in numeric if one != other)]
    best = max(pairs, key=lambda pair: _products(table, columns[count][0], *pair))
    if best == now or not _products(table, columns[count][0], *best):
        return columns
    return {**columns, price: (best[0], 0, 1), amount: (best[1], 0, 1)}


def _products(table: _Headed, count: int, price: int, amount: int) -> int:
    """In how many rows a number of pieces and a price make the amount; rows of one piece tell nothing."""
    rows = [[_number(row, column) for column in (count, price, amount)] for row in table.rows[1:]]
    return sum(
        one is not None
        and two is not None
        and three is not None
        and one != 1
        and abs(one * two - three) < 0.02
        for one, two, three in rows
    )


def _number(row: Row, column: int) -> float | None:
    return _only_number(row.cells[column].text) if 0 <= column < len(row.cells) else None


@lru_cache(maxsize=4096)
def _only_number(text: str) -> float | None:
    found = [one.value for one in numbers(text, comma_is_decimal([text]))]
    return float(found[0]) if len(found) == 1 and isinstance(found[0], int | float) else None


def _fits_form(table: _Headed, column: int, target: Target) -> bool:
    """Whether the first cells of a column are numbers, or texts, as the field is."""
    cells = [
        row.cells[column] for row in table.rows[1:4] if column < len(row.cells) and row.cells[column].text
    ]
    return bool(cells) and all(bool(_figures(cell)) == (target.shape in _NUMBERS) for cell in cells)


def _means_something(label: str) -> bool:
    """Whether a head names what none of the fields is."""
    return any(one[0] != "'" for one in lexicon().read(label))


def _continued(above: _Headed, below: _Headed, wanted: Sequence[Target]) -> Columns:
    """The columns of a table that goes on without its head, as on another page, if it does."""
    named = [number for number, cell in enumerate(above.rows[0].cells) if cell.text]
    if above.headless:
        named = list(range(len(above.rows[0].cells)))
    if len(below.rows[0].cells) == len(named) and all(count == 1 for _, _, count in above.columns.values()):
        return {
            path: (named.index(number), part, count)
            for path, (number, part, count) in above.columns.items()
            if number in named
        }
    order = _order(above.columns, wanted)
    return above.columns if _by_form(below.rows[0], order) else {}


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
        named = [(_names(part, wanted), part) for part in _openings(words[at:])]
        score, part = max(named, key=lambda one: one[0])
        if score < 0.6:
            return [text]
        parts.append(part)
        at += len(part.split())
    return parts


def _openings(words: Sequence[str]) -> list[str]:
    """The first three words, two of them, and the first."""
    return [" ".join(words[:count]) for count in range(min(3, len(words)), 0, -1)]


def _names(text: str, wanted: Sequence[Target]) -> float:
    """How well a text names one column, wanted or not."""
    said = lexicon().read(text)
    known = 0.9 if len(said) == 1 and said[0][0] != "'" else 0.0
    return max((known, *(target.score(text) for target in wanted)))


def _records(table: _Headed, wanted: Sequence[Target]) -> Iterator[Record]:
    columns, head = table.columns, table.rows[0]
    order = _order(columns, wanted)
    for row in table.rows if table.headless else table.rows[1:]:
        aligned = _aligned(head, row)
        cells = {
            path: cell
            for path, (number, part, count) in columns.items()
            if count == 1 and (cell := aligned.get(number)) is not None and cell.text
        }
        if len(cells) < len(columns) or table.headless:
            cells = _by_form(row, order) or cells
        if _is_record(row, cells, columns, wanted):
            yield Record(cells, row.number)


def _order(columns: Columns, wanted: Sequence[Target]) -> list[tuple[str, Shape]]:
    """The fields of a table from left to right, with their forms."""
    shapes = {one.path: one.shape for one in wanted}
    return [(path, shapes[path]) for _, path in sorted((place, path) for path, place in columns.items())]


def _by_form(row: Row, order: Sequence[tuple[str, Shape]]) -> dict[str, Cell]:
    """Cells whose columns ran together, told apart as a text and the numbers behind it; or {}."""
    texts = [path for path, shape in order if shape not in _NUMBERS]
    figures = [path for path, shape in order if shape in _NUMBERS]
    filled = [cell for cell in row.cells if cell.text]
    split = [_figures(cell) for cell in filled]
    at = next((number for number, found in enumerate(split) if found), len(filled))
    values = [one for found in split[at:] for one in found]
    if len(values) != len(figures) or len(texts) != 1 or at != 1 or not all(split[at:]):
        return {}
    if order[0][0] != texts[0]:
        return {}
    return {texts[0]: filled[0], **dict(zip(figures, values, strict=True))}


def _figures(cell: Cell) -> list[Cell]:
    """The numbers of a cell that holds nothing else."""
    return [
        Cell(cell.chunk, cell.start + start, cell.start + end, cell.text[start:end])
        for start, end in _only_figures(cell.text)
    ]


@lru_cache(maxsize=4096)
def _only_figures(text: str) -> tuple[tuple[int, int], ...]:
    """Where the numbers of a text are that holds nothing else."""
    if not any(sign.isdigit() for sign in text):
        return ()
    spans = sorted((one.start, one.end) for one in numbers(text, comma=False))
    rest = text
    for start, end in reversed(spans):
        rest = rest[:start] + rest[end:]
    return () if any(sign.isalnum() for sign in rest) else tuple(spans)


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
    return not text or any(path in cells and not _figures(cells[path]) for path in text)


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
