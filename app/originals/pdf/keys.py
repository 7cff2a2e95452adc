"""What two spellings of a text share: its letters and digits, with the places that they come from."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Keys:
    """A text without what a reader may change: blanks, hyphens, bullets, bars of tables, case, ligatures.

    Attributes:
        text: letters and digits in Unicode's decomposed form, lower case.
        places: for each of them, where in the original it stands.
    """

    text: str
    places: list[int]

    def span(self, begin: int, end: int) -> tuple[int, int]:
        """The keys that come from the original between `begin` and `end`."""
        inside = [n for n, place in enumerate(self.places) if begin <= place < end]
        return (inside[0], inside[-1] + 1) if inside else (0, 0)


def keys(characters: Iterable[str]) -> Keys:
    """Keys of a text, or of characters that are counted one by one."""
    text: list[str] = []
    places: list[int] = []
    for place, character in enumerate(characters):
        if key := _key(character):
            text.append(key)
            places.extend([place] * len(key))
    return Keys("".join(text), places)


@lru_cache(maxsize=4096)
def _key(character: str) -> str:
    decomposed = unicodedata.normalize("NFKD", character.casefold())
    return "".join(filter(str.isalnum, decomposed))
