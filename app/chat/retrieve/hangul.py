"""Korean as it is typed: syllables that are not finished yet, and initials alone (ㅎㄱㄱㅈ for 휴가규정)."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_SYLLABLES = range(ord("가"), ord("힣") + 1)
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏ ㅐ ㅑ ㅒ ㅓ ㅔ ㅕ ㅖ ㅗ ㅗㅏ ㅗㅐ ㅗㅣ ㅛ ㅜ ㅜㅓ ㅜㅔ ㅜㅣ ㅠ ㅡ ㅡㅣ ㅣ"
_FINALS = (
    " ㄱ ㄲ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅁ ㅂ ㅂㅅ ㅅ ㅆ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ"
)
_VOWEL_KEYS, _FINAL_KEYS = _VOWELS.split(" "), _FINALS.split(" ")
_COMPOUND = {"ㅘ": "ㅗㅏ", "ㅙ": "ㅗㅐ", "ㅚ": "ㅗㅣ", "ㅝ": "ㅜㅓ", "ㅞ": "ㅜㅔ", "ㅟ": "ㅜㅣ", "ㅢ": "ㅡㅣ"}


def folded(text: str) -> str:
    """NFC and without case: how names are compared, whatever system wrote them."""
    return unicodedata.normalize("NFC", text).casefold()


@lru_cache(maxsize=65_536)
def strokes(text: str) -> str:
    """The keys that a folded text is typed with: what is typed of 휴가규 so far (휴각) begins it."""
    return "".join(map(_keys, text))


@lru_cache(maxsize=65_536)
def initials(text: str) -> str:
    """The first consonant of each syllable; other letters as they are."""
    return "".join(
        _INITIALS[(ord(one) - _SYLLABLES[0]) // 588] if ord(one) in _SYLLABLES else one for one in text
    )


def only_initials(text: str) -> bool:
    return bool(text) and all(one in _INITIALS for one in text)


def _keys(letter: str) -> str:
    if ord(letter) not in _SYLLABLES:
        return _COMPOUND.get(letter, letter)
    number = ord(letter) - _SYLLABLES[0]
    return _INITIALS[number // 588] + _VOWEL_KEYS[number % 588 // 28] + _FINAL_KEYS[number % 28]
