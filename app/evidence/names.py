"""Names and other words of a claim that its sources do not have, or have another one in place of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from app.evidence.quantities import Quantity
from app.evidence.units import KINDS
from app.evidence.words import Vocabulary, Word

# From this share of words that follow each other as in the source, another name in the place of its own is
# no paraphrase; from the second, a claim repeats it; from the third, any other word changes what is said.
_NEAR, _VERBATIM, _WORD_BY_WORD = 0.6, 0.7, 0.8


@dataclass(frozen=True, slots=True)
class Foreign:
    """What a claim says and its sources do not.

    Attributes:
        name: whether it is written as names are.
        source: what the sources have in its place; "" where they have nothing.
    """

    said: str
    source: str
    name: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """A claim beside its sources, word by word.

    Attributes:
        share: of its words that follow each other as in the sources, in [0, 1].
    """

    share: float
    foreign: tuple[Foreign, ...]

    @property
    def verbatim(self) -> bool:
        return self.share >= _VERBATIM


def compare(
    claim: Sequence[Word],
    sources: Sequence[Word],
    known: Vocabulary,
    around: Vocabulary,
    *,
    values: int = 0,
    wrong: int = 0,
) -> Comparison:
    """What a claim says in other words than its sources; words of quantities are left out before.

    Args:
        known: the words of the sources.
        around: those of their titles and headings.
        values: how many numbers and dates the claim has, and how many of them are `wrong`.
    """
    matcher = SequenceMatcher(None, [w.key for w in claim], [w.key for w in sources], autojunk=False)
    operations = matcher.get_opcodes()
    follows = sum(
        j - i if name == "equal" else sum(alike(word, sources[k:m]) for word in claim[i:j])
        for name, i, j, k, m in operations
    )
    total = len(claim) + values
    share = (follows + values - wrong) / total if total else 1.0
    found: list[Foreign] = []
    for name, i, j, k, m in operations:
        if name in ("replace", "delete"):  # in place of something, or added to it
            found += _foreign(claim[i:j], sources[k:m], known, around, share)
    return Comparison(share, tuple(found))


def _foreign(
    said: Sequence[Word], instead: Sequence[Word], known: Vocabulary, around: Vocabulary, share: float
) -> Iterator[Foreign]:
    # A name in the place of another one is not made right by the title of the document.
    named = any(is_name(other) or is_noun(other) for other in instead) and share >= _VERBATIM
    new = [w for w in said if not (known.holds(w) or (around.holds(w) and not named) or alike(w, instead))]
    # A word of the source stands in the place of another one: two that changed places.
    moved = [
        w for w in said if w not in new and instead and is_name(w) and w.key not in {o.key for o in instead}
    ]
    if share >= _VERBATIM and moved and any(is_name(other) for other in instead):
        new = new or moved
    for word in new:
        nouns = share >= _VERBATIM and is_noun(word) and bool(instead) and all(map(is_noun, instead))
        counts = is_name(word) or any(map(is_name, instead)) or nouns or (instead and share >= _WORD_BY_WORD)
        if counts and (share >= _NEAR or is_name(word)):
            yield Foreign(word.text, " ".join(other.text for other in instead), is_name(word) or nouns)


def is_name(word: Word) -> bool:
    """Whether it is written as names are."""
    return word.is_capital


# What Korean verbs and adjectives end in; a noun may, too, and then counts as any other word.
_VERBAL = re.compile(r"(?:[다요며고서면지게는은던할한된될함됨음임]|하여|해|되어|니)$")


def is_noun(word: Word) -> bool:
    """Whether it is Korean, and no verb or adjective."""
    return word.is_korean and not _VERBAL.search(word.key)


def alike(word: Word, others: Sequence[Word]) -> bool:
    """Another form of the same word: `지급됩니다` and `지급한다`, `reimbursed` and `reimbursement`."""
    form = _korean_form if word.is_korean else _english_form
    return any(form(word.key, other.key) for other in others if other.is_korean == word.is_korean)


def _english_form(one: str, other: str) -> bool:
    return len(one) >= 4 and one[:4] == other[:4]


def _korean_form(one: str, other: str) -> bool:
    """Nouns are told by all their syllables; verbs by two, or by how the only one of their stem begins."""
    verbal = bool(_VERBAL.search(one)), bool(_VERBAL.search(other))
    if not any(verbal):
        return len(min(one, other, key=len)) > 1 and (one.startswith(other) or other.startswith(one))
    if all(verbal) and _opening(one) == _opening(other):
        return True
    return len(one) > 1 and one[:2] == other[:2]


def _opening(key: str) -> int:
    """The first consonant and vowel: those of `준다` are those of `줍니다`."""
    return (ord(key[0]) - ord("가")) // 28


def outside(found: Sequence[Word], numbers: Sequence[Quantity]) -> list[Word]:
    """The words that belong to no quantity; what kind of days are counted belongs to none."""
    taken = {place for one in numbers for place in range(one.start, one.start + len(one.text))}
    return [word for word in found if word.text in KINDS or word.start not in taken]
