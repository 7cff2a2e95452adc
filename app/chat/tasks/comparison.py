"""A comparison without a model: for each document the sentences on what the documents have in common."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from app.chat.context import Passage
from app.chat.extractive import extract
from app.chat.extractive.candidates import Sentence, quotable
from app.chat.extractive.wording import written
from app.chat.tasks.summary import telling

_PAIRS, _ALONE = 5, 3
# So much of their words' weight, and so many words, two sentences share that speak of the same matter.
_ALIKE, _SHARED = 0.12, 2


def comparison(documents: Sequence[tuple[str, Sequence[Passage]]], aspect: str = "") -> str:
    """A heading for each document and below it its sentences with marks; alike ones stand in the same order.

    Args:
        documents: name and passages of each.
        aspect: what they are compared by; "" for what they have in common.
    """
    if aspect:
        found = [extract(aspect, passages) for _, passages in documents]
    else:
        found = [_listed(sentences) for sentences in _alike([passages for _, passages in documents])]
    named = zip(documents, found, strict=True)
    return "\n\n".join(f"#### {_heading(name)}\n\n{text}" for (name, _), text in named if text)


def _alike(documents: Sequence[Sequence[Passage]]) -> list[list[Sentence]]:
    """For each document the sentences that are most alike to those of the first one."""
    first, *others = (quotable(passages) for passages in documents)
    chosen: list[list[Sentence]] = [[], *([] for _ in others)]
    for number, other in enumerate(others, 1):
        for one, its in _pairs(first, other):
            chosen[0] += [one] if one not in chosen[0] else []
            chosen[number].append(its)
    return [
        sentences or telling(passages, _ALONE) for sentences, passages in zip(chosen, documents, strict=True)
    ]


def _pairs(first: Sequence[Sentence], other: Sequence[Sentence]) -> list[tuple[Sentence, Sentence]]:
    """The sentences on the same matters, each of them once, the most alike first."""
    weights = _weights([*first, *other])
    scored = [
        (likeness, -i, -j)
        for i, one in enumerate(first)
        for j, its in enumerate(other)
        if (likeness := _likeness(one, its, weights)) > 0
    ]
    pairs: list[tuple[Sentence, Sentence]] = []
    used: set[tuple[int, int]] = set()
    for _, i, j in sorted(scored, reverse=True):
        if len(pairs) < _PAIRS and (0, i) not in used and (1, j) not in used:
            pairs.append((first[-i], other[-j]))
            used |= {(0, i), (1, j)}
    return pairs


def _weights(sentences: Sequence[Sentence]) -> dict[str, float]:
    counts = Counter(token for one in sentences for token in one.tokens)
    return {token: math.log(1 + len(sentences) / count) for token, count in counts.items()}


def _likeness(one: Sentence, other: Sentence, weights: dict[str, float]) -> float:
    """How much weight they share, and how much of all of theirs that is, in one; 0 for too little."""
    shared = one.tokens & other.tokens
    if len(shared) < _SHARED or not (one.whole and other.whole):
        return 0.0
    both = sum(weights[token] for token in sorted(one.tokens | other.tokens))
    common = sum(weights[token] for token in sorted(shared))
    return common * common / both if common >= _ALIKE * both else 0.0


def _listed(sentences: Sequence[Sentence]) -> str:
    """One a line, in the order in which they are given."""
    return "\n".join(f"- {written([one]).removeprefix('- ')}" for one in sentences)


def _heading(name: str) -> str:
    """A file's name without what would be read as a mark or a second line."""
    return " ".join(name.replace("[", "(").replace("]", ")").split())
