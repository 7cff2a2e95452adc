"""The numbers, dates and names of a text, and which of them another text lacks."""

from __future__ import annotations

from app.evidence.quantities import quantities
from app.evidence.values import same
from app.evidence.words import words
from vectorstore.tokens import morphemes, normalize


def lost_numbers(text: str, other: str) -> list[str]:
    """Numbers, amounts, dates and times of `text` that `other` does not have, however it writes them."""
    theirs = quantities(normalize(other))
    mine = quantities(normalize(text))
    return [one.text for one in mine if not any(same(one, its) for its in theirs)]


def added_numbers(text: str, other: str) -> list[str]:
    """Those of `text` in figures that stand nowhere in `other`; `both` and `two` are how one puts it."""
    return [one for one in lost_numbers(text, other) if any(map(str.isdigit, one))]


def lost_names(text: str, other: str) -> list[str]:
    """Words of `text` that are written as names are, and Korean names, that `other` lacks."""
    plain, beside = normalize(text), normalize(other)
    theirs = {word.key for word in words(beside)}
    latin = [word.text for word in words(plain) if word.is_capital and word.key not in theirs]
    return latin + [name for name in _korean_names(plain) if name not in beside]


def _korean_names(text: str) -> list[str]:
    found = morphemes([text]) if any("가" <= letter <= "힣" for letter in text) else []
    return [token.form for tokens in found for token in tokens if token.tag == "NNP"]
