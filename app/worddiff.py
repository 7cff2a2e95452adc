"""How two texts differ, word by word: which words stayed, which went, which came."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Indel

Kind = Literal["same", "removed", "added"]

# Numbers keep their separators, marks of citations their brackets. Scripts that write no blanks are compared
# sign by sign; Korean writes them, so its words are whole, with their particles.
_TOKEN = re.compile(
    r"\[\d+\]|\d+(?:[.,:/-]\d+)*|[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
    r"|[^\W\d\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+|\s+|.",
    re.DOTALL,
)
# Blanks and a sign between two changes: reads better as one change.
_HARDLY_ANYTHING = re.compile(r"\W{0,3}")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text: in both, only in the first (`removed`), or only in the second (`added`)."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class _Change:
    """What one text has where the other has something else; of what is the same, both are equal."""

    same: bool
    removed: str
    added: str


def word_diff(before: str, after: str) -> list[Part]:
    """The parts of both texts in reading order; of a change, what was removed comes first.

    The parts that are not `added` make up `before`, those that are not `removed` make up `after`.
    """
    changes = _joined(_changes(_TOKEN.findall(before), _TOKEN.findall(after)))
    return [part for change in changes for part in _parts(change) if part.text]


def likeness(before: str, after: str) -> float:
    """How much of two texts is the same words in the same order, in [0, 1]; 1 where both are empty."""
    return float(Indel.normalized_similarity(before.split(), after.split()))


def _changes(old: Sequence[str], new: Sequence[str]) -> list[_Change]:
    """Along the longest row of words that both have."""
    return [
        _Change(
            code.tag == "equal",
            "".join(old[code.src_start : code.src_end]),
            "".join(new[code.dest_start : code.dest_end]),
        )
        for code in Indel.opcodes(old, new)
    ]


def _joined(changes: Sequence[_Change]) -> list[_Change]:
    """The same with neighbours of one kind as one, and no crumbs of the same text between changes."""
    joined: list[_Change] = []
    for place, change in enumerate(changes):
        inside = 0 < place < len(changes) - 1
        same = change.same and not (inside and _HARDLY_ANYTHING.fullmatch(change.added))
        before = joined.pop() if joined and joined[-1].same == same else _Change(same, "", "")
        joined.append(_Change(same, before.removed + change.removed, before.added + change.added))
    return joined


def _parts(change: _Change) -> Iterator[Part]:
    if change.same:
        yield Part("same", change.added)
    else:
        yield Part("removed", change.removed)
        yield Part("added", change.added)
