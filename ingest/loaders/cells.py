"""Cells of spreadsheets as people see them: numbers by their format, dates as ISO days."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple

# Literals in quotes or behind a backslash, padding ("_x", "*x"), colours and currencies in brackets, digits.
_PART = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|(?P<padding>[_*].)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|'
    r"(?P<bracket>\[[^\]]*\])|(?P<digits>[#0?][#0?,.]*|\.[#0?]+)|(?P<other>.)",
    re.DOTALL,
)
_SECTIONS = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')
_TIMED = re.compile(r"[hs]", re.IGNORECASE)
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_MOST_DECIMALS = 15


class _Format(NamedTuple):
    """How a number is written; `decimals` counts those always shown, `optional` those shown if not zero."""

    prefix: str
    suffix: str
    decimals: int
    optional: int
    thousands: bool
    scale: int
    width: int


def shown(value: object, number_format: str = "General") -> str:
    """A cell's value as text; "" for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, number_format)
    if isinstance(value, datetime):
        timed = _TIMED.search(_LITERAL.sub("", number_format)) and value.time() != time()
        return (
            value.isoformat(" ", "minutes" if value.second == 0 else "seconds")
            if timed
            else f"{value:%Y-%m-%d}"
        )
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes" if value.second == 0 else "seconds")
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
    return str(value).strip()


def _number(value: float, number_format: str) -> str:
    sections = _SECTIONS.split(number_format)
    negative = value < 0 and len(sections) > 1
    section = sections[1] if negative else sections[2] if value == 0 and len(sections) > 2 else sections[0]
    how = _parsed(section)
    if how is None or value != value or abs(value) > 1e15:
        return _general(value)
    number = Decimal(repr(abs(value) if negative else value)).scaleb(how.scale)
    text = _rounded(number, how)
    sign, text = ("-", text[1:]) if text.startswith("-") else ("", text)
    return f"{sign}{how.prefix}{text}{how.suffix}".strip()


def _rounded(number: Decimal, how: _Format) -> str:
    most = min(how.decimals + how.optional, _MOST_DECIMALS)
    text = f"{number.quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP):{',' if how.thousands else ''}f}"
    whole, _, decimals = text.partition(".")
    while len(decimals) > how.decimals and decimals.endswith("0"):
        decimals = decimals[:-1]
    whole = whole.zfill(how.width) if not how.thousands else whole
    return f"{whole}.{decimals}" if decimals else whole


def _general(value: float) -> str:
    if isinstance(value, int) or (value.is_integer() and abs(value) < 1e15):
        return str(int(value))
    return f"{value:.15g}"


@lru_cache(maxsize=512)
def _parsed(section: str) -> _Format | None:
    """The format of one section, or None where plain digits say as much: General, text, fractions, powers."""
    before: list[str] = []
    after: list[str] = []
    digits = ""
    scale = 0
    for match in _PART.finditer(section):
        kind, text = match.lastgroup, match[match.lastgroup or 0]
        if kind == "digits" and not digits:
            digits = text
        elif kind == "digits" or (kind == "other" and text.lower() in "/e@gyhs"):
            return None
        elif kind in ("quoted", "escaped", "currency", "other"):
            (after if digits else before).append(text)
            scale += 2 if kind == "other" and text == "%" else 0
    if not digits:
        return None
    whole, _, decimals = digits.partition(".")
    trailing = len(digits) - len(digits.rstrip(","))
    whole, decimals = whole.rstrip(",") if not decimals else whole, decimals.rstrip(",")
    always = decimals.rfind("0") + 1
    return _Format(
        "".join(before),
        "".join(after),
        always,
        len(decimals) - always,
        "," in whole,
        scale - 3 * trailing,
        whole.count("0"),
    )
