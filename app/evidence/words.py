"""The words of a sentence as they are compared: cheap enough to read an answer's sources while it is shown.

Korean is compared by its stems without particles, and by pairs of syllables where an ending differs;
the analyser of the keyword index would take ten times as long.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from app.evidence.units import KOREAN
from vectorstore.tokens import STOP_WORDS, normalize, stem

_WORD = re.compile(r"[가-힣]+|[^\W_가-힣]+(?:[-'’.&][^\W_가-힣]+)*")
_HANGUL = re.compile(r"[가-힣]")

# Particles and the endings of a copula, longest first; what is left of a word must have two syllables, or one
# before a particle that nouns alone take.
_PARTICLES = re.compile(
    r"(?:에서는|에서도|에게서|으로써|으로서|이라고|이라는|까지는|부터는|에서의|입니다|이었다|이라며|에서|에게|에는|에도|"
    r"으로|이며|이고|이다|이란|이나|라도|까지|부터|보다|처럼|마다|조차|밖에|라고|라는|하고|와의|과의|로서|로써|로는|로의|"
    r"은|는|이|가|을|를|의|에|로|와|과|도|만|나|란|야|여|인)$"
)
_SHORT_PARTICLES = re.compile(r"(?:은|는|을|를|의|에|에서|에게|부터|까지)$")
_CONNECTING_WORDS = """
additionally however moreover furthermore therefore thus hence overall finally similarly likewise also besides
including include includes included according accordingly specifically instead meaning ensuring e.g i.e etc
"""
_CONNECTING = frozenset(_CONNECTING_WORDS.split())
_KOREAN_FUNCTION_WORDS = """
및 또는 그리고 그러나 하지만 또한 다만 이 그 저 것 수 등 때 중 더 위해 위한 대한 대해 대하여
따라 따른 있다 있는 있습니다 있으며 있고 한다 합니다 하는 하며 하고 하여 된다 됩니다 되는 되며 되고
이는 이를 이에 경우 즉 약 각 이러한 그런 어떤 있을 있어 있어야 해야 하면 되면 없이 통해 관한
않습니다 않는다 않다 않으며 않은 않고 않을 없습니다 없다 없는 아닙니다 아니다 아닌 관하여 의해 의한
같은 같이 모든 매우 바로 이때 해당 하였다 했다 했습니다 하였습니다 함 해요 되었다 됐다 되었습니다 됐습니다
됨 돼요 이다 입니다 임 이에요 예요 였다 였습니다 이었다 이었습니다
"""
# What a number counts, with its particle: `일까지` of `60일까지`.
_COUNTER = re.compile(rf"(?:{'|'.join(KOREAN)})(?:{_PARTICLES.pattern.removesuffix('$')})?")
_EMPTY_KOREAN = frozenset(_KOREAN_FUNCTION_WORDS.split())


@dataclass(frozen=True, slots=True)
class Word:
    """A word that says something, unlike `the` or `및`.

    Attributes:
        text: as it is written.
        key: what it is compared by: an English stem, a Korean word without its particle.
        start: where it stands.
        first: whether it begins the sentence.
    """

    text: str
    key: str
    start: int
    first: bool

    @property
    def is_korean(self) -> bool:
        return bool(_HANGUL.match(self.key))

    @property
    def has_digit(self) -> bool:
        return any(letter.isdigit() for letter in self.text)

    @property
    def is_capital(self) -> bool:
        """Written as names are, within a sentence."""
        return self.text[0].isupper() and (not self.first or self.text[1:2].isupper())


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[Word, ...]:
    """The words of a normalised text that say something, in order; numbers among them."""
    return tuple(word for word in every_word(text) if _key(word.text))


@lru_cache(maxsize=4096)
def every_word(text: str) -> tuple[Word, ...]:
    """All words of a normalised text, in order: `the` and `및`, too."""
    found: list[Word] = []
    first = True
    for match in _WORD.finditer(text):
        for piece, start in _pieces(match):
            if not (start and text[start - 1].isdigit() and _COUNTER.fullmatch(piece)):
                found.append(Word(piece, key_of(piece), start, first))
            first = False
    return tuple(found)


def _pieces(match: re.Match[str]) -> list[tuple[str, int]]:
    """`in-network` is two words; `U.S.` and `A-401` are one."""
    text = match[0]
    if "-" not in text or any(letter.isdigit() for letter in text):
        return [(text, match.start())]
    return [(part[0], match.start() + part.start()) for part in re.finditer(r"[^-]+", text)]


def key_of(text: str) -> str:
    """What a word is compared by; of one that says nothing by itself, the word."""
    return _key(text) or text.lower()


@lru_cache(maxsize=32_768)
def _key(text: str) -> str:
    """Empty for a word that says nothing by itself."""
    if _HANGUL.match(text):
        return "" if text in _EMPTY_KOREAN else bare(text)
    lower = text.lower().replace("’", "'")
    lower = lower.removesuffix("'s").rstrip(".'")
    if text.isupper() and len(text) > 1:
        return stem(lower)  # `US`, `IT`, `WHO`
    empty = lower in _CONNECTING or lower in STOP_WORDS or lower.split("'")[0] in STOP_WORDS
    return "" if empty else stem(lower)


def bare(word: str) -> str:
    """A Korean word without its particle."""
    cut = _PARTICLES.sub("", word)
    if len(cut) >= 2:
        return cut
    cut = _SHORT_PARTICLES.sub("", word)
    return cut or word


class Vocabulary:
    """The words of a source, to ask whether they hold a word of a claim.

    Args:
        texts: normalised.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        found = [word for text in texts for word in words(text)]
        self.keys = {word.key for word in found}
        self._korean = " ".join("".join(text.split()) for text in texts if _HANGUL.search(text))
        self._pairs = {pair for word in found if word.is_korean for pair in syllable_pairs(word.key)}

    def holds(self, word: Word) -> bool:
        """Whether this word stands there, in any form that is written alike."""
        if word.key in self.keys:
            return True
        if not word.is_korean:
            return False
        return word.key in self._korean if len(word.key) > 1 else False

    def share(self, word: Word) -> float:
        """1 for a word that stands there; for a Korean one with another ending, the part that does."""
        if self.holds(word):
            return 1.0
        pairs = syllable_pairs(word.key) if word.is_korean else []
        return sum(pair in self._pairs for pair in pairs) / len(pairs) if pairs else 0.0


def syllable_pairs(word: str) -> list[str]:
    return [first + second for first, second in pairwise(word)]


@lru_cache(maxsize=4096)
def clean(text: str) -> str:
    """A sentence as all comparisons read it: full-width signs folded, on one line, without Markdown."""
    # Circled numbers become digits, which would count what follows.
    flat = _DECORATION.sub(" ", normalize(_CIRCLED.sub(" ", text)))
    return " ".join(_LEADING.sub("", flat.strip()).split())


_DECORATION = re.compile(r"\*\*|__|`|[|]")
_CIRCLED = re.compile(r"[①-⑳]")
_LEADING = re.compile(r"^(?:#{1,6}\s+|>\s+|[-*+•·▪▫◦‣∙○●■□◆▶–—]\s+|\(?\d{1,3}[.)]\s+)+")
