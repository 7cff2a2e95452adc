"""Days as documents write them, as ISO dates: `2024년 3월 2일`, `March 2, 2024`, `02/03/2024`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from app.answers.rules.amounts import Found
from app.evidence.dates import MONTHS

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|"
    r"Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?:\s?\([월화수목금토일]\))?"
_YEAR_FIRST = re.compile(
    r"(?<![\w./-])(?:(\d{4})|['’](\d{2}))\s?(?:년|[-./])\s?(\d{1,2})\s?(?:월|[-./])\s?(\d{1,2})(?!\d|[-/]\d)\s?(?:일)?\.?"
    + _WEEKDAY
)
_SHORT_YEAR = re.compile(
    r"(?<![\w./-])(\d{2})\s?(년|\.)\s?(\d{1,2})\s?(?:월|\.)\s?(\d{1,2})(?!\d|[-/.]\d)(?:\s?일)?" + _WEEKDAY
)
_YEAR_LAST = re.compile(r"(?<![\w./-])(\d{1,2})([-./])(\d{1,2})\2(\d{4}|\d{2})(?![\w/-]|\.\d)")
_DAY_FIRST = re.compile(
    rf"(?<!\w)(\d{{1,2}})(?:st|nd|rd|th)?[\s-]{{0,2}}(?:day\s)?(?:of\s)?({_MONTH})[\s,-]{{0,3}}(\d{{4}})(?!\w)",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"(?<!\w)({_MONTH})[\s-]{{0,2}}(\d{{1,2}})(?:st|nd|rd|th)?[\s,-]{{1,3}}(\d{{4}})(?!\w)", re.IGNORECASE
)
_COMPACT = re.compile(r"(?<![\w.,/-])((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?![\w/-])")


def dates(text: str, day_first: bool | None) -> Iterator[Found]:
    """All full dates of a text; `others` of one whose order is open has both readings, and its value is None.

    Args:
        day_first: how the document writes `02/03/2024`; None where it does not tell.
    """
    for match in _YEAR_FIRST.finditer(text):
        year = match[1] or f"20{match[2]}"
        yield from _found(match, year, match[3], match[4])
    for match in _SHORT_YEAR.finditer(text):
        if match[2] == "년" or _looks_korean(text):
            yield from _found(match, f"20{match[1]}", match[3], match[4])
    for match in _YEAR_LAST.finditer(text):
        if not (match[2] == "." and len(match[4]) == 2 and _looks_korean(text)):
            yield from _last(match, day_first)
    for match in _DAY_FIRST.finditer(text):
        yield from _found(match, match[3], _number(match[2]), match[1])
    for match in _MONTH_FIRST.finditer(text):
        yield from _found(match, match[3], _number(match[1]), match[2])
    for match in _COMPACT.finditer(text):
        yield from _found(match, match[1], match[2], match[3])


def day_first(texts: Sequence[str]) -> bool | None:
    """How a document writes days and months in figures, by those that leave no doubt."""
    first = last = 0
    for text in texts:
        for match in _YEAR_LAST.finditer(text) if "/" in text or "-" in text else ():
            if match[2] != ".":
                first += int(match[1]) > 12
                last += int(match[3]) > 12
    return None if bool(first) == bool(last) else bool(first)


def _last(match: re.Match[str], day_first: bool | None) -> Iterator[Found]:
    """`02/03/2024`; with points the day comes first everywhere."""
    year = match[4] if len(match[4]) == 4 else f"20{match[4]}"
    readings = [_iso(year, match[3], match[1]), _iso(year, match[1], match[3])]
    if match[2] == ".":
        readings = readings[:1]
    elif day_first is not None and all(readings):
        readings = [readings[0 if day_first else 1]]
    known = list(dict.fromkeys(one for one in readings if one))
    if len(known) == 1:
        yield Found(*match.span(), known[0], sure=True)
    elif known:
        yield Found(*match.span(), None, others=tuple(known))


def _found(match: re.Match[str], year: str, month: str, day: str) -> Iterator[Found]:
    if iso := _iso(year, month, day):
        end = match.end() - (len(match[0]) - len(match[0].rstrip()))
        yield Found(match.start(), end, iso, sure=True)


def _iso(year: str, month: str, day: str) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def _number(month: str) -> str:
    return str(MONTHS.index(month.lower()[:3]) + 1)


def _looks_korean(text: str) -> bool:
    return any("가" <= sign <= "힣" for sign in text)
