"""The numbers, dates, times and amounts of money of a text, each with its value and its unit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache

from app.evidence import numerals, units
from app.evidence.dates import DAYS, MONTHS, Date, date_patterns

Value = Decimal | Date | str


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value as a text names it.

    Attributes:
        kind: "number", "money" or "date" (days, months, weekdays and times of day).
        value: a string for what is told apart letter by letter: `A-401`, `02-123-4567`.
        unit: one of `app.evidence.units`, or "".
        text: as it is written.
        start: where it stands.
    """

    kind: str
    value: Value
    unit: str
    text: str
    start: int


_Made = tuple[str, Value, str] | tuple[()]
"""Kind, value and unit; empty for what is no quantity, and not to be read as one."""
_Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], _Made | None]]

_SIGNS = "".join(re.escape(sign) for sign in units.CURRENCY_SIGNS)
_CODES = "|".join(units.CURRENCY_CODES)
_KOREAN_UNIT = "|".join(sorted(units.KOREAN, key=len, reverse=True))
_NATIVE_UNIT = "|".join(sorted(units.NATIVE, key=len, reverse=True))
_ENGLISH_UNIT = "|".join(sorted(units.ENGLISH, key=len, reverse=True))
_HANGUL = "가-힣"
_D = numerals.DIGITS


@lru_cache(maxsize=4096)  # the same sentences are read as source of each claim
def quantities(text: str) -> tuple[Quantity, ...]:
    """All quantities of a text (normalised: `vectorstore.tokens.normalize`), in order."""
    if not _may_hold().search(text):
        return ()
    found: list[Quantity] = []
    taken = bytearray(len(text))
    for pattern, make in _rules():
        for match in pattern.finditer(text):
            if any(taken[match.start() : match.end()]) or (made := make(match)) is None:
                continue
            taken[match.start() : match.end()] = b"\1" * (match.end() - match.start())
            if made:
                found.append(Quantity(*made, match[0].strip(), match.start()))
    return tuple(sorted(found, key=lambda one: one.start))


@cache
def _may_hold() -> re.Pattern[str]:
    """What every quantity has a part of; most sentences have none."""
    words = "|".join((*numerals.WORDS, *numerals.ORDINALS, *MONTHS, *DAYS))
    korean = rf"(?:{numerals.SINO}|{numerals.NATIVE})\s?(?:{_KOREAN_UNIT})|{'|'.join(numerals.DAYS)}|요일"
    return re.compile(rf"\d|[{_SIGNS}@]|://|{korean}|\b(?:{words})", re.IGNORECASE)


@cache
def _rules() -> tuple[_Rule, ...]:
    """What is tried in turn; what one has taken is not looked at by the next."""
    return tuple(
        (re.compile(pattern, flags), make)
        for pattern, flags, make in (
            (r"https?://\S+|(?<![\w.+-])[\w.+-]++@[\w-]+\.[\w.-]+", 0, _address),
            *((pattern, flags, _dated(make)) for pattern, flags, make in date_patterns()),
            # "a year": how often, not how many
            (rf"(?<!\d)1\s?(?:{_KOREAN_UNIT})(?:에|당|마다)", 0, _nothing),
            *_money_rules(),
            (rf"제\s?({_D})\s?({_KOREAN_UNIT})", 0, _korean_counted),
            (rf"({numerals.MIXED})\s?({_KOREAN_UNIT})?", 0, _korean_mixed),
            (rf"({_D})\s?(?:%p|%|퍼센트)", 0, lambda m: ("number", numerals.digits(m[1]), "percent")),
            (rf"(?<![\w.])({_D})\s?({_KOREAN_UNIT})", 0, _korean_counted),
            (rf"(?<![{_HANGUL}\w])({numerals.SINO})\s?({_KOREAN_UNIT})", 0, _korean_word),
            (rf"(?<![{_HANGUL}])({'|'.join(sorted(numerals.DAYS, key=len, reverse=True))})", 0, _korean_days),
            (rf"(?<![{_HANGUL}\w])({numerals.NATIVE})(\s?)({_NATIVE_UNIT})", 0, _native_word),
            (
                rf"(?<![\w.])({_D})(?:\s({numerals.ENGLISH_SCALE}))?[\s-]?(?:{units.BETWEEN}\s)?({_ENGLISH_UNIT})(?![A-Za-z\d])",
                re.IGNORECASE,
                _english_counted,
            ),
            (
                r"(?<![A-Za-z\d])[A-Za-z]+[-_/]?\d[A-Za-z\d_-]*|\b\d+[-_/]?[A-Za-z]+\d*(?![A-Za-z\d_])",
                0,
                _identifier,
            ),
            (r"(?<![\w.-])0\d*(?:-\d+)+\b|(?<![\w.-])\d+(?:-\d+){2,}\b|\b\d+(?:\.\d+){2,}\b", 0, _identifier),
            (
                rf"(?<![\w.])({_D})(?:\s?({numerals.ENGLISH_SCALE}))?",
                0,
                lambda m: ("number", numerals.scaled(m[1], m[2]), ""),
            ),
            (
                rf"({numerals.ENGLISH})(?:[\s-](?:{units.BETWEEN}\s)?({_ENGLISH_UNIT})\b)?",
                re.IGNORECASE,
                _english,
            ),
            (
                rf"\b(?:the|every|each|your|their|its)\s({'|'.join(numerals.ORDINALS)})\b",
                re.IGNORECASE,
                _ordinal,
            ),
        )
    )


