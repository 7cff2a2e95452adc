"""A piece of a document as values are looked for in it: signs of all widths alike, each at its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from vectorstore.tokens import normalize

_CIRCLED = re.compile(r"[①-⑳]")


@dataclass(frozen=True)
class Folded:
    """A text and where each of its signs stands in the document.

    Attributes:
        original: as it stands there.
        start: where it begins there.
    """

    original: str
    start: int = 0

    @cached_property
    def _parts(self) -> tuple[str, tuple[int, ...]]:
        if self.original.isascii():
            return self.original, tuple(range(len(self.original) + 1))
        signs: list[str] = []
        places: list[int] = []
        for place, sign in _clusters(_CIRCLED.sub(" ", self.original)):
            folded = normalize(sign)
            signs.append(folded)
            places += [place] * len(folded)
        return "".join(signs), (*places, len(self.original))

    @property
    def text(self) -> str:
        return self._parts[0]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where in the document a piece of the folded text stands."""
        places = self._parts[1]
        return self.start + places[start], self.start + (
            places[end - 1] + 1 if end > start else places[start]
        )

    def said(self, start: int, end: int) -> str:
        """The piece as it stands in the document."""
        first, last = self.span(start, end)
        return self.original[first - self.start : last - self.start]


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    """Each sign with its place; parts of a Hangul syllable and accents go with the sign before them."""
    for match in re.finditer(
        r"[\u1100-\u115f][\u1160-\u11a7]?[\u11a8-\u11ff]?|.[\u0300-\u036f]*", text, re.DOTALL
    ):
        yield match.start(), match[0]


_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class Squeezed:
    """A folded text without blanks and case, to look for words that are spaced in another way."""

    text: str
    places: tuple[int, ...]

    @classmethod
    def of(cls, folded: str) -> Squeezed:
        kept = [(place, sign) for place, sign in enumerate(folded) if not (sign.isspace() or sign == "\\")]
        lower = [(place, one) for place, sign in kept for one in sign.casefold()]
        return cls("".join(sign for _, sign in lower), tuple(place for place, _ in lower))

    def find(self, wanted: str) -> Iterator[tuple[int, int]]:
        """From where to where in the folded text this stands, as words of their own."""
        at = self.text.find(wanted) if wanted else -1
        while at >= 0:
            end = at + len(wanted)
            if not (_runs_on(self, at) or _runs_on(self, end)):
                yield self.places[at], self.places[end - 1] + 1
            at = self.text.find(wanted, at + 1)


def _runs_on(squeezed: Squeezed, at: int) -> bool:
    """Whether a Latin word or a number goes on over this place; Korean words take particles."""
    if not 0 < at < len(squeezed.text) or squeezed.places[at] != squeezed.places[at - 1] + 1:
        return False
    before, after = squeezed.text[at - 1], squeezed.text[at]
    if before.isdigit() and after.isdigit():
        return True
    return before.isalpha() and after.isalpha() and before.isascii() and after.isascii()


@lru_cache(maxsize=4096)
def squeezed(text: str) -> str:
    """A value as it is looked for."""
    return _SPACES.sub("", normalize(text)).replace("\\", "").casefold()
