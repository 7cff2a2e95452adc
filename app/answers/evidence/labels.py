"""Which field a place in a document is about: by the label before a value, its column, row, or line above."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.answers.evidence.segments import Cell, Segment
from app.answers.rules.lexicon import lexicon
from app.answers.schemas.fields import Field
from app.evidence.words import key_of

NAMED, CERTAIN = 0.5, 0.75
"""From which score on a label names a field, and does so without doubt."""

# How well each place names a value.
_BEFORE, _COLUMN, _ROW, _ABOVE, _LED, _BEHIND, _AROUND = 1.0, 1.0, 0.9, 0.9, 0.95, 0.55, 0.3
_LONGEST, _LONGEST_DESCRIPTION = 48, 60
_BREAK = re.compile(r"[,;|/·\n\t]|\s{2,}|\.\s|\s(?:and|or|및|그리고)\s")
# What a line begins with, as in `Supplier: Hana Trading, Tel 02-111-2222`.
_LEAD = re.compile(r"\s*([^:：\n]{1,40})[:：]")
_GAP = re.compile(r"\s{2,}|\t")
# What these mean where they stand alone.
_ALONE = {"from": "seller", "to": "buyer"}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Context:
    """A piece of text that may name a value, and how well it does where it stands."""

    text: str
    weight: float


def contexts(segment: Segment, start: int, end: int) -> Iterator[Context]:
    """What may name the value that stands from `start` to `end`."""
    cell = segment.cell_at(start)
    first, last = (cell.start, cell.end) if cell else (0, len(segment.text))
    before = _nearest(segment, first, start)
    if before:
        yield Context(before, _BEFORE)
    if cell and not before:
        yield from _of_row(segment, start, cell.head)
    elif cell:
        yield from (Context(cell.head, _COLUMN),) if cell.head else ()
    elif segment.above and not before:
        yield Context(segment.above, _ABOVE)
    elif (lead := _LEAD.match(_GAP.split(segment.text[:start])[-1])) and lead[1].strip() not in before:
        yield Context(f"{lead[1]} {before}", _LED)
    behind = _BREAK.split(segment.text[end:last], maxsplit=1)[0][:_LONGEST]
    if behind.strip():
        yield Context(behind, _BEHIND)
    yield Context(segment.around, _AROUND)


def _nearest(segment: Segment, first: int, start: int) -> str:
    """The words before a value, back to the value before it; those of the sentence where there are none."""
    ends = [
        one.start + len(one.text)
        for one in segment.quantities
        if first <= one.start < start and one.unit != "percent"  # a rate belongs to the label: `VAT (20%)`
    ]
    ends = [end for end in ends if end <= start]
    near = segment.text[max([first, *ends]) : start][-_LONGEST:]
    pieces = [piece for piece in _BREAK.split(near) if any(sign.isalpha() for sign in piece)]
    return pieces[-1].strip() if pieces else ""


def _of_row(segment: Segment, start: int, head: str) -> Iterator[Context]:
    """By its column, and by the nearest cell before it that is a label; in a row of sums by that alone."""
    before = [cell for cell in segment.cells if cell.end <= start and cell.end > cell.start]
    named = [cell for cell in before if _says_something(segment, cell)]
    first = segment.cells[0]
    sums = bool(named) and first.end == first.start
    if head and not sums:
        yield Context(head, _COLUMN)
    if named:
        is_beside = named[-1] is before[-1]
        yield Context(segment.text[named[-1].start : named[-1].end], _COLUMN if is_beside else _ROW)


def _says_something(segment: Segment, cell: Cell) -> bool:
    """Whether a cell is more than a number: a rate may stand in a label, such as `VAT (20%)`."""
    held = [one for one in segment.quantities if cell.start <= one.start < cell.end]
    length = sum(len(one.text) for one in held)
    rates = all(one.unit == "percent" for one in held)
    letters = sum(sign.isalpha() for sign in segment.text[cell.start : cell.end])
    return letters > 1 and (not held or rates or letters > 2 * length)


@lru_cache(maxsize=4096)
def names(field: Field, within: Field | None = None) -> tuple[str, ...]:
    """What a field may be called in documents.

    Args:
        within: the object that it belongs to, such as the supplier whose name it is.
    """
    if within is not None:
        outer = names(within)
        return (*(f"{one} {name}" for one in outer[:4] for name in names(field)[:4]), *outer)
    found = [_CAMEL.sub(" ", field.name).replace("_", " "), *field.labels]
    if field.description and len(field.description) <= _LONGEST_DESCRIPTION:
        found += [piece for piece in re.split(r"[.;,]\s|\s[/|]\s", field.description) if piece.strip()]
    return tuple(dict.fromkeys(found))


def score(called: Sequence[str], found: Sequence[Context]) -> float:
    """How well these contexts name what is called so, in [0, 1]."""
    best = 0.0
    for context in found:
        theirs = notions(context.text)
        for name in called:
            best = max(best, context.weight * _likeness(notions(name), theirs))
    return best


def _likeness(mine: frozenset[str], theirs: frozenset[str]) -> float:
    """How much of a label stands there, and how much of what stands there is the label."""
    both = _weight(mine & theirs) + sum(_related(one, theirs - mine) for one in mine - theirs)
    return both / _weight(mine) * (0.5 + 0.5 * min(1.0, both / _weight(theirs))) if both else 0.0


def _related(notion: str, others: frozenset[str]) -> float:
    """How well another notion stands for one, as what is payable does for the total."""
    known = lexicon()
    return max((known.related.get((notion, one), 0.0) for one in others), default=0.0) * known.weight(notion)


def _weight(said: frozenset[str]) -> float:
    return sum(map(lexicon().weight, said))


@lru_cache(maxsize=8192)
def notions(text: str) -> frozenset[str]:
    """What a label says, in English and Korean alike."""
    alone = _ALONE.get(text.strip(" \t:：").casefold())
    return frozenset((alone,)) if alone else frozenset(map(_plain, lexicon().read(text)))


def _plain(notion: str) -> str:
    """A word that no notion is known for, whatever its form."""
    return f"'{key_of(notion[1:])}" if notion.startswith("'") else notion
