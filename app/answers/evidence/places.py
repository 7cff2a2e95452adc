"""Where a value stands in a document, as it is written there: numbers, dates, addresses and words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from app.answers.evidence.days import as_date, date_places, phone_places
from app.answers.evidence.folded import squeezed
from app.answers.evidence.place import Place
from app.answers.evidence.segments import Segment
from app.answers.schemas.fields import Field, Kind
from app.evidence.dates import Date
from app.evidence.units import CURRENCY_CODES, CURRENCY_SIGNS

NUMBERS: frozenset[Kind] = frozenset({"integer", "number", "money"})

CODES = {unit: code for code, unit in CURRENCY_CODES.items()}
"""Currencies as units of quantities -> as codes."""

_OTHER_NUMBERS = re.compile(r"(?<![\d.,])\d{1,3}(?:[ .\u00a0]\d{3})+(?:,\d{1,2})?(?![\d.,]*\d)")
_DECIMAL_COMMA = re.compile(r"(?<![\d.,])\d+,\d{1,2}(?![\d,])")
_MINUS = re.compile(r"(?:(?<![\w)])[-−–▲△]\s?|\(\s?)[₩$€£¥]?\s?$")
_SCALES = (
    (re.compile(r"단위\s*[:：]?\s*천\s?원|천원|in thousands|thousands of|\(000s?\)|'000"), 1_000),
    (re.compile(r"단위\s*[:：]?\s*백만\s?원|백만원|in millions|millions of"), 1_000_000),
    (re.compile(r"단위\s*[:：]?\s*억\s?원"), 100_000_000),
)


def places(field: Field, value: Any, segment: Segment) -> Iterator[Place]:
    """Where a segment says this value."""
    find = _FINDERS.get(field.kind, _words)
    if isinstance(value, bool):
        return iter(())
    if field.kind in ("any", "text", "choice") and isinstance(value, int | float):
        find = _number
    if isinstance(value, str) and value.upper() in CURRENCY_CODES:
        find = _choice
    if isinstance(value, str) and as_date(value) is not None:
        return date_places(value, segment)
    return find(field, value, segment)


# -- numbers ---------------------------------------------------------------------------------------


def _number(field: Field, value: Any, segment: Segment) -> Iterator[Place]:
    wanted = as_decimal(value)
    if wanted is None:
        return
    for start, end, said, unit in _numbers(segment):
        if not _is_meant(said, unit, abs(wanted), segment, start):
            continue
        if (wanted < 0) != bool(_MINUS.search(segment.text[:start])) and not _is_dash(segment, start):
            continue
        unit = CODES.get(unit, unit)
        if not _is_other_unit(field, unit):
            yield Place(segment, start, end, unit or _unit_around(segment, start, end))


def _numbers(segment: Segment) -> Iterator[tuple[int, int, object, str]]:
    """All numbers and dates of a segment: from where to where, value and unit."""
    others = _other_numbers(segment.text)
    for start, end, number in others:
        yield start, end, number, ""
    for one in segment.quantities:
        end = one.start + len(one.text)
        if not any(start < end and one.start < stop for start, stop, _ in others):
            yield one.start, end, one.value, one.unit


def numbers_of(segment: Segment) -> Iterator[Decimal]:
    """The numbers of a segment, years of dates among them, to find it by."""
    for _, _, value, _ in _numbers(segment):
        if isinstance(value, Decimal):
            yield value.normalize()
        elif isinstance(value, Date) and value.year is not None:
            yield Decimal(value.year).normalize()


def written_as(number: Decimal) -> Iterator[Decimal]:
    """How a number may be written: as it is, as a percentage, in thousands."""
    yield from (number, (number * 100).normalize())
    yield from ((number / factor).normalize() for _, factor in _SCALES)


@lru_cache(maxsize=8192)
def _other_numbers(text: str) -> tuple[tuple[int, int, Decimal | None], ...]:
    """Numbers as they are written elsewhere: `1 234 000`, `1.234,50`."""
    found = (*_OTHER_NUMBERS.finditer(text), *_DECIMAL_COMMA.finditer(text))
    plain = [re.sub(r"[ .\u00a0]", "", match[0]).replace(",", ".") for match in found]
    return tuple(
        (match.start(), match.end(), as_decimal(one)) for match, one in zip(found, plain, strict=True)
    )


def _is_meant(said: object, unit: str, wanted: Decimal, segment: Segment, start: int) -> bool:
    if isinstance(said, Date):
        alone = said == Date(year=said.year)
        return said.year is not None and wanted == said.year and (alone or said.month is not None)
    if not isinstance(said, Decimal):
        return False
    if said == wanted or (unit == "percent" and said == wanted * 100):
        return True
    cell = segment.cell_at(start)
    around = f"{cell.head if cell else ''} {segment.around} {segment.above}"
    return any(said * factor == wanted and pattern.search(around) for pattern, factor in _SCALES)


def _is_dash(segment: Segment, start: int) -> bool:
    """Whether the sign before a number joins it to what stands there, as in `A - 5`, or is that of a list."""
    lead = segment.text[:start]
    before = lead.rstrip("₩$€£¥ -−–(")
    return before[-1].isalnum() if before else lead.startswith(("- ", "– "))


def _is_other_unit(field: Field, unit: str) -> bool:
    """Whether a value is given in another unit than the schema wants."""
    if not (field.unit and unit):
        return False
    known = CURRENCY_CODES.keys() | CODES.values()
    wanted = field.unit.upper()
    return unit in known and wanted in known and unit != wanted


_UNIT = re.compile(
    rf"\b({'|'.join(CURRENCY_CODES)})\b|([{''.join(map(re.escape, CURRENCY_SIGNS))}])|(원)(?![가-힣])"
)


def _unit_around(segment: Segment, start: int, end: int) -> str:
    """The currency that stands beside a number, or that its column names."""
    cell = segment.cell_at(start)
    for text in (
        segment.text[max(0, start - 4) : start],
        segment.text[end : end + 4],
        cell.head if cell else "",
    ):
        if match := _UNIT.search(text):
            return match[1] or (CODES[CURRENCY_SIGNS[match[2]]] if match[2] else "KRW")
    return ""


def as_decimal(value: Any) -> Decimal | None:
    """A number as it is compared; None for what is none."""
    if isinstance(value, bool):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found.normalize() if found.is_finite() else None


# -- words -----------------------------------------------------------------------------------------


def _words(field: Field, value: Any, segment: Segment) -> Iterator[Place]:
    wanted = squeezed(str(value))
    for start, end in segment.squeezed.find(wanted):
        yield Place(segment, start, end)


def _choice(field: Field, value: Any, segment: Segment) -> Iterator[Place]:
    """A choice by its own words; a currency also by its sign or name."""
    written = str(value).replace("_", " ")
    yield from _words(field, written, segment)
    if unit := CURRENCY_CODES.get(written.upper()):
        for one in segment.quantities:
            if one.unit == unit:
                yield Place(segment, one.start, one.start + len(one.text), CODES[unit])
        for match in _UNIT.finditer(segment.text):
            if CURRENCY_SIGNS.get(match[2] or "") == unit:
                yield Place(segment, match.start(), match.end(), CODES[unit])


_Finder = Callable[[Field, Any, Segment], Iterator[Place]]
_FINDERS: Mapping[Kind, _Finder] = {
    **dict.fromkeys(NUMBERS, _number),
    "phone": lambda _, value, segment: phone_places(value, segment),
    "choice": _choice,
}


def quantities_like(field: Field, segment: Segment) -> Iterator[tuple[Place, object]]:
    """All numbers, or all dates, of a segment, each with its value: what a value may be mistaken for."""
    is_date = field.kind == "date"
    for start, end, value, unit in _numbers(segment):
        rate = field.kind == "money" and unit == "percent"
        if isinstance(value, Date) is is_date and not isinstance(value, str) and not rate:
            yield Place(segment, start, end, CODES.get(unit, unit)), value
