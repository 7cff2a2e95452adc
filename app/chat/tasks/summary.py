"""A summary without a model: the sentences that say most of what a document says, spread over its length."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Sequence

from app.chat.context import Passage
from app.chat.extractive.candidates import LONGEST, Sentence, quotable
from app.chat.extractive.wording import written

_USUAL, _MOST = 8, 20
_PAGE = 15
# What is said once only is seldom what a document is about.
_ONCE = 0.3
_WANTED = 3.0
# Lines without an end, rows and items, sentences that do not begin their passage, and each further one of a
# stretch count for so much less.
_NO_END, _ITEM, _LATER, _AGAIN = 0.5, 0.6, 0.85, 0.45
_SHORT_WORDS = 6

_NUMBERS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "한": 1,
    "두": 2,
    "세": 3,
    "네": 4,
    "다섯": 5,
    "여섯": 6,
    "일곱": 7,
    "여덟": 8,
    "아홉": 9,
    "열": 10,
}
_COUNT = re.compile(r"(\d{1,3})|\b(" + "|".join(_NUMBERS) + r")\b", re.IGNORECASE)
_PAGES = re.compile(r"\bpages?\b|쪽|페이지", re.IGNORECASE)


def length_of(wish: str) -> int:
    """How many sentences "three sentences", "여덟 문장 정도" or "one page" are."""
    found = _COUNT.search(wish)
    if found is None:
        return _USUAL
    count = int(found[1]) if found[1] else _NUMBERS[found[2].lower()]
    return max(1, min(_MOST, count * _PAGE if _PAGES.search(wish) else count))


def summary(passages: Sequence[Passage], count: int, wanted: Collection[str] = ()) -> str:
    """So many sentences, fewer of a short document, in reading order with marks; "" if there are none.

    Args:
        passages: of one document, in order.
        wanted: tokens of what is to be paid attention to.
    """
    return written(telling(passages, count, wanted))


def telling(passages: Sequence[Passage], count: int, wanted: Collection[str] = ()) -> list[Sentence]:
    """The sentences themselves. Greedy: each adds most of the weight of words that no earlier one has."""
    found = quotable(passages)
    weights = _weights(found, wanted)
    stretch = max(1, math.ceil(len(passages) / count))
    chosen: list[Sentence] = []
    told: set[str] = set()
    taken: Counter[int] = Counter()
    while len(chosen) < count:
        gains = [(_gain(one, weights, told) * _AGAIN ** taken[one.n // stretch], one) for one in found]
        best, one = max(gains, key=lambda pair: pair[0], default=(0.0, None))
        if one is None or best <= 0:
            break
        chosen.append(one)
        told |= one.tokens
        taken[one.n // stretch] += 1
    return sorted(chosen, key=lambda one: (one.n, one.place))


def _weights(sentences: Sequence[Sentence], wanted: Collection[str]) -> dict[str, float]:
    counts = Counter(token for one in sentences for token in one.tokens)
    return {
        token: (math.log1p(count) if count > 1 else _ONCE) * (_WANTED if token in wanted else 1.0)
        for token, count in counts.items()
    }


def _gain(one: Sentence, weights: dict[str, float], told: set[str]) -> float:
    fresh = one.tokens - told
    if 2 * len(fresh) < len(one.tokens) or len(one.text) > LONGEST:
        return 0.0
    gain = sum(weights[token] for token in sorted(fresh)) / (len(one.tokens) + _SHORT_WORDS)
    return (
        gain
        * (1.0 if one.whole else _NO_END)
        * (_ITEM if one.item else 1.0)
        * (1.0 if one.order == 0 else _LATER)
    )
