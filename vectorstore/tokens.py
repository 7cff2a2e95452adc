"""What the keyword index counts: words, stems, identifiers with their parts, Hangul morphemes and bigrams."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiwipiepy import Kiwi, Token
    from Stemmer import Stemmer

_HANGUL = "가-힣ᄀ-ᇿ\u3130-\u318f"
_OTHER_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_CJK = _HANGUL + _OTHER_CJK

# Letters and digits, joined by what joins identifiers, dates and addresses; or a run of CJK signs.
_RUN = re.compile(rf"[^\W_{_CJK}]+(?:[-_.,:/@+&'][^\W_{_CJK}]+)*|[{_OTHER_CJK}]+")
_PART = re.compile(r"[^\W_]+")
_LETTERS_OR_DIGITS = re.compile(r"\d+|[^\W\d_]+")
# `제12조` and `3일`: a number with its counter, whatever particle follows.
_COUNTED = re.compile(
    r"(제)?(\d+(?:[.,]\d+)*[년월일주시분초조항호목절장편권쪽개명인원회차세급층번건대위배만억천])"
)
_HANGUL_RUN = re.compile(f"[{_HANGUL}]+")
_IS_ANY_CJK = re.compile(f"[{_CJK}]")
_IS_CJK = re.compile(f"[{_OTHER_CJK}]")
_HAS_DIGIT = re.compile(r"\d")
# Soft hyphens and zero-width signs sit inside words without being seen.
_INVISIBLE = dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))
_TYPOGRAPHIC = str.maketrans("‐‑‒–−’‘ʼ", "-----'''")

# What stands behind an apostrophe says nothing: `company's`, `don't`.
_AFTER_APOSTROPHE = frozenset({"s", "t", "re", "ve", "ll", "d", "m"})
# Longer runs are data, not words; their parts are cut, too.
_LONGEST = 128
_LONGEST_WORD = 32

# Tags of Kiwi that carry content: nouns, numerals, verbs, adjectives, adverbs, roots.
_CONTENT = ("NN", "NR", "VV", "VA", "MAG", "XR")
# Bigrams also span what nouns are built with. Particles and endings, which every sentence has, and the
# question's own words (무엇, 누구, 어떤) make none: 28 % fewer tokens, and better ranking.
_BOUND = (*_CONTENT, "XPN", "XSN", "SL")

_FUNCTION_WORDS = """
a about above after again all also am an and any are aren as at be because been before being below between
both but by can could couldn did didn do does doesn doing don down during each few for from further had
hadn has hasn have haven having he her here hers him his how i if in into is isn it its itself just may me
might more most must my no nor not of off on once only or other our ours out over own shall she should
shouldn so some such than that the their theirs them then there these they this those through to too under
until up upon very was wasn we were weren what when where which while who whom whose why will with would
wouldn you your yours
"""
STOP_WORDS = frozenset(_FUNCTION_WORDS.split())


_LOADING = Lock()


def normalize(text: str) -> str:
    """NFKC (which composes Hangul and folds full-width signs), without invisible signs and accents."""
    if text.isascii():
        return text
    folded = unicodedata.normalize("NFKC", text.translate(_INVISIBLE)).translate(_TYPOGRAPHIC)
    return folded.translate(_accents())


def tokenize(text: str) -> list[str]:
    """The tokens of one text, in order of appearance where that has a meaning; none contains a space."""
    return tokenize_many([text])[0]


def tokenize_many(texts: Sequence[str]) -> list[list[str]]:
    """The tokens of each text. Hangul is analysed in one batch on Kiwi's own threads."""
    normal = [normalize(text) for text in texts]
    tokens = [list(_tokens(text)) for text in normal]
    korean = [n for n, text in enumerate(normal) if _HANGUL_RUN.search(text)]
    for n, analysed in zip(korean, morphemes([normal[n] for n in korean]), strict=True):
        tokens[n] += _korean_tokens(normal[n], analysed)
    return tokens


def pairs(tokens: Sequence[str]) -> Iterator[str]:
    """Words that follow each other, as one token a pair; syllable pairs overlap and say this already."""
    for first, second in pairwise(tokens):
        if not (_IS_ANY_CJK.match(first) or _IS_ANY_CJK.match(second)):
            yield f"{first}_{second}"  # no token contains "_"


def _tokens(text: str) -> Iterator[str]:
    """All but Hangul words."""
    for prefix, counted in _COUNTED.findall(text):
        yield counted
        if prefix:
            yield prefix + counted
    for run in _RUN.findall(text):
        if _IS_CJK.match(run):
            yield from _bigrams(run)
        else:
            yield from _known_run_tokens(run) if len(run) <= _LONGEST_WORD else _run_tokens(run)


@lru_cache(maxsize=32_768)  # most words of a text are common ones: a third less time
def _known_run_tokens(run: str) -> tuple[str, ...]:
    return tuple(_run_tokens(run))


def _run_tokens(run: str) -> Iterator[str]:
    lower = run.lower()
    parts = [part for part in _PART.findall(lower) if part not in _AFTER_APOSTROPHE or "'" not in lower]
    if len(parts) > 1 and len(run) <= _LONGEST:
        yield lower
    for part in parts:
        yield from _part_tokens(part[:_LONGEST], acronym=run.isupper() and len(run) > 1)


def _part_tokens(part: str, acronym: bool) -> Iterator[str]:
    if _HAS_DIGIT.search(part):
        pieces = _LETTERS_OR_DIGITS.findall(part)
        yield part
        if len(pieces) > 1:
            yield from pieces
    elif acronym or part not in STOP_WORDS:
        yield stem(part)


def _bigrams(run: str) -> Iterator[str]:
    if len(run) == 1:
        yield run
    for first, second in pairwise(run):
        yield first + second


def _korean_tokens(text: str, analysed: Iterable[Token]) -> Iterator[str]:
    """Morphemes, which find a word in any form, and bigrams, which find a part of a compound."""
    bound = [" "] * len(text)
    for word in analysed:
        if word.tag.startswith(_BOUND):
            span = slice(word.start, word.start + word.len)
            bound[span] = text[span]
        if word.tag.startswith(_CONTENT) and word.len <= _LONGEST and _HANGUL_RUN.match(word.form):
            yield word.form
    for run in _HANGUL_RUN.findall("".join(bound)):
        yield from _bigrams(run)


def morphemes(texts: list[str]) -> Iterable[list[Token]]:
    """Kiwi's morphemes of each text; loads Kiwi (about a second) unless there is no text."""
    return _kiwi().tokenize(texts) if texts else []


def _kiwi() -> Kiwi:
    with _LOADING:  # a hundred threads may ask at once, and one costs 200 MB
        return _load_kiwi()


@cache
def _load_kiwi() -> Kiwi:
    from kiwipiepy import Kiwi

    # The optional dictionaries double the memory and add nothing that was measurable in search.
    return Kiwi(load_default_dict=False, load_multi_dict=False, load_typo_dict=False)


@cache
def _accents() -> dict[int, int]:
    """Latin letters with marks → the bare letter; Hangul and other scripts stay as they are."""
    marked = [*range(0xC0, 0x250), *range(0x1E00, 0x1F00)]
    return {code: ord(unicodedata.normalize("NFD", chr(code))[0]) for code in marked}


def stem(word: str) -> str:
    """The English stem of a word in lower case."""
    return str(_stemmer().stemWord(word))


@cache
def _stemmer() -> Stemmer:
    from Stemmer import Stemmer

    return Stemmer("english")
