"""Which of a document's values a field gets: that with the closest label; none where two are as close."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.answers.rules.lexicon import lexicon
from app.answers.rules.targets import Target
from app.answers.rules.values import Label, Value, Values

# From this score on a label names a field.
ENOUGH = 0.45
# As close as this to the best one, another value is as good.
_AS_GOOD = 0.04
# A value is another field's, where that one's labels are so much closer to it.
_OTHERS = 0.12
_UNLABELLED = 0.46


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that a field may have.

    Attributes:
        start, end: where it stands in its chunk; with the label from `label_start`, where that is near.
        others: the readings of a date whose order is open.
    """

    value: object
    unit: str
    chunk: int
    start: int
    end: int
    label_start: int
    score: float
    others: tuple[str, ...] = ()


def of_values(target: Target, values: Sequence[Value]) -> Iterator[Candidate]:
    """Each value, with how well its labels name the field."""
    for one in values:
        score, label = max(
            (
                (target.score(label.text, one.around, loose=label.loose) * label.factor, label)
                for label in one.labels
            ),
            key=lambda pair: pair[0],
            default=(0.0, _NO_LABEL),
        )
        found = one.found
        if target.shape == "identifier" and not _looks_numbered(str(found.value), label.text):
            score *= 0.5
        score += _unit_fits(target, found.unit)
        yield Candidate(
            found.value, found.unit, one.chunk, found.start, found.end, label.start, score, found.others
        )


def _looks_numbered(value: str, label: str) -> bool:
    """Whether something is the number of a thing, and not how many there are."""
    parted = not value.isdigit() or len(value) > 3
    return parted or "number" in lexicon().read(label)


_NO_LABEL = Label("", -1, 0.0)


def _unit_fits(target: Target, unit: str) -> float:
    wanted = target.field.unit
    if target.shape == "number" and "rate" in target.notions():
        return 0.05 if unit in ("%", "퍼센트", "percent") else -0.3
    if not wanted or not unit:
        return 0.0
    return 0.05 if wanted.casefold() == unit.casefold() else -0.2


def contested(found: dict[str, list[Candidate]]) -> dict[str, list[Candidate]]:
    """Without the candidates that another field has a better claim to."""
    best: dict[tuple[int, int], float] = {}
    for candidates in found.values():
        for one in candidates:
            place = (one.chunk, one.start)
            best[place] = max(best.get(place, 0.0), one.score)
    return {
        path: [one for one in candidates if one.score >= best[one.chunk, one.start] - _OTHERS]
        for path, candidates in found.items()
    }


def best(candidates: Sequence[Candidate]) -> tuple[Candidate | None, tuple[Candidate, ...]]:
    """The best candidate that is good enough, and those with other values that are as good."""
    good = sorted((one for one in candidates if one.score >= ENOUGH), key=lambda one: -one.score)
    if not good:
        return None, ()
    rivals: dict[str, Candidate] = {}
    for one in good:
        if one.score >= good[0].score - _AS_GOOD and one.value != good[0].value:
            rivals.setdefault(str(one.value), one)
    return good[0], tuple(rivals.values())


def adding_up(first: Candidate, rivals: Sequence[Candidate], values: Values) -> Candidate | None:
    """Of several totals the one that is a net amount and its tax together."""
    amounts = {one.found.value for one in values.number}
    taxes = {
        one.found.value
        for one in values.number
        if one.labels and "tax" in lexicon().read(one.labels[0].text) and one.found.unit != "%"
    }
    sums = [
        one
        for one in (first, *rivals)
        if any(
            isinstance(tax, int | float)
            and isinstance(one.value, int | float)
            and tax > 0
            and round(one.value - tax, 2) in amounts
            for tax in taxes
        )
    ]
    return sums[0] if len({one.value for one in sums}) == 1 else None


def unlabelled(target: Target, values: Sequence[Value]) -> Iterator[Candidate]:
    """The only value of its form in the document, where that is telling by itself."""
    unit = target.field.unit.casefold()
    sure = [one for one in values if (one.found.unit.casefold() == unit if unit else one.found.sure)]
    if len({one.found.value for one in sure}) != 1:
        return
    one = sure[0]
    found = one.found
    yield Candidate(found.value, found.unit, one.chunk, found.start, found.end, -1, _UNLABELLED)
