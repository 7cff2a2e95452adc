"""Citation marks: made uniform while they stream, whatever a model writes them as."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_OPEN, _CLOSE = r"[\[【［]", r"[\]】］]"
_WORD = r"(?:sources?|passages?|documents?|docs?|refs?|출처|문서|문단|자료)"
_JOINT = r"\s*(?:[,;、，·/&]|and|및|와|과)\s*"
_RANGE = r"\s*[-–—~]\s*"
_NUMBERS = rf"\d{{1,4}}(?:(?:{_JOINT}|{_RANGE})(?:{_WORD}\s*)?\d{{1,4}})*"
# `[1]`, `[1, 2]`, `[1-3]`, `[^1]`, `[source 1]`, `【1】`, `【1†source】`, `［１］`.
_MARK = re.compile(
    rf"{_OPEN}\s*\^?(?:{_WORD}\s*)?({_NUMBERS})\s*(?:†[^\]】］\n]{{0,40}})?{_CLOSE}", re.IGNORECASE
)
# What may still become a mark, with the blanks before it: they go if the mark goes.
_UNFINISHED = re.compile(rf"[ \t]*(?:{_OPEN}[\s^\w,;、，·/&†–—~-]{{0,60}})?$")
SHOWN = re.compile(r"\[(\d+)\]")
"""A mark as `Marks` writes it."""
_SPREAD = re.compile(rf"(\d+){_RANGE}(\d+)")


class Marks:
    """Makes the marks of a stream uniform: each becomes `[n]`, counted in order of appearance.

    Text goes in as it comes and out as soon as no unfinished mark can be in it. Marks that point to no
    passage are removed.

    Args:
        known: the numbers that the model was shown.

    Attributes:
        shown: number that the model used -> number that the reader sees.
        removed: how many marks pointed nowhere.
    """

    def __init__(self, known: Sequence[int]) -> None:
        self._known = frozenset(known)
        self._held = ""
        self._last: int | None = None
        self.shown: dict[int, int] = {}
        self.removed = 0

    def feed(self, text: str) -> str:
        """More of the stream; returns what is certain by now."""
        self._held += text
        cut = _unfinished_from(self._held)
        certain, self._held = self._held[:cut], self._held[cut:]
        return self._clean(certain)

    def end(self) -> str:
        """What was held back until the stream ended."""
        certain, self._held = self._held, ""
        return self._clean(certain)

    def _clean(self, text: str) -> str:
        parts: list[str] = []
        position = 0
        for match in _MARK.finditer(text):
            before = text[position : match.start()]
            mark = self._mark(match[1], adjacent=not before.strip())
            parts += [before if mark else before.rstrip(" \t"), mark]
            position = match.end()
        rest = text[position:]
        if rest.strip():
            self._last = None
        return "".join([*parts, rest])

    def _mark(self, numbers: str, adjacent: bool) -> str:
        """The marks that stand for `numbers`; one that stands beside itself is written once."""
        written = ""
        last = self._last if adjacent else None
        for number in _spread(numbers):
            if number not in self._known:
                self.removed += 1
                continue
            shown = self.shown.setdefault(number, len(self.shown) + 1)
            if shown != last:
                written += f"[{shown}]"
            last = shown
        self._last = last
        return written


def without_marks(text: str) -> str:
    """The text as it reads without its citations."""
    return re.sub(rf"[ \t]*{_MARK.pattern}", "", text, flags=re.IGNORECASE)


def _spread(numbers: str) -> Iterator[int]:
    """`1, 3-5` -> 1, 3, 4, 5; a range that cannot be one is its two ends."""
    position = 0
    for match in _SPREAD.finditer(numbers):
        yield from map(int, re.findall(r"\d+", numbers[position : match.start()]))
        first, last = int(match[1]), int(match[2])
        yield from range(first, last + 1) if 0 < last - first < 10 else (first, last)
        position = match.end()
    yield from map(int, re.findall(r"\d+", numbers[position:]))


def _unfinished_from(text: str) -> int:
    match = _UNFINISHED.search(text, max(0, len(text) - 80))
    return match.start() if match else len(text)
