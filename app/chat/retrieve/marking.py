"""Where a text has the terms that a search matched: stems back to words, morphemes back to syllables."""

from __future__ import annotations

import re
from collections.abc import Collection

from vectorstore.tokens import tokenize

_CJK = "\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_HAS_CJK = re.compile(f"[{_CJK}]")
_WORD = re.compile(rf"[^\W_{_CJK}]+")
_SPACED = re.compile(r"\S+")

Span = tuple[int, int]


def spans(text: str, terms: Collection[str]) -> list[Span]:
    """Begin and end of all that the terms stand for, in order and apart from each other.

    A word of letters is marked as a whole when its stem is a term. Korean, Chinese and Japanese terms are
    marked where they stand; single syllables are not, because they stand everywhere.
    """
    wide = sorted((term for term in terms if len(term) > 1 and _HAS_CJK.search(term)), key=len, reverse=True)
    found = [match.span() for term in wide for match in re.finditer(re.escape(term), text)]
    wanted = {term for term in terms if not _HAS_CJK.search(term)}
    if wanted:
        found += [m.span() for m in _WORD.finditer(text) if not wanted.isdisjoint(tokenize(m.group()))]
    return _merged(found)


def matched_words(query: str, terms: Collection[str]) -> list[str]:
    """The query's own words, as they are written, that the terms stand for."""
    words = dict.fromkeys(match.group().strip(".,;:!?\"'“”‘’()") for match in _SPACED.finditer(query))
    return [word for word in words if spans(word, terms)]


def _merged(found: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for begin, end in sorted(found):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged
