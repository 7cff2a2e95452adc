"""Numbers as people write them in English and Korean: `1,500`, `twenty-five`, `1만 5천`, `십오`, `세`."""

from __future__ import annotations

import re
from decimal import Decimal

# Begins at no other digit and gives none back, so that a long run is read once.
DIGITS = r"(?<!\d)(?>(?<!\d,)\d{1,3}(?:,\d{3})++(?!\d)|\d++)(?:\.\d++)?+"

_SMALL = {"십": 10, "백": 100, "천": 1000}
_LARGE = {"만": 10**4, "억": 10**8, "조": 10**12}
_SINO = dict(zip("영공일이삼사오육륙칠팔구", (0, 0, 1, 2, 3, 4, 5, 6, 6, 7, 8, 9), strict=True))
_NATIVE_ONES = {
    **dict(zip(("하나", "한", "둘", "두", "셋", "세", "석"), (1, 1, 2, 2, 3, 3, 3), strict=True)),
    **dict(
        zip(("넷", "네", "넉", "다섯", "여섯", "일곱", "여덟", "아홉"), (4, 4, 4, 5, 6, 7, 8, 9), strict=True)
    ),
}
_NATIVE_TENS = {
    **{"열": 10, "스물": 20, "스무": 20, "서른": 30, "마흔": 40, "쉰": 50},
    **{"예순": 60, "일흔": 70, "여든": 80, "아흔": 90},
}

_SCALES = "".join((*_SMALL, *_LARGE))
# As long as any number that people write in words: a longer run would be read again from each of its signs.
_SINO_RUN = rf"[{''.join(_SINO)}{_SCALES}]{{1,16}}"
MIXED = rf"{DIGITS}(?:\s?[{_SCALES}]){{1,4}}(?:\s?{DIGITS}\s?[{_SCALES}]{{1,4}}){{0,4}}"
MIXED += rf"(?:\s?{DIGITS}(?!\s?[월시년일]))?"
"""Digits with Korean scales: `1만 5천`, `3억`, `2만5,000`."""
SINO = rf"{_SINO_RUN}(?:\s{_SINO_RUN}){{0,4}}"
"""Sino-Korean words, which mean a number only in front of a counter: `십오`, `오만`, `만 오천`."""
NATIVE = rf"(?:(?:{'|'.join(_NATIVE_TENS)})(?:{'|'.join(_NATIVE_ONES)})?|{'|'.join(_NATIVE_ONES)})"
"""Native Korean words, likewise: `세`, `열두`."""

_SMALL_NUMBERS = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen
"""
WORDS = {word: value for value, word in enumerate(_SMALL_NUMBERS.split())}
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
WORDS |= dict(zip(_TENS.split(), range(20, 100, 10), strict=True))
_ENGLISH_SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_WORD = "|".join(sorted((*WORDS, *_ENGLISH_SCALES), key=len, reverse=True))
ENGLISH = rf"\b(?:{_WORD})(?:(?:-|\s+(?:and\s+)?)(?:{_WORD}))*\b"
"""English words: `twenty-five`, `three hundred and ten thousand`."""
ENGLISH_SCALE = rf"(?:{'|'.join(name for name in _ENGLISH_SCALES if name != 'hundred')}|bn|[kKmM])\b"
"""What multiplies digits: `1.5 million`, `$500k`."""
_SHORT_SCALES = {"k": 10**3, "m": 10**6, "bn": 10**9}

_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
ORDINALS = {word: value for value, word in enumerate(_ORDINALS.split(), 1)}

_DAYS = "하루 이틀 사흘 나흘 닷새 엿새 이레 여드레 아흐레 열흘"
DAYS = {word: value for value, word in enumerate(_DAYS.split(), 1)}
DAYS |= {"열하루": 11, "열이틀": 12, "열닷새": 15, "보름": 15}
"""Korean words for so many days."""

_PART = re.compile(rf"{DIGITS}|[{''.join(_SINO)}{_SCALES}]")


def in_digits(word: str) -> str:
    """`four` and `네` as `4`; "" for what is no number by itself."""
    value = WORDS.get(word.lower(), _NATIVE_ONES.get(word))
    return "" if value is None else str(value)


def digits(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def scaled(text: str, scale: str | None) -> Decimal:
    """`1.5` and `million` -> 1500000."""
    name = (scale or "").lower()
    return digits(text) * (_ENGLISH_SCALES.get(name) or _SHORT_SCALES.get(name, 1))


def korean(text: str) -> Decimal:
    """The value of what `MIXED` or `SINO` matches."""
    total = section = Decimal(0)
    number: Decimal | None = None
    for part in _PART.findall(text):
        if part in _SMALL:
            section += (1 if number is None else number) * _SMALL[part]
            number = None
        elif part in _LARGE:
            total += (section + (number or 0) or 1) * _LARGE[part]
            section, number = Decimal(0), None
        else:
            digit = Decimal(_SINO[part]) if part in _SINO else digits(part)
            number = digit if number is None else number * 10 + digit
    return total + section + (number or 0)


def native(text: str) -> Decimal:
    """The value of what `NATIVE` matches."""
    for tens, value in _NATIVE_TENS.items():
        if text.startswith(tens):
            return Decimal(value + _NATIVE_ONES.get(text[len(tens) :], 0))
    return Decimal(_NATIVE_ONES[text])


def english(text: str) -> Decimal:
    """The value of what `ENGLISH` matches."""
    total = section = 0
    for word in re.findall(r"[a-z]+", text.lower()):
        scale = _ENGLISH_SCALES.get(word)
        if scale is None:
            section += WORDS.get(word, 0)
        elif scale == 100:
            section = (section or 1) * scale
        else:
            total, section = total + (section or 1) * scale, 0
    return Decimal(total + section)
