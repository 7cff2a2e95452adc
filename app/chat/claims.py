"""An answer's text cut into what it claims: its sentences, each with the marks that stand behind or in it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.chat.marks import SHOWN
from app.evidence import clean
from app.sentences import Span, sentence_spans

_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_RULE = re.compile(r"[\s|:-]+")
_HEADING = re.compile(r"#{1,6}\s")
_WORD = re.compile(r"\w")
_CLOSING = re.compile(r"[.!?。！？…\"'”’)\]」』*_]*$")


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence, list item or table row of an answer.

    Attributes:
        text: as it is written, without marks.
        said: the same as it is compared; see `app.evidence.clean`.
        marks: the numbers that stand behind or in it, in order.
        paragraph: number of the paragraph, list item or row that it stands in.
        states: whether it says something that could be wrong: no heading, question or lead-in.
    """

    text: str
    said: str
    marks: tuple[int, ...]
    paragraph: int
    states: bool


@dataclass(frozen=True, slots=True)
class _Mark:
    """A mark of the text: from where to where, with the blanks before it; its number; whose it is."""

    start: int
    end: int
    n: int
    claim: int


class Claims:
    """What an answer with marks `[n]` claims.

    Args:
        cut: it breaks off, and says nothing with a last sentence that has no end.

    Attributes:
        all: its claims, in order.
    """

    def __init__(self, text: str, *, cut: bool = False) -> None:
        self._text = text
        bare, found = _without(text)
        spans = [span for span in sentence_spans(bare) if _WORD.search(bare[slice(*span)])]
        self._marks = [_Mark(start, end, n, _owner(spans, bare, at)) for start, end, n, at in found if spans]
        self._stops = [_in_text(found, _before_stop(bare, span)) for span in spans]
        # What is put behind a row of a table would be a further column.
        rows = [bare[slice(*span)].rstrip().endswith("|") for span in spans]
        self._ends = [
            stop if row else max(stop, _in_text(found, span[1]))
            for stop, row, span in zip(self._stops, rows, spans, strict=True)
        ]
        fences = [match.span() for match in _FENCE.finditer(bare)]
        self.all = tuple(
            _claim(bare, span, self._numbers(i), bare.count("\n", 0, span[0]), fences)
            for i, span in enumerate(spans)
        )
        if cut and self.all and not _ENDED.search(self.all[-1].text):
            self.all = (*self.all[:-1], replace(self.all[-1], states=False))

    def _numbers(self, claim: int) -> tuple[int, ...]:
        return tuple(dict.fromkeys(mark.n for mark in self._marks if mark.claim == claim))

    def rewritten(self, marks: Sequence[Mapping[int, int]]) -> str:
        """The text with other marks.

        Args:
            marks: for each claim the number that stands for each of its own; one that is left out goes, and
                one that no mark had is added before the full stop.
        """
        edits: list[tuple[int, int, str]] = []
        for mark in self._marks:
            new = marks[mark.claim].get(mark.n)
            blank = self._text[mark.start : mark.end].partition("[")[0]
            edits.append((mark.start, mark.end, "" if new is None else f"{blank}[{new}]"))
        for claim, end, numbers in zip(self.all, self._stops, marks, strict=True):
            added = [f"[{new}]" for old, new in numbers.items() if old not in claim.marks]
            if added:
                edits.append((end, end, f" {''.join(added)}"))
        return _TWICE.sub(r"\1", _edited(self._text, edits))

    def noted(self, notes: Sequence[str]) -> str:
        """The text with a note behind each claim that states something, in order; "" for none."""
        stating = [end for claim, end in zip(self.all, self._ends, strict=True) if claim.states]
        return _edited(self._text, [(end, end, note) for end, note in zip(stating, notes, strict=False)])


def _edited(text: str, edits: Sequence[tuple[int, int, str]]) -> str:
    """The text with each stretch from a start to an end replaced."""
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


_ENDED = re.compile(r"[.!?。！？…|][\"'”’)\]」』*_\s]*$")
_TWICE = re.compile(r"(\[\d+\])(?:\1)+")


def _without(text: str) -> tuple[str, list[tuple[int, int, int, int]]]:
    """The text without marks; of each start (of the blanks before it), end, number, and place in the rest."""
    bare: list[str] = []
    found: list[tuple[int, int, int, int]] = []
    size = position = 0
    for match in SHOWN.finditer(text):
        before = text[position : match.start()]
        kept = before.rstrip(" \t")
        if not kept or kept.endswith("\n"):  # a mark that begins a line
            kept = before
        bare.append(kept)
        size += len(kept)
        found.append((position + len(kept), match.end(), int(match[1]), size))
        position = match.end()
    return "".join([*bare, text[position:]]), found


def _in_text(found: Sequence[tuple[int, int, int, int]], at: int) -> int:
    """Where a place of the text without marks is in the text: behind the marks that stand there."""
    return at + sum(end - start for start, end, _, place in found if place <= at)


def _owner(spans: Sequence[Span], bare: str, at: int) -> int:
    """Which sentence a mark belongs to: the one that it stands in or behind, else the one that it opens."""
    after = bisect_left(spans, at, key=lambda span: span[0])
    before = after - 1
    if before < 0:
        return after
    opens = after < len(spans) and "\n" in bare[spans[before][1] : at]
    return after if opens and not bare[at : spans[after][0]].strip() else before


def _before_stop(bare: str, span: Span) -> int:
    start, end = span
    text = bare[start:end].rstrip(" |")
    closing = _CLOSING.search(text)
    return start + (closing.start() if closing else len(text))


def _claim(bare: str, span: Span, marks: tuple[int, ...], paragraph: int, fences: Sequence[Span]) -> Claim:
    text = bare[slice(*span)]
    said = clean(text)
    states = not (
        _HEADING.match(text)
        or _is_header(bare, span)
        or said.endswith((":", "?", "：", "？"))
        or any(first <= span[0] < last for first, last in fences)
    )
    return Claim(text, said, marks, paragraph, states)


def _is_header(bare: str, span: Span) -> bool:
    """Whether it is the first row of a table, above its rule."""
    below = bare[span[1] :].lstrip(" \t").removeprefix("\n").partition("\n")[0]
    return bare[span[0]] == "|" and "-" in below and bool(_RULE.fullmatch(below))
