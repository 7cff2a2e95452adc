"""Texts behind their labels: `Seller: Hanbit`, `공급자 | ㈜한빛`, a label and its text on the next line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.answers.rules.layout import Cell, Layout, Row
from app.answers.rules.lexicon import is_label, lexicon

_COLON = re.compile(r"(?<!\d):(?!//)|(?<=\d):(?!\d|//)|\s=\s")
_FIRST_SENTENCE = re.compile(r"(?<=[a-z다%C])[.!?]\s")
# `Hanbit Ltd ("Provider")`, `수탁자 ㈜한빛디자인(이하 "을")`
_DEFINED = re.compile(
    r"(?P<text>[A-Z][\w&.'-]*(?:[ ,]+(?:[A-Z&][\w&.'-]*|of|and|the|plc|s\.p\.a)){0,7})"
    r"\s?\((?:hereinafter |hereafter |referred to as |the ){0,4}"
    r"[\"“'](?P<label>[A-Z][\w ]{2,30})[\"”']\)"
)
_COMPANY = re.compile(
    r"(?P<label>[가-힣]{2,6})(?:인|은|는|:)?\s+(?P<text>(?:㈜|\(주\)|주식회사\s?|유한회사\s?)[가-힣A-Za-z0-9&]{2,20}"
    r"|[가-힣A-Za-z0-9&]{2,20}(?:㈜|\(주\)|\s주식회사))"
)
_TRIM = " \t,;/|·-*_"
_LONGEST_LABEL, _LONGEST_TEXT, _MOST_WORDS = 48, 500, 5


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and the text that stands with it.

    Attributes:
        label_start: where the label stands in the chunk; -1 where it stands elsewhere.
        factor: how sure it is that both belong together.
        around: number of the row, for the party that it stands under.
        column: of the cell in its row.
    """

    label: str
    label_start: int
    chunk: int
    start: int
    end: int
    text: str
    factor: float
    row: int
    column: int
    opens: bool = False


def pairs(layout: Layout) -> list[Pair]:
    """All texts of a document that a label may name, in its order."""
    found: list[Pair] = []
    for row in layout.rows:
        for column, cell in enumerate(row.cells):
            if cell.text:
                found += _of_cell(layout, row, column, cell)
                found += _in_sentence(row, column, cell)
    return found


def _in_sentence(row: Row, column: int, cell: Cell) -> Iterator[Pair]:
    """Names that a sentence gives to the parties of a contract."""
    for pattern in (_DEFINED,) if '("' in cell.text or "(“" in cell.text or 'the "' in cell.text else ():
        yield from (_named(match, row, column, cell) for match in pattern.finditer(cell.text))
    if "㈜" in cell.text or "(주)" in cell.text or "회사" in cell.text:
        yield from (_named(match, row, column, cell) for match in _COMPANY.finditer(cell.text))


def _named(match: re.Match[str], row: Row, column: int, cell: Cell) -> Pair:
    start, end = (cell.start + at for at in match.span("text"))
    label = cell.start + match.start("label")
    near = min(start, label)
    return Pair(match["label"], near, row.chunk, start, end, match["text"], 0.9, row.number, column)


def _of_cell(layout: Layout, row: Row, column: int, cell: Cell) -> Iterator[Pair]:
    colons = [match.span() for match in _COLON.finditer(cell.text)]
    if colons and cell.text[colons[-1][1] :].strip():
        yield from _in_cell(row, column, cell, colons)
        return
    label = cell.text.rstrip(": \t")
    if len(label) > _LONGEST_LABEL:
        return
    if len(colons) > 1:
        yield from _in_cell(row, column, cell, colons[:-1])
        label = cell.text[colons[-2][1] : colons[-1][0]].strip()
    if is_label(label):
        yield from _beside(row, column, cell, label, colon=bool(colons))
        yield from _below(layout, row, column, cell, label)
    if not colons:
        yield from _running(row, column, cell)


