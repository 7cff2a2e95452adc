"""The place where the words of a model that goes on meet those that were there before."""

from __future__ import annotations

import re

_LONGEST = 400  # how far back a model may begin to repeat
_WIDE = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"  # scripts that write no blanks
_ENDS_A_WORD = re.compile(rf"[^\W{_WIDE}]$|[.,;:!?)\]}}%'\"”’*`]$")
_BEGINS_A_WORD = re.compile(rf"^(?:[^\W{_WIDE}]|[(\[“‘\"*`])")
_ANCHOR_WORDS, _ANCHOR_LONGEST = 6, 80


def last_words(text: str) -> str:
    """The end of a text that a model is asked to begin with, so that it goes on from there."""
    line = text.rstrip().rpartition("\n")[2]
    words = re.findall(r"\S+\s*", line)
    return "".join(words[-_ANCHOR_WORDS:])[-_ANCHOR_LONGEST:].strip()


class Seam:
    """Joins the stream of a model that was asked to go on to the text before it.

    What it repeats of the end of that text is left out; where it repeats nothing, a blank is put between two
    words. Text goes in as it comes and out as soon as it is certain.
    """

    def __init__(self, before: str) -> None:
        self._before = before
        self._ends = _ends(before.rstrip())
        self._held = ""
        self._joined = False

    def feed(self, text: str) -> str:
        """More of the stream; returns what goes behind the text before."""
        if self._joined:
            return text
        self._held += text
        start = self._held.lstrip()
        if not start or any(end.startswith(start) for end in self._ends):
            return ""  # may still become a repetition
        return self._join()

    def end(self) -> str:
        """What was held back until the stream ended."""
        return "" if self._joined else self._join()

    def _join(self) -> str:
        self._joined = True
        start, trimmed = self._held.lstrip(), self._before.rstrip()
        repeated = next((end for end in self._ends if _repeats(start, end)), "")
        if repeated:
            gone = self._before[len(trimmed) :]  # blanks that stand there already
            rest = start[len(repeated) :]
            return rest.lstrip() if gone else rest
        if not start:
            return ""
        if self._before[-1:].isspace():
            return start
        blank = _ENDS_A_WORD.search(self._before) and _BEGINS_A_WORD.search(self._held)
        return f" {self._held}" if blank else self._held


def _ends(text: str) -> list[str]:
    """The ends of a text that begin with a word, longest first."""
    tail = text[-_LONGEST:]
    starts = [match.start() for match in re.finditer(r"(?<!\S)\S", tail)]
    cut = len(tail) < len(text)  # may have gone through a word
    return [tail[start:] for start in starts if start or not cut]


def _repeats(said: str, end: str) -> bool:
    """Whether what was said begins with this end; a single word must stand there as a whole."""
    if not said.startswith(end):
        return False
    several = any(sign.isspace() for sign in end)
    return several or not re.match(r"\w", said[len(end) :])
