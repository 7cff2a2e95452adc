"""An object and the passages it was made from → what each of its values stands on, if anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from app.answers.evidence.judging import Judge
from app.answers.evidence.leaves import Leaf, Path, leaves, without
from app.answers.evidence.segments import segments
from app.answers.evidence.territory import Territory, territories
from app.answers.evidence.verdict import Verdict
from app.answers.schemas.fields import Field
from app.chat.cite import citation
from app.chat.context import Passage
from app.chat.grounding import Place as Sentence
from app.schemas import Citation, FieldEvidence, Reason, Support


@dataclass(frozen=True, slots=True)
class Grounded:
    """The outcome.

    Attributes:
        data: null for each value that nothing supports, unless those are kept.
        evidence: one for each value, in the schema's order.
        citations: what all that stands on, by number.
    """

    data: dict[str, Any]
    evidence: tuple[FieldEvidence, ...]
    citations: tuple[Citation, ...]


def ground(
    data: Mapping[str, Any],
    fields: Sequence[Field],
    passages: Sequence[Passage],
    *,
    keep: bool = False,
) -> Grounded:
    """Hold an object against the passages, value by value.

    Args:
        keep: values that nothing supports stay in the object, and are only marked.
    """
    judge = Judge(segments(passages))
    found = list(leaves(data, fields))
    owners = {owner: list(group) for owner, group in _by_owner(found)}
    where = _territories(owners, judge)
    judge.taken = _rows(where)
    shared = _shared(owners, where)
    numbers = _Numbers()
    evidence: list[FieldEvidence] = []
    gone: set[Path] = set()
    for leaf in found:
        territory = where.get(leaf.owner, Territory())
        common = shared.get((leaf.owner[:-1], leaf.path[len(leaf.owner) :]), ()) if leaf.owner else ()
        verdict = judge.judge(leaf, _beside(leaf, owners), territory, common)
        one = _evidence(leaf, verdict, numbers, keep=keep)
        evidence.append(one)
        if one.value is None:
            gone.add(leaf.path)
    shaped = _complete(dict(data), fields)
    return Grounded(without(shaped, frozenset(gone)), tuple(evidence), numbers.citations())


def _by_owner(found: Sequence[Leaf]) -> Iterator[tuple[Path, Iterator[Leaf]]]:
    ordered = sorted(found, key=lambda leaf: _sortable(leaf.owner))
    return groupby(ordered, key=lambda leaf: leaf.owner)


def _sortable(path: Path) -> tuple[tuple[int, int | str], ...]:
    return tuple((0, one) if isinstance(one, int) else (1, one) for one in path)


def _territories(owners: Mapping[Path, Sequence[Leaf]], judge: Judge) -> dict[Path, Territory]:
    """Objects side by side are told apart: the items of a list, and objects in one object."""
    found: dict[Path, Territory] = {}
    ordered = sorted(
        (path for path in owners if path), key=lambda path: (_sortable(_siblings(path)), len(path))
    )
    for _, group in groupby(ordered, key=_siblings):
        beside = {path: owners[path] for path in sorted(group, key=_sortable)}
        found |= territories(beside, judge.find, judge.pieces)
    return found


def _siblings(path: Path) -> Path:
    return path[:-1]


def _rows(where: Mapping[Path, Territory]) -> frozenset[int]:
    anchors = (one.anchor for path, one in where.items() if isinstance(path[-1], int))
    return frozenset(one.segment.order for one in anchors if one is not None and one.segment.cells)


class _Numbers:
    """Places under the numbers that the answer cites them by, in order."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, tuple[int, int]], Citation] = {}

    def of(self, place: Sentence) -> Citation:
        key = place.chunk.id, place.span
        if key not in self._known:
            self._known[key] = citation(len(self._known) + 1, place)
        return self._known[key]

    def citations(self) -> tuple[Citation, ...]:
        return tuple(self._known.values())


def _beside(leaf: Leaf, owners: Mapping[Path, Sequence[Leaf]]) -> list[Leaf]:
    """The values of its object, and of objects beside that: of the supplier and of the customer."""
    mine = owners[leaf.owner]
    if leaf.within is None:
        return [*mine]
    near = [path for path in owners if path and path[:-1] == leaf.owner[:-1] and path != leaf.owner]
    return [*mine, *(one for path in near for one in owners[path] if one.within is not None)]


def _shared(
    owners: Mapping[Path, Sequence[Leaf]], where: Mapping[Path, Territory]
) -> dict[tuple[Path, Path], tuple[Territory, ...]]:
    """Of lists of objects: list and field -> where the items stand, if all of them have one value there."""
    values: dict[tuple[Path, Path], list[object]] = {}
    items: dict[Path, list[Path]] = {}
    for path, found in owners.items():
        if path and isinstance(path[-1], int):
            items.setdefault(path[:-1], []).append(path)
            for leaf in found:
                values.setdefault((path[:-1], leaf.path[len(path) :]), []).append(leaf.value)
    return {
        key: tuple(where[path] for path in items[key[0]] if path in where)
        for key, said in values.items()
        if len(said) == len(items[key[0]]) and all(one == said[0] for one in said)
    }


def _evidence(leaf: Leaf, verdict: Verdict, numbers: _Numbers, *, keep: bool) -> FieldEvidence:
    if leaf.value is None or leaf.value == "":
        return FieldEvidence(path=leaf.name, reasons=(Reason(code="not_found"),))
    if verdict.support is Support.NOT or verdict.place is None:
        reasons = (Reason(code="no_support", values={"said": _shown(leaf.value)}), *_instead(verdict))
        return FieldEvidence(path=leaf.name, value=leaf.value if keep else None, reasons=reasons)
    return FieldEvidence(
        path=leaf.name,
        value=leaf.value,
        original=verdict.original,
        unit=verdict.unit or leaf.field.unit,
        citation=numbers.of(verdict.place),
        support=verdict.support,
        reasons=verdict.reasons,
    )


def _instead(verdict: Verdict) -> tuple[Reason, ...]:
    """What the documents say in place of a value, where that is known."""
    return tuple(one for one in verdict.reasons if "source" in one.values or one.code == "negation")


def _shown(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 120 else text[:119] + "…"


def _complete(data: dict[str, Any], fields: Sequence[Field]) -> dict[str, Any]:
    """With null, or an empty list, for each field that the object lacks, in the schema's order."""
    shaped: dict[str, Any] = {}
    for field in fields:
        value = data.get(field.name)
        if isinstance(value, dict):
            value = _complete(value, field.fields)
        elif isinstance(value, list):
            value = [_complete(one, field.fields) if isinstance(one, dict) else one for one in value]
        shaped[field.name] = [] if value is None and field.many and not field.nullable else value
    return shaped | {name: value for name, value in data.items() if name not in shaped}
