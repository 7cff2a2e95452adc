"""The numbers, dates and names of a text, and which of them another text lacks."""

from __future__ import annotations

from collections.abc import Sequence

from app.evidence.quantities import Quantity, quantities
from app.evidence.values import same
from app.evidence.words import words
from vectorstore.tokens import normalize


def lost_numbers(text: str, other: str) -> list[str]:
    """Numbers, amounts, dates and times of `text` that `other` does not have, however it writes them."""
    theirs = quantities(normalize(other))
    return [one.text for one in quantities(normalize(text)) if not _held(one, theirs)]


def added_numbers(text: str, other: str) -> list[str]:
    """Those of `text` in figures that stand nowhere in `other`; `both` and `two` are how one puts it."""
    return [one for one in lost_numbers(text, other) if any(map(str.isdigit, one))]


def lost_names(text: str, other: str) -> list[str]:
    """Words of `text` that are written as names are, or hold letters and figures, and that `other` lacks."""
    theirs = {word.key for word in words(normalize(other))}
    return [word.text for word in words(normalize(text)) if word.is_capital and word.key not in theirs]


def _held(one: Quantity, others: Sequence[Quantity]) -> bool:
    return any(same(one, other) for other in others)
