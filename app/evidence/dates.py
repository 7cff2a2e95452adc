"""Dates and times of day in English and Korean, as far as a text names them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?|"
_MONTH += r"Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_KOREAN_DAYS = "월화수목금토일"
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"

_IS_MONTH = re.compile(_MONTH)


@dataclass(frozen=True, slots=True)
class Date:
    """What a text names of a point in time; None for what it leaves open.

    Attributes:
        weekday: 0 for Monday.
        minutes: since midnight.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    minutes: int | None = None

    @property
    def parts(self) -> tuple[int | None, ...]:
        return self.year, self.month, self.day, self.weekday, self.minutes

    def fits(self, other: Date) -> bool:
        """Whether all that this one names is the same in the other."""
        return all(mine is None or mine == its for mine, its in zip(self.parts, other.parts, strict=True))


Make = Callable[[re.Match[str]], Date | None]


def date_patterns() -> Iterator[tuple[str, int, Make]]:
    """Pattern, flags, and what makes a date of a match (None: it is none); the longest forms first."""
    yield r"(?<!\d)(\d{4})\s?[-./년]\s?(\d{1,2})\s?[-./월]\s?(\d{1,2})(?!\d)(?:\s?일)?", 0, _year_first
    yield r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?![\d/])", 0, _year_last
    yield r"(?<!\d)(\d{4})\s?년\s?(\d{1,2})\s?월", 0, lambda m: _date(m[1], m[2])
    yield r"(?<!\d)(\d{1,2})\s?월\s?(\d{1,2})\s?일", 0, lambda m: _date(None, m[1], m[2])
    yield r"(?<![\d.,])([12]\d{3})\s?년", 0, lambda m: Date(year=int(m[1]))
    yield r"(?<![\d.,])(\d{1,2})\s?월(?!요일)", 0, lambda m: _date(None, m[1])
    yield rf"\b{_DAY}\s(?:of\s)?({_MONTH})\b(?:,?\s(\d{{4}}))?", 0, lambda m: _date(m[3], _month(m[2]), m[1])
    yield (
        rf"\b({_MONTH})\s{_DAY}\b(?!\s?[%:])(?:,?\s(\d{{4}}))?",
        0,
        lambda m: _date(m[3], _month(m[1]), m[2]),
    )
    yield rf"\b({_MONTH})\s(\d{{4}})\b", 0, lambda m: _date(m[2], _month(m[1]))
    yield rf"(?<=[\w,;:)]\s)({_MONTH})(?=[\s.,;:)]|$)", 0, lambda m: Date(month=_month(m[1]))
    yield rf"\b({'|'.join(DAYS)})s?\b", re.IGNORECASE, lambda m: Date(weekday=DAYS.index(m[1].lower()))
    yield rf"([{_KOREAN_DAYS}])요일", 0, lambda m: Date(weekday=_KOREAN_DAYS.index(m[1]))
    yield r"\b(\d{1,2}):(\d{2})(?:\s?([ap])\.?m\b\.?)?", re.IGNORECASE, _clock
    yield r"\b(\d{1,2})()\s?([ap])\.?m\b\.?", re.IGNORECASE, _clock
    yield r"(오전|오후)?\s?(?<!\d)(\d{1,2})\s?시(?!간|리즈)\s?(?:(\d{1,2})\s?분|(반))?", 0, _korean_clock


def in_digits(word: str) -> str:
    """`March` as `3/`, `Monday` as `1/`, to be told from words; "" for any other word."""
    lower = word.lower()
    if word[:1].isupper() and _IS_MONTH.fullmatch(word):
        return f"{_month(word)}/"
    return f"{DAYS.index(lower) + 1}/d" if lower in DAYS else ""


def _date(year: str | None, month: str | int, day: str | None = None) -> Date | None:
    number, in_month = int(month), int(day) if day else None
    if not (1 <= number <= 12 and (in_month is None or 1 <= in_month <= 31)):
        return None
    return Date(int(year) if year else None, number, in_month)


def _year_first(match: re.Match[str]) -> Date | None:
    return _date(match[1], match[2], match[3])


def _year_last(match: re.Match[str]) -> Date | None:
    """Month first, unless that can be none; written alike, it is read alike."""
    year = match[3] if len(match[3]) == 4 else f"20{match[3]}"
    return _date(year, match[1], match[2]) or _date(year, match[2], match[1])


def _month(name: str) -> int:
    return MONTHS.index(name.lower()[:3]) + 1


def _clock(match: re.Match[str]) -> Date | None:
    hour, minute = int(match[1]), int(match[2] or 0)
    half = (match[3] or "").lower()
    if hour > 24 or minute > 59:
        return None
    return Date(minutes=60 * (hour % 12 + 12 * (half == "p") if half else hour) + minute)


def _korean_clock(match: re.Match[str]) -> Date | None:
    hour, minute = int(match[2]), int(match[3] or 0) or 30 * bool(match[4])
    if hour > 24 or minute > 59:
        return None
    return Date(minutes=60 * (hour % 12 + 12 * (match[1] == "오후") if match[1] else hour) + minute)
