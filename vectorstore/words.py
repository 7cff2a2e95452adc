"""The content words of a text as they are written: what is asked about, without particles and empty words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vectorstore.tokens import morphemes, normalize, tokenize_many

if TYPE_CHECKING:
    from kiwipiepy import Token

_HANGUL = re.compile("[가-힣]")
_LATIN = re.compile(r"(?:(?![가-힣ᄀ-ᇿ\u3130-\u318f])[^\W_])+(?:[-.,:/@+&'](?:(?![가-힣])[^\W_])+)*")
# What nouns are made of; bound ones (것, 수, 명) and pronouns name nothing.
_NOUN = ("NNG", "NNP", "NR", "XR", "XPN", "XSN")
# Words of asking, which every question may have.
_ASKING_WORDS = """
many much often long tell show give please explain describe list name know want need get make made mean way
thing kind best good happen happens work works use used
방법 얼마 며칠 이유 설명 정도 경우 무엇 언제 어디 누구 추천 말 뭐 안 때 곳 사람 가장 제일
"""
_ASKING = frozenset(_ASKING_WORDS.split())


@dataclass(frozen=True, slots=True)
class Word:
    """A content word: as it is written, where it begins in the normalised text, and its tokens of search."""

    text: str
    start: int
    tokens: frozenset[str]

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def content_words(text: str) -> list[Word]:
    """The words of a text that name something, in order: `France` of `What is France?`, `연차` of `연차는`.

    Of Korean these are the nouns, compounds whole; of other languages all words but the commonest.
    """
    normal = normalize(text)
    spans = [match.span() for match in _LATIN.finditer(normal)]
    if _HANGUL.search(normal):
        spans += _nouns(next(iter(morphemes([normal]))))
    spans = sorted(set(spans))
    tokens = tokenize_many([normal[slice(*span)] for span in spans])
    words = (
        Word(normal[slice(*span)], span[0], frozenset(found))
        for span, found in zip(spans, tokens, strict=True)
    )
    return [word for word in words if word.tokens and word.text.lower() not in _ASKING]


def _nouns(found: Iterable[Token]) -> Iterator[tuple[int, int]]:
    """Runs of what nouns are made of, within one word between blanks."""
    start = end = -1
    for one in found:
        if not one.tag.startswith(_NOUN):
            continue
        if one.start != end:
            if end > start >= 0:
                yield start, end
            start = one.start
        end = one.start + one.len
    if end > start >= 0:
        yield start, end
