"""A question: its words and pairs, and once they are counted what each weighs.

The weight of a word is exact. How many chunks hold a pair is not counted, for there are more pairs than all
else: those of its words tell it well enough.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from vectorstore.keywords.fields import (
    AROUND,
    MAX_QUERY_TERMS,
    PAIRS,
    SHARES,
    TEXT,
    query_pairs,
    query_terms,
)
from vectorstore.keywords.postgres.batch import SCALE


class Weighed(NamedTuple):
    """A word or a pair, and what a unit of its impact is worth.

    Attributes:
        of_text, of_around: in the text (or as a pair), and around it.
        entries: how many chunks the postings name for a word.
    """

    term: str
    of_text: float
    of_around: float
    entries: int


class Question:
    """Attributes: `terms`, how often it has each word, in order."""

    def __init__(self, text: str) -> None:
        self.terms = query_terms(text)
        self._pairs = query_pairs(text)
        self._chunks = 0
        self._held: Mapping[str, tuple[int, int]] = {}

    def count(self, chunks: int, held: Mapping[str, tuple[int, int]]) -> None:
        """Args: held: how many chunks have each word around them, and how many in their text."""
        self._chunks, self._held = chunks, held

    def weight(self, term: str) -> float:
        """For telling chunks apart."""
        return self._idf(self._held.get(term, (0, 0))[1])

    def words(self) -> list[Weighed]:
        """The rarest of those that are known, first the rarest."""
        rarest = sorted(self._held, key=lambda term: self._held[term][0])[:MAX_QUERY_TERMS]
        return [self._weighed(term, *self._held[term]) for term in rarest]

    def pairs(self) -> list[Weighed]:
        """Those of known words."""
        return [
            Weighed(pair, times * SHARES[PAIRS] * self._weight_of_pair(pair) / SCALE, 0.0, 0)
            for pair, times in self._pairs.items()
            if all(self._held.get(word, (0, 0))[1] for word in pair.split("_"))
        ]

    def _weighed(self, term: str, around: int, text: int) -> Weighed:
        times = self.terms[term] / SCALE
        of_text, of_around = SHARES[TEXT] * self._idf(text), SHARES[AROUND] * self._idf(around)
        return Weighed(term, times * of_text, times * of_around, around)

    def _weight_of_pair(self, pair: str) -> float:
        """Halfway between words that only occur together and words that meet by chance."""
        first, second = map(self.weight, pair.split("_"))
        return (max(first, second) + min(self._idf(1), first + second)) / 2

    def _idf(self, holding: int) -> float:
        holding = min(holding, self._chunks)  # what was deleted counts until it is merged
        return math.log1p((self._chunks - holding + 0.5) / (holding + 0.5))
