"""How well each sentence answers a question, by words alone."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.chat.extractive.candidates import LONGEST, Sentence

# What a score is made of, beside the sentence's own share of the question's terms: those above it, those of
# the sentence before it, its passage's score, a number where one is wanted, and the beginning of a passage,
# which says what it is about. Each may be half or twice as much without another result.
_ABOVE, _BEFORE, _HIT, _NUMBER, _FIRST = 0.5, 0.15, 1.3, 0.12, 0.1
# The text beside what was found may hold the answer, but was not found.
_BESIDE = 0.8
# What has fewer new words than this says little beyond the question.
_NEW_WORDS, _SAYS_LITTLE = 4, 0.4
# A line that ends without a mark is often the head of a table or a label.
_NO_END = 0.2
# "By following these steps …": what it points to is the answer.
_POINTS = 0.2
# Words of a follow-up, against those of the question before it.
_LAST = 4.0

_WANTS_NUMBER = re.compile(
    r"\bhow (?:many|much|long|often|far|old|high|big)\b|\bwhen\b"
    r"|\bwhat (?:date|year|time|age|number|percentage)\b"
    r"|며칠|몇|얼마|언제|기간|금액|비율|한도",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"\b(?:these|those|the above|the following|above|below|outlined)\b|\bfollowing (?:the|this)\b"
    r"|이상의|위의|위와 같|이러한|이와 같|다음과 같|아래",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked.

    Attributes:
        text: the part that was asked last.
        tokens: of the whole question, without the words that only ask.
        last: those of the part that was asked last.
    """

    text: str
    tokens: frozenset[str]
    last: frozenset[str] = frozenset()


def scores(asked: Asked, sentences: Sequence[Sentence]) -> list[float]:
    """A score for each sentence; the greater, the better it answers."""
    weight = _weights(asked, sentences)
    best = max((one.hit_score for one in sentences), default=0.0) or 1.0
    wants_number = bool(_WANTS_NUMBER.search(asked.text))
    found = []
    before = frozenset[str]()
    document = ""
    for one in sentences:
        own = asked.tokens & one.tokens
        score = weight.share(own) + _ABOVE * weight.share((asked.tokens & one.around) - own)
        if one.document_id == document:
            score += _BEFORE * weight.share((asked.tokens & before) - own - one.around)
        score += _NUMBER * (wants_number and any(map(str.isdigit, one.text)))
        score += _FIRST / (1 + one.order) - _flaws(asked, one)
        score += _HIT * one.hit_score / best * (1.0 if one.found else _BESIDE)
        found.append(score * min(1.0, LONGEST / max(1, len(one.text))))
        before, document = one.tokens, one.document_id
    return found


def _flaws(asked: Asked, one: Sentence) -> float:
    new = len(one.tokens - asked.tokens)
    little = _SAYS_LITTLE * max(0.0, 1 - new / _NEW_WORDS)
    return little + _NO_END * (not one.whole) + _POINTS * bool(_POINTING.search(one.text))


class _Weights(dict[str, float]):
    """Terms of the question with their weights: the rarer in what was found, the more."""

    def share(self, tokens: frozenset[str]) -> float:
        """Their part of all weight, in [0, 1]."""
        return sum(self.get(token, 0.0) for token in sorted(tokens)) / (sum(self.values()) or 1.0)


def _weights(asked: Asked, sentences: Sequence[Sentence]) -> _Weights:
    counts = Counter(token for one in sentences for token in asked.tokens & (one.tokens | one.around))
    return _Weights(
        (token, math.log(1 + len(sentences) / counts[token]) * (_LAST if token in asked.last else 1.0))
        for token in sorted(counts)
    )
