"""`examine`: the suspicious stretches of a document's passages, by transparent points and one threshold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ingest.suspicion import english, korean
from ingest.suspicion.normal import hides, normal
from ingest.suspicion.phrases import possible, signal
from ingest.suspicion.units import Unit, units

THRESHOLD = 0.88
"""From so many points on, a request is taken for one to a model.

Its own words give up to about 1.2 (`asks` of each language), what surrounds it up to .7: that nothing else in
the document is about the same (.35), that it has its line for itself (.25), which is the first or last one
(.1). Other requests nearby take .12 each, up to .5, and .25 more where a quarter of all are requests: where
questions and orders are usual, one more is too.
"""

QUESTION = "request"
"""The code of what a heading may be, too: a question, or a task."""

_FOREIGN, _ALONE, _EDGE, _NEARBY, _MOST_NEARBY, _ITEM, _NO_END = 0.35, 0.25, 0.1, 0.12, 0.5, 0.3, 0.15
# From this share of its words on that stand nowhere else, a unit begins to be a stranger.
_STRANGE = 0.4
# The share of requests from which on a text is a list of them, and what that takes.
_MANY, _USUAL = 0.25, 0.25
_WINDOW = 6
_SHARED = 2


class Finding(NamedTuple):
    """A suspicious stretch of a passage: its code, and where it begins and ends.

    Codes: override (instructions that are to replace others), role (talks to a model as such), answer (says
    how an answer is to be worded), request (asks something of an assistant that has nothing to do with the
    document), send (wants data sent out), invisible (uses letters that show nothing to hide words).
    """

    code: str
    start: int
    end: int


def examine(passages: Sequence[str], around: str = "") -> list[tuple[Finding, ...]]:
    """What is suspicious in each passage of one document, in order of place.

    Args:
        passages: texts, in reading order.
        around: title and headings, whose words are the document's own, too.
    """
    held = [list(units(text)) for text in passages]
    everything = [unit for part in held for unit in part]
    if everything:
        everything[0].edge = everything[-1].edge = True
    requests = _requests(everything, around)
    return [tuple(_findings(text, part, requests)) for text, part in zip(passages, held, strict=True)]


def _findings(text: str, part: Sequence[Unit], requests: Mapping[int, float]) -> Iterator[Finding]:
    patterns = possible(normal(text))
    for unit in part:
        if code := signal(unit.text, patterns) or _code(unit, text, requests.get(id(unit), 0.0)):
            yield Finding(code, unit.start, unit.end)


def _code(unit: Unit, text: str, request: float) -> str:
    if english.words_answer(unit) or korean.words_answer(unit):
        return "answer"
    if request >= THRESHOLD:
        return QUESTION
    return "invisible" if hides(text[unit.start : unit.end]) else ""


def _requests(everything: Sequence[Unit], around: str) -> dict[int, float]:
    """Points of the units that ask something, by `id`."""
    asked = {
        n: points
        for n, unit in enumerate(everything)
        if (points := max(english.asks(unit), korean.asks(unit)))
    }
    if not asked:
        return {}
    frequency = Counter(word for unit in everything for word in set(_content(unit.words)))
    frequency.update(_content(around.lower().split()))
    return {
        id(everything[n]): points + _context(everything, n, asked, frequency) for n, points in asked.items()
    }


def _context(everything: Sequence[Unit], n: int, asked: dict[int, float], frequency: Counter[str]) -> float:
    unit = everything[n]
    words = set(_content(unit.words))
    known = sum(
        frequency[word] >= _SHARED or word in english.AT_HOME or word in korean.AT_HOME for word in words
    )
    strange = 1 - known / len(words) if words else 0.0
    points = (
        _FOREIGN * max(0.0, (strange - _STRANGE) / (1 - _STRANGE))
        + _ALONE * unit.alone
        + _EDGE * (unit.alone and unit.edge)
    )
    points -= _ITEM * unit.item + _NO_END * (not unit.ended)
    nearby = sum(other != n and abs(other - n) <= _WINDOW for other in asked)
    points -= _USUAL * (len(asked) > 1 and len(asked) >= _MANY * len(everything))
    return points - min(_MOST_NEARBY, _NEARBY * nearby)


def _content(words: Iterable[str]) -> Iterator[str]:
    held = list(words)
    yield from english.content(held)
    yield from korean.content(held)
