"""Texts as search compares them, and where in the original what was found stands."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

Span = tuple[int, int]
"""Half-open character range [start, end) of a text."""

# Half-width signs that become one letter with what stands before them.
_JOINED = frozenset("ﾞﾟ")


def fold(text: str) -> str:
    """Case, width and ways of composing made alike: 'ＡＢＣ' and 'abc', 'STRASSE' and 'straße' are one."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return folded if folded.isascii() else unicodedata.normalize("NFKC", folded)


def words(text: str) -> tuple[str, ...]:
    """The folded words of a query, each once."""
    return tuple(dict.fromkeys(fold(text).split()))


def spans(text: str, wanted: Sequence[str]) -> list[Span]:
    """Where in `text` the folded words stand, in order; what overlaps or touches is one span."""
    starts, folded = _mapped(text)
    found = sorted(
        (starts[at], _end(starts, at + len(word))) for word in wanted for at in _places(folded, word)
    )
    joined: list[Span] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _mapped(text: str) -> tuple[list[int], str]:
    """The folded text, and for each of its characters (and its end) where in `text` it comes from."""
    starts: list[int] = []
    parts: list[str] = []
    for start, end in _clusters(text):
        part = fold(text[start:end])
        starts += [start] * len(part)
        parts.append(part)
    return [*starts, len(text)], "".join(parts)


def _clusters(text: str) -> Iterator[Span]:
    """Characters with what folding may join to them."""
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not _joins(text[at]):
            if at > start:
                yield start, at
            start = at


def _joins(character: str) -> bool:
    return (
        character in _JOINED
        or unicodedata.combining(character) != 0
        or "ᅠ" <= character <= "ᇿ"  # vowels and last consonants of Hangul that is not composed
        or "ﾠ" <= character <= "ￜ"  # half-width Hangul
    )


def _end(starts: Sequence[int], at: int) -> int:
    """Where the cluster ends whose folded characters end before `at`."""
    last = starts[at - 1]
    return next(start for start in starts[at:] if start > last)


def _places(folded: str, word: str) -> Iterator[int]:
    at = folded.find(word) if word else -1
    while at >= 0:
        yield at
        at = folded.find(word, at + len(word))
