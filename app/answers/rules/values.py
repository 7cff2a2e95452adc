"""All values of a document by their form, each with the labels that may name it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.answers.rules import days, marks
from app.answers.rules.amounts import Found, comma_is_decimal, has_spaces, numbers
from app.answers.rules.layout import Cell, Layout, Row
from app.answers.rules.lexicon import FIGURE, RATE, compact, is_label, lexicon
from app.answers.rules.targets import PARTIES

_WORDS_OF_VALUES = re.compile(r"(?:(?:^|(?<=[\s:(]))(?:일금|금|약|총|KRW|USD|EUR|GBP|approx\.?|about))+$")
_END_OF_SENTENCE = re.compile(r"(?:[A-Za-z]{4,}(?<![Ii]ncl)(?<![Ee]xcl)|다)[.!?]\s+|;\s|[。]\s*|\t")
_BETWEEN = re.compile(
    r"[\s()\[\]:=~/,|-]*(?:부터|까지|to|until|through|and|or)?[\s()\[\]:=~/,|-]*", re.IGNORECASE
)
_RANGE = re.compile(r"~|부터|\bto\b|\buntil\b|\bthrough\b|(?<=\s)-(?=\s)|\d-\s?\d", re.IGNORECASE)
_OPENS_RANGE = re.compile(
    r"부터|(?:~|-|to\b|until\b|through\b)\s*['’]?(?:\d{1,4}\s?[-./년]|\d{1,2}\s[A-Z]|[A-Z][a-z]+\s\d)"
)
_OPENING = {"from": "seller", "to": "buyer"}
# A column's head says little of one of many values below it.
_HEAD_OF_MANY = 0.4
_MOST_WORDS = 6


@dataclass(frozen=True, slots=True)
class Label:
    """What may name a value.

    Attributes:
        start: where it stands in the value's chunk; -1 elsewhere.
        factor: how close it is to the value, in [0, 1].
        loose: whether words in front of it may belong to something else.
    """

    text: str
    start: int
    factor: float
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """A value in a document.

    Attributes:
        around: the party that it stands under; "" for none.
    """

    chunk: int
    found: Found
    row: Row
    column: int
    labels: tuple[Label, ...]
    around: str

    @property
    def place(self) -> tuple[int, int]:
        return self.chunk, self.found.start


class Values:
    """The values of one document; each form is looked for when a field wants it."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._known_parties: dict[tuple[int, int], str] = {}

    @cached_property
    def comma(self) -> bool:
        return comma_is_decimal(self.layout.texts)

    @cached_property
    def spaced(self) -> bool:
        return has_spaces(self.layout.texts)

    @cached_property
    def date(self) -> list[Value]:
        first = days.day_first(self.layout.texts)
        return self._placed(lambda text: days.dates(text, first), ())

    @cached_property
    def email(self) -> list[Value]:
        return self._placed(marks.emails, ())

    @cached_property
    def phone(self) -> list[Value]:
        return self._placed(marks.phones, (self.date,))

    @cached_property
    def number(self) -> list[Value]:
        return self._placed(lambda text: numbers(text, self.comma, self.spaced), (self.date, self.email))

    @cached_property
    def money(self) -> list[Value]:
        return [one for one in self.number if one.found.sure or not one.found.unit]

    @cached_property
    def identifier(self) -> list[Value]:
        sure = [one for one in self.number if one.found.sure]
        return self._placed(marks.identifiers, (self.date, self.email, sure))

    def matching(self, pattern: str) -> list[Value]:
        """Where a person's own pattern matches."""
        return self._placed(lambda text: marks.matches(pattern, text), ())

    @cached_property
    def currency(self) -> str:
        """The one currency that the document names; "" where there are none or several."""
        named = {one.found.unit for one in self.number if one.found.sure}
        return named.pop() if len(named) == 1 else ""

    def _placed(self, find: object, others: Sequence[Sequence[Value]]) -> list[Value]:
        taken: dict[int, list[tuple[int, int]]] = {}
        for one in (value for values in others for value in values):
            taken.setdefault(one.chunk, []).append((one.found.start, one.found.end))
        made = []
        for chunk, text in enumerate(self.layout.texts):
            spans = taken.get(chunk, [])
            before: Value | None = None
            for found in sorted(find(text), key=lambda one: one.start):  # type: ignore[operator]
                if any(start < found.end and found.start < end for start, end in spans):
                    continue
                before = self._value(chunk, found, before)
                if before is not None:
                    made.append(before)
        return made

    def _value(self, chunk: int, found: Found, before: Value | None) -> Value | None:
        if not self.layout.rows:
            return None
        row, column = self.layout.at(chunk, found.start)
        if not (row.chunk == chunk and row.start <= found.start < row.end):
            return None
        labels = tuple(self._labels_of(found, row, column, before))
        return Value(chunk, found, row, column, labels, self.around(row.number, column))

    # -- labels ------------------------------------------------------------------------------------

    def _labels_of(self, found: Found, row: Row, column: int, before: Value | None) -> Iterator[Label]:
        text = self.layout.texts[row.chunk]
        cell = row.cells[column]
        inline = _inline(text[cell.start : found.start])
        behind = text[found.end : found.end + 12].lstrip()
        tail = "end" if behind.startswith("까지") else "start" if _OPENS_RANGE.match(behind) else ""
        if inline is not None:
            colon = text[: found.start].rstrip()[-1:] in ":=" and found.start > 0
            start = text.rfind(inline, cell.start, found.start)
            yield Label(
                f"{inline} {tail}".strip(), start, 1.0 if colon else 0.97, loose=not colon or row.table < 0
            )
            return
        if before is not None and before.row is row and before.column == column:
            inherited = [*_inherited(text, found, before)]
            yield from inherited
            if inherited:
                return
        yield from self._left(row, column)
        yield from self._above(row, column, found)

    def _left(self, row: Row, column: int) -> Iterator[Label]:
        """The nearest cell to the left that is no value."""
        passed = False
        for cell in reversed(row.cells[:column]):
            if not cell.text:
                continue
            if is_label(cell.text):
                yield Label(cell.text.rstrip(": "), cell.start, 0.85 if passed else 0.99)
                return
            passed = True

    def _above(self, row: Row, column: int, found: Found) -> Iterator[Label]:
        if row.table >= 0:
            yield from self._above_in_table(row, column, found)
            return
        above = self.layout.rows[row.number - 1] if row.number else None
        if above is None or above.table >= 0:
            return
        aligned = len(above.cells) == len(row.cells)
        if aligned or (column == 0 and len(above.cells) == 1):
            cell = above.cells[column if aligned else -1]
            yield from self._label_above(cell, row, column, found, 0.92, heading=above.heading)

    def _above_in_table(self, row: Row, column: int, found: Found) -> Iterator[Label]:
        table = self.layout.tables[row.table]
        if row.place and column < len(table[0].cells):
            factor = 0.93 if len(table) == 2 and not _heads_goods(table[0]) else _HEAD_OF_MANY
            yield from self._label_above(table[0].cells[column], row, column, found, factor)
        if row.place > 1 and column < len(table[row.place - 1].cells):
            below = table[row.place + 1].cells[column : column + 1] if row.place + 1 < len(table) else []
            is_pair = not below or not below[0].text or is_label(below[0].text)
            cell = table[row.place - 1].cells[column]
            yield from self._label_above(cell, row, column, found, 0.9 if is_pair else _HEAD_OF_MANY)

    def _label_above(
        self, cell: Cell, row: Row, column: int, found: Found, factor: float, *, heading: bool = False
    ) -> Iterator[Label]:
        """A cell as the label of one below it; of several that ran together the one in the value's place."""
        if not is_label(cell.text):
            return
        text = cell.text.rstrip(": ")
        own = row.cells[column]
        figures = [match.start() + own.start for match in FIGURE.finditer(own.text)]
        if len(figures) > 1 and (parts := lexicon().parts(text)) and len(parts) > 1:
            place = sum(start < found.end for start in figures) - 1
            text = parts[place] if len(parts) == len(figures) else ""
        if text:
            start = cell.start if cell.chunk == row.chunk and not heading else -1
            yield Label(text, start, factor)

    # -- parties -----------------------------------------------------------------------------------

    def around(self, row: int, column: int) -> str:
        """The party that a cell stands under: the nearest one to its left in the last row that names any."""
        if (party := self._known_parties.get((row, column))) is None:
            party = self._known_parties[row, column] = self._found_party(row, column)
        return party

    def _found_party(self, row: int, column: int) -> str:
        known = self._parties[row]
        if len(self.layout.rows[row].cells) == 1 and known:
            return known[-1][1]
        return next((party for at, party in reversed(known) if at <= column), "")

    @cached_property
    def _parties(self) -> list[tuple[tuple[int, str], ...]]:
        """For each row the columns and parties of the last row that names any."""
        found: list[tuple[tuple[int, str], ...]] = []
        last: tuple[tuple[int, str], ...] = ()
        for row in self.layout.rows:
            named = [(column, self._party(cell.text)) for column, cell in enumerate(row.cells)]
            last = tuple(one for one in named if one[1]) or last
            found.append(last)
        return found

    def _party(self, text: str) -> str:
        head = text.split(":", 1)[0][:40]
        if known := _OPENING.get(compact(head)):
            return known
        if not is_label(head):
            return ""
        said = [one for one in lexicon().read(head) if one in PARTIES]
        return said[0] if said else ""


