"""A passage as units that may each be an instruction: sentences, and lines that stand alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.sentences import sentence_spans
from ingest.suspicion.normal import normal

_ENDED = re.compile(r"[.?!。？！…:;]['\"”’)\]』」]*$")
_ITEM = re.compile(
    r"\s*(?:[-*+•·▪▫◦‣∙○●■□◆▶–—>]\s|\(?\d{1,3}[.)]\s|[①-⑳]|[a-zA-Z가-하][.)]\s|Q\s?\d*[.:)]|\|)"
)
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*|\d+")
_STARTS = re.compile(r"\s*[A-Z0-9가-힣\"'“‘(\[<{#*¿¡\u3040-\u30ff\u4e00-\u9fff]")
# A longer unit is no sentence; patterns look at its beginning.
LONGEST = 1_000


def table(words: str) -> frozenset[str]:
    """The words of a list that is written as text."""
    return frozenset(words.split())


@dataclass(slots=True)
class Unit:
    """A stretch of a passage.

    Attributes:
        start, end: in the passage's text.
        text: as it is compared; one line.
        words: of it, in lower case.
        alone: whether it has its line for itself.
        edge: whether it is the first or the last of its document.
        item: whether it is an item of a list or a row of a table.
        ended: whether it ends as sentences do.
    """

    start: int
    end: int
    text: str
    words: Sequence[str]
    alone: bool
    item: bool
    ended: bool
    edge: bool = False


def units(text: str) -> Iterator[Unit]:
    for start, end in _spans(text):
        before, after = _line_before(text, start), _line_after(text, end)
        alone = not before.strip() and not after.strip()
        said = " ".join(normal(text[start:end][:LONGEST]).split())
        yield Unit(
            start,
            end,
            said,
            [word.lower() for word in _WORD.findall(said)],
            alone,
            bool(_ITEM.match(text[start:end])),
            bool(_ENDED.search(said)),
        )


def _line_before(text: str, start: int) -> str:
    return text[max(text.rfind("\n", 0, start), start - LONGEST, -1) + 1 : start]


def _line_after(text: str, end: int) -> str:
    stop = text.find("\n", end, end + LONGEST)
    return text[end : stop if stop >= 0 else end + LONGEST]


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Sentences, divided at line breaks that are no wrapping: what follows begins like a sentence."""
    for start, end in sentence_spans(text):
        for line_start, line_end in _lines(text, start, end):
            piece = text[line_start:line_end]
            left = len(piece) - len(piece.lstrip())
            right = len(piece.rstrip())
            if left < right:
                yield line_start + left, line_start + right


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    here = start
    while (at := text.find("\n", here, end)) >= 0:
        if _STARTS.match(text, at + 1, end):
            yield start, at
            start = at + 1
        here = at + 1
    yield start, end