def _in_cell(row: Row, column: int, cell: Cell, colons: list[tuple[int, int]]) -> Iterator[Pair]:
    """`label: text label: text`, in one cell."""
    label_from = 0
    for number, (begin, behind) in enumerate(colons):
        end = colons[number + 1][0] if number + 1 < len(colons) else len(cell.text)
        following = _label_start(cell.text, behind, end) if number + 1 < len(colons) else end
        label = cell.text[label_from:begin].strip(_TRIM)
        said = cell.text[behind:following]
        text = said.strip(_TRIM)
        start = behind + said.find(text)
        if label and text and len(label) <= 2 * _LONGEST_LABEL and len(text) <= _LONGEST_TEXT:
            place = cell.start + start
            at = cell.start + cell.text.find(label, label_from)
            yield Pair(
                _tail(label),
                at,
                row.chunk,
                place,
                place + len(text),
                text,
                1.0,
                row.number,
                column,
                not label_from,
            )
        label_from = following


def _label_start(text: str, begin: int, end: int) -> int:
    """Where in front of a colon its label begins: at the first of the last words that are known together."""
    words = [match.start() + begin for match in re.finditer(r"\S+", text[begin:end])]
    starts = words[:0:-1][:_MOST_WORDS]
    entries = [start for start in starts if lexicon().has(text[start:end])]
    known = [start for start in starts if lexicon().knows(text[start:end])]
    return min(entries or known or words[-1:], default=end)


def _tail(label: str) -> str:
    """Of a long text in front of a colon its last words."""
    return label if len(label) <= _LONGEST_LABEL else " ".join(label.split()[-4:])


def _beside(row: Row, column: int, cell: Cell, label: str, *, colon: bool) -> Iterator[Pair]:
    following = row.cells[column + 1] if column + 1 < len(row.cells) else None
    if following is None and row.heading:
        return
    if following is not None and _is_text(following.text):
        factor = 1.0 if colon or row.table >= 0 else 0.92
        yield _pair(cell, label, following, factor, row.number, column + 1, opens=not column)


def _below(layout: Layout, row: Row, column: int, cell: Cell, label: str) -> Iterator[Pair]:
    following = layout.rows[row.number + 1] if row.number + 1 < len(layout.rows) else None
    if following is None or following.heading or (following.table >= 0) != (row.table >= 0):
        return
    aligned = len(following.cells) == len(row.cells)
    if not aligned and len(row.cells) > 1:
        return
    if row.table >= 0 and following.table != row.table:
        return
    below = following.cells[column if aligned else 0]
    factor = 0.9 if row.table < 0 or row.place == 0 else 0.85
    if _is_text(below.text) and not _COLON.search(below.text[:_LONGEST_LABEL]):
        yield _pair(
            cell, label, below, factor, following.number, column, opens=not column, heading=row.heading
        )


def _is_text(text: str) -> bool:
    """Whether a cell may stand behind a label, and is none itself."""
    return 0 < len(text) <= _LONGEST_TEXT and not (is_label(text) and lexicon().knows(text))


def _running(row: Row, column: int, cell: Cell) -> Iterator[Pair]:
    """`공급자 ㈜한빛`: a label at the beginning of a cell, with nothing but a blank behind it."""
    if lexicon().knows(cell.text):
        return
    words = list(re.finditer(r"\S+", cell.text[: 2 * _LONGEST_LABEL]))
    for count in range(min(len(words) - 1, _MOST_WORDS), 0, -1):
        label = cell.text[: words[count - 1].end()]
        if lexicon().knows(label):
            start = cell.start + words[count].start()
            text = cell.text[words[count].start() :]
            yield Pair(
                label, cell.start, row.chunk, start, cell.end, text, 0.8, row.number, column, not column
            )
            return


def _pair(
    cell: Cell,
    label: str,
    value: Cell,
    factor: float,
    row: int,
    column: int,
    *,
    opens: bool,
    heading: bool = False,
) -> Pair:
    at = cell.start if cell.chunk == value.chunk and not heading else -1
    return Pair(label, at, value.chunk, value.start, value.end, value.text, factor, row, column, opens)