def _heads_goods(row: Row) -> bool:
    """Whether a row names the columns of a list of goods, of which there may be one alone."""
    said = {one for cell in row.cells for one in lexicon().read(cell.text)}
    return bool(said & {"quantity", "unitprice", "price"})


def _inline(before: str) -> str | None:
    """The label at the end of what stands in front of a value in its cell; None where there is none."""
    before = before[-160:]
    text = _WORDS_OF_VALUES.sub("", before.rstrip(" \t([:=~-")).rstrip(" \t([:=~-")
    begin = 0
    for match in FIGURE.finditer(RATE.sub(lambda match: "~" * len(match[0]), text)):
        begin = match.end()
    for match in _END_OF_SENTENCE.finditer(text):
        begin = max(begin, match.end())
    start, colon = begin, max(text.rfind(":"), text.rfind("|"))
    begin = max(begin, colon + 1)
    label = text[begin:].strip(" ,/|)·*-")
    if not any(sign.isalpha() for sign in label):
        return None
    found = _last_label(label)
    if colon > start and not any(one[0] != "'" for one in lexicon().read(found)):
        before_colon = text[start:colon].strip(" ,/|)·*-")
        return _last_label(before_colon) if any(sign.isalpha() for sign in before_colon) else found
    return found


def _last_label(text: str) -> str:
    """Of several words those at the end that name something together; a few, where none is known."""
    words = text.split(" ")
    if len(words) == 1:
        return text
    best, read = "", lexicon().read
    for count in range(1, min(len(words), _MOST_WORDS + 2) + 1):
        part = " ".join(words[-count:])
        notions = read(part)
        if not any(one[0] == "'" for one in notions):
            best = part if notions or not best else best
        elif count > 3 and best:
            break
    if not best:
        return " ".join(words[-3:])
    rest = len(words) - len(best.split(" "))
    return " ".join(words[-len(best.split(" ")) - min(rest, 1) :])


def _inherited(text: str, found: Found, before: Value) -> Iterator[Label]:
    """The label of the value in front of this one, where nothing but signs stands between."""
    between = text[before.found.end : found.start]
    if len(between) > 20 or not between.strip() or not _BETWEEN.fullmatch(between):
        return
    ends = bool(_RANGE.search(text[before.found.end - 1 : found.start + 1]))
    for label in before.labels:
        text = f"{label.text.removesuffix(' start')} end" if ends else label.text
        yield Label(text, label.start, label.factor * 0.9, label.loose)
