"""Whether a claim denies what its sources affirm, or the other way round."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from app.evidence.words import Word, words

_ENGLISH = re.compile(
    r"\b(?:not|never|hardly|barely|scarcely|rarely|seldom|"
    r"no(?!\.| (?:longer|later|more|less|fewer) than)|none|neither|nor|cannot|without|"
    r"(?:prohibit|forbid|exclud|den(?:y|ie)|refus)\w*|forbidden|ineligible|unable|impossible|unless|except)\b"
    r"|n['’]t\b|\bnon(?=-)",
    re.IGNORECASE,
)
_KOREAN = re.compile(
    r"않|못\s?[하한할합해했함되된됩됐]|(?<![가-힣])못\s|없[다는으을이고어었습]|없음|아니(?:[다한할합하함라며고되된됩]|\s)|아닙|아닌|(?<![가-힣])안\s(?=[가-힣])"
    r"|지\s?말|금지|불가|불허|불가능|제외"
)


_BROKEN_OFF = re.compile(r"\.{3,}$")


def negators(text: str) -> list[re.Match[str]]:
    return sorted([*_ENGLISH.finditer(text), *_KOREAN.finditer(text)], key=lambda match: match.start())


def check_negation(claim: str, sources: Sequence[str], *, verbatim: bool) -> str:
    """The word that one of them denies and the other does not; "" if there is none.

    Args:
        verbatim: the claim repeats its source nearly word by word, so that every negation counts.
    """
    denied = Counter(_denied(claim))
    by_sources = Counter(word for source in sources for word in _denied(source))
    if _BROKEN_OFF.search(claim) and denied.total() <= by_sources.total():
        return ""  # what it leaves out is not denied
    said = {_stem(word) for word in words(claim)}
    if verbatim:
        # What is left out altogether, such as "that were not taken", is not said to be otherwise.
        missed = [word for word in by_sources - denied if word in said or negators(word)]
        odd = [*(denied - by_sources), *missed]
        return next(iter(odd), "") if denied.total() != by_sources.total() else ""
    known = {_stem(word) for source in sources for word in words(source)}
    if not by_sources:
        return next((word for word in denied if word in known), "")
    if not denied:
        return next((word for word in by_sources if word in said), "")
    return ""


def _denied(text: str) -> Iterator[str]:
    """For each negation the key of what it denies: in English the next word, in Korean the one before."""
    found = words(text)
    for match in negators(text):
        yield _next_to(match, found)


def _next_to(match: re.Match[str], found: Sequence[Word]) -> str:
    korean = match.re is _KOREAN and not match[0].startswith("안")
    if korean:
        near = [word for word in found if word.start < match.start()]
        return _stem(near[-1]) if near else match[0]
    near = [word for word in found if word.start >= match.end()]
    return _stem(near[0]) if near else match[0].lower()


def _stem(word: Word) -> str:
    """Korean verbs are told by their first two syllables, whatever their ending."""
    return word.key[:2] if word.is_korean else word.key
