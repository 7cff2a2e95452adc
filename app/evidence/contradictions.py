"""Sentences that say different numbers or dates of the same thing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from app.evidence.names import outside
from app.evidence.quantities import Quantity, quantities
from app.evidence.sources import Source, Sources
from app.evidence.values import same
from app.evidence.words import Word, words

# Of the words of both sentences together, how many they share where they speak of one thing.
_ALIKE = 0.55
_FEWEST_WORDS = 2
# Words that stand for each other without changing what is spoken of.
_LIGHT_WORDS = """
get have receiv entitl each everi all per provid offer give grant allow may can must shall up least most
부여 제공 지급 받 주어 최대 최소 매 총 한다 합니다 준다 줍니다 있다 가능
"""
_LIGHT = frozenset(_LIGHT_WORDS.split())


def contradicting(one: Source, sources: Sources) -> Iterator[tuple[Source, Quantity, Quantity]]:
    """Each other source that says the same with another value, with both values."""
    mine = quantities(one.text)
    if not mine:
        return
    said = outside(words(one.text), mine)
    for other in sources.alike(one):
        its = quantities(other.text)
        pair = _at_odds(mine, its)
        if pair and _of_one_thing(said, outside(words(other.text), its)) and _not_siblings(one, other):
            yield other, *pair


def _at_odds(mine: Sequence[Quantity], its: Sequence[Quantity]) -> tuple[Quantity, Quantity] | None:
    """The first two values of one kind that differ, where neither sentence has the other's value, too."""
    left = [one for one in mine if not any(same(one, other) or same(other, one) for other in its)]
    right = [one for one in its if not any(same(one, other) or same(other, one) for other in mine)]
    for one in left:
        for other in right:
            if (one.kind, one.unit) == (other.kind, other.unit) and type(one.value) is type(other.value):
                return one, other
    return None


def _of_one_thing(said: Sequence[Word], its: Sequence[Word]) -> bool:
    mine, theirs = [w.key for w in said if w.key not in _LIGHT], [w.key for w in its if w.key not in _LIGHT]
    together = set(mine) | set(theirs)
    if len(together) < _FEWEST_WORDS or len(set(mine) & set(theirs)) < _ALIKE * len(together):
        return False
    return not _replaced(mine, theirs)


def _not_siblings(one: Source, other: Source) -> bool:
    """Not of documents that are alike and about two things: one plan's benefits, and another's."""
    mine = [w.key for w in words(one.context) if not w.has_digit]
    theirs = [w.key for w in words(other.context) if not w.has_digit]
    return not (set(mine) & set(theirs) and _replaced(mine, theirs))


def _replaced(mine: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether a word of one stands where the other has another word."""
    operations = SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes()
    return any(name == "replace" for name, *_ in operations)
