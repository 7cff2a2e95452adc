"""What values of a kind must be beyond their JSON type; they stay as they are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from pydantic import AfterValidator, WrapValidator

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]+")


def as_written(value: Any, handler: Callable[[Any], float]) -> int | float:
    """A whole number stays one: 1100000 is not to become 1100000.0."""
    number = handler(value)
    return value if isinstance(value, int) else number


def _day(text: str) -> str:
    if not _DAY.fullmatch(text):
        raise ValueError("a date is written as 2024-03-02")
    date.fromisoformat(text)
    return text


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError("this is no e-mail address")
    return text


def _number_to_call(text: str) -> str:
    if sum(sign.isdigit() for sign in text) < 3:
        raise ValueError("this is no telephone number")
    return text


def readable(read: Callable[[str], object], what: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        try:
            read(text)
        except ValueError:
            raise ValueError(f"this is no {what}") from None
        return text

    return check


CHECKED: Mapping[str, tuple[Callable[[str], object], str]] = {
    "date-time": (datetime.fromisoformat, "date and time in ISO 8601"),
    "time": (time.fromisoformat, "time of day in ISO 8601"),
    "uuid": (UUID, "UUID"),
}
"""Formats of JSON Schema that are checked; others are told to the model, and no more."""

KINDS: Mapping[str, tuple[Any, tuple[Any, ...]]] = {
    "integer": (int, ()),
    "number": (float, (WrapValidator(as_written),)),
    "money": (float, (WrapValidator(as_written),)),
    "boolean": (bool, ()),
    "date": (str, (AfterValidator(_day),)),
    "email": (str, (AfterValidator(_address),)),
    "phone": (str, (AfterValidator(_number_to_call),)),
}
