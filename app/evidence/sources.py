"""What a sentence of an answer may stand on: the sentences, list items and table rows of its passages."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from app.evidence import dates, numerals
from app.evidence.quantities import Quantity, quantities
from app.evidence.values import same
from app.evidence.words import syllable_pairs, words

# How much a number says about which sentence is meant, against a word: less, because it may be the one that
# is wrong. And a pair of Korean syllables.
_NUMBER, _PAIR = 0.8, 0.5
# A sentence is joined to those that carry a claim if it adds this share of it: one for so many words.
_ADDS, _WORDS_EACH, _MOST = 0.12, 6, 6
# Of the words of two sentences together, the part that they share where they may be about one thing.
_ALIKE = 0.4
# How many words a sentence shares with a claim, at least, whose number it is looked at for.
_SHARED = 2


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A sentence of a passage.

    Attributes:
        n: number of its passage.
        text: as `app.evidence.words.clean` gives it.
        context: title, headings and column names that it stands under, likewise.
        place: whatever the caller finds it again by.
    """

    n: int
    text: str
    context: str = ""
    place: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class Aligned:
    """The sources that carry a claim best: the best one first, all of one passage set.

    Attributes:
        score: how much of the claim the first one holds, and how much of it is in the claim, in [0, 1].
    """

    score: float
    sources: tuple[Source, ...] = ()


@dataclass
class Sources:
    """All sentences that an answer may stand on, and how much each of their words tells."""

    all: Sequence[Source]
    _features: list[Mapping[str, float]] = field(init=False)
    _weights: dict[str, float] = field(init=False)

    def __post_init__(self) -> None:
        self._features = [features(source.text) for source in self.all]
        counts = Counter(name for one in self._features for name in one)
        total = len(self.all)
        self._weights = {name: math.log(1 + total / count) for name, count in counts.items()}
        self._unseen = math.log(1 + total)

    def align(self, claim: str, numbers: Iterable[int] | None = None) -> Aligned:
        """The sentences of these passages (None: of all) that carry a claim best.

        A further sentence is added for what the first ones do not hold; a number alone adds none, because
        any number stands somewhere.
        """
        wanted = None if numbers is None else frozenset(numbers)
        said = self._weighted(features(claim))
        places = self._places(wanted)
        scores = {i: self._overlap(said, self._features[i]) for i in places}
        if not scores or not (best := max(scores.values())):
            return Aligned(0.0)
        chosen = [next(i for i in places if scores[i] == best)]
        together = wanted or {self.all[chosen[0]].n}
        words_only = {name: weight for name, weight in said.items() if not name[:1].isdigit()}
        rest = dict(words_only)
        while len(chosen) < min(_MOST, 2 + len(words(claim)) // _WORDS_EACH):
            last = chosen[-1]
            for name in (*self._features[last], *features(self.all[last].context)):
                rest.pop(name, None)
            gains = {
                i: sum(rest[name] for name in self._features[i] if name in rest)
                for i in places
                if i not in chosen and self.all[i].n in together
            }
            further = max(gains, key=lambda i: gains[i], default=None)
            if further is None or gains[further] < _ADDS * (sum(words_only.values()) or 1.0):
                break
            chosen.append(further)
        return Aligned(best, tuple(self.all[i] for i in chosen))

    def holding(self, claim: str, value: Quantity, numbers: Iterable[int]) -> Source | None:
        """The sentence of these passages with this value that has most in common with a claim, and enough."""
        said = features(claim)
        shared = {
            i: sum(name in said for name in self._features[i] if not name[:1].isdigit())
            for i in self._places(frozenset(numbers))
            if any(same(value, other) for other in quantities(self.all[i].text))
        }
        best = max(shared, key=lambda i: shared[i], default=None)
        return None if best is None or shared[best] < _SHARED else self.all[best]

    def alike(self, source: Source) -> list[Source]:
        """Other sentences that have about the same words."""
        mine = _wordy(features(source.text))
        found = []
        for other, its in zip(self.all, self._features, strict=True):
            theirs = _wordy(its)
            if other is not source and len(mine & theirs) >= _ALIKE * len(mine | theirs):
                found.append(other)
        return found

    def of(self, numbers: Iterable[int] | None) -> list[Source]:
        """The sentences of these passages; None for all."""
        wanted = None if numbers is None else frozenset(numbers)
        return [self.all[i] for i in self._places(wanted)]

    def _places(self, wanted: frozenset[int] | None) -> list[int]:
        return [i for i, source in enumerate(self.all) if wanted is None or source.n in wanted]

    def _weighted(self, found: Mapping[str, float]) -> dict[str, float]:
        return {name: base * self._weights.get(name, self._unseen) for name, base in found.items()}

    def _overlap(self, said: Mapping[str, float], source: Mapping[str, float]) -> float:
        both = sum(weight for name, weight in said.items() if name in source)
        if not both:
            return 0.0
        own = sum(base * self._weights[name] for name, base in source.items())
        return 0.75 * both / sum(said.values()) + 0.25 * both / own


def _wordy(found: Mapping[str, float]) -> set[str]:
    return {name for name in found if not name[:1].isdigit()}


@lru_cache(maxsize=4096)
def features(text: str) -> Mapping[str, float]:
    """What a sentence is found by: words, numbers, and pairs of Korean syllables, with a base weight each."""
    found: dict[str, float] = {}
    for word in words(text):
        if word.is_korean and len(word.key) > 1:
            found.update(dict.fromkeys(syllable_pairs(word.key), _PAIR))
        else:
            key = _in_digits(word.text) or word.key
            found[key] = _NUMBER if key[:1].isdigit() else 1.0
    return found


@lru_cache(maxsize=32_768)
def _in_digits(word: str) -> str:
    return numerals.in_digits(word) or dates.in_digits(word)