def _money_rules() -> Iterator[tuple[str, int, Callable[[re.Match[str]], _Made | None]]]:
    scale = rf"(?:\s?({numerals.ENGLISH_SCALE}))?"
    yield rf"([{_SIGNS}])\s?({_D}){scale}", 0, _signed
    yield rf"\b({_CODES})\s?({_D}){scale}", 0, _coded
    yield rf"({_D}){scale}\s?({_CODES})\b", 0, _coded_behind


def _address(match: re.Match[str]) -> _Made | None:
    """An address is compared as a name; its digits are no numbers."""
    return "name", match[0].rstrip(".,;)").lower(), ""


def _nothing(match: re.Match[str]) -> _Made:
    return ()


def _dated(make: Callable[[re.Match[str]], Date | None]) -> Callable[[re.Match[str]], _Made | None]:
    def made(match: re.Match[str]) -> _Made | None:
        date = make(match)
        return None if date is None else ("date", date, "")

    return made


def _counted(value: Decimal, unit: str) -> _Made:
    return ("money" if unit in units.MONEY else "number"), value, unit


def _signed(match: re.Match[str]) -> _Made:
    return "money", numerals.scaled(match[2], match[3]), units.CURRENCY_SIGNS[match[1]]


def _coded(match: re.Match[str]) -> _Made:
    return "money", numerals.scaled(match[2], match[3]), units.CURRENCY_CODES[match[1]]


def _coded_behind(match: re.Match[str]) -> _Made:
    return "money", numerals.scaled(match[1], match[2]), units.CURRENCY_CODES[match[3]]


def _korean_mixed(match: re.Match[str]) -> _Made:
    return _counted(numerals.korean(match[1]), units.KOREAN.get(match[2] or "", ""))


def _korean_counted(match: re.Match[str]) -> _Made:
    return _counted(numerals.digits(match[1]), units.KOREAN[match[2]])


def _korean_word(match: re.Match[str]) -> _Made | None:
    return (
        _counted(numerals.korean(match[1]), units.KOREAN[match[2]])
        if _is_numeral(match[1], match[2], apart=" " in match[0])
        else None
    )


def _is_numeral(number: str, unit: str, *, apart: bool) -> bool:
    """`사원`, `사항` and `조건` are words; `이 일` is "this", not "two"."""
    if apart or len(number) > 1 or len(unit) > 1:
        return not (number == "이" and apart)
    return (
        unit == "년"
        or number in "삼육륙칠팔"
        or (unit == "일" and number in "사오구십")
        or (unit in "원명" and number in "십백천만")
    )


def _korean_days(match: re.Match[str]) -> _Made:
    return "number", Decimal(numerals.DAYS[match[1]]), "day"


def _native_word(match: re.Match[str]) -> _Made | None:
    if not match[2] and match[3] in units.NATIVE_APART:
        return None
    return _counted(numerals.native(match[1]), units.KOREAN[match[3]])


def _english_counted(match: re.Match[str]) -> _Made:
    return _counted(numerals.scaled(match[1], match[2]), units.ENGLISH[match[3].lower()])


def _english(match: re.Match[str]) -> _Made | None:
    unit = units.ENGLISH.get((match[2] or "").lower(), "")
    # `one of them` counts nothing.
    return None if match[1].lower() == "one" and not unit else _counted(numerals.english(match[1]), unit)


def _ordinal(match: re.Match[str]) -> _Made:
    return "number", Decimal(numerals.ORDINALS[match[1].lower()]), "ordinal"


def _identifier(match: re.Match[str]) -> _Made | None:
    written = re.fullmatch(r"(\d+)(st|nd|rd|th)", match[0], re.IGNORECASE)
    if written:
        return "number", Decimal(written[1]), "ordinal"
    return "number", match[0].lower().replace("_", "-"), ""
