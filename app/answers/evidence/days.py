"""Where a date or a telephone number stands in a document, in whatever form it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from app.answers.evidence.place import Place
from app.answers.evidence.segments import Segment
from app.evidence.dates import MONTHS, Date
from app.schemas import Reason

_SHORT_DATE = re.compile(r"(?<![\d.])['’]?(\d{2})\s?[.\-/년]\s?(\d{1,2})\s?[.\-/월]\s?(\d{1,2})(?!\d)")
_NAMED_DATE = re.compile(
    rf"(?<!\d)(\d{{1,2}})[-.\s]\s?({'|'.join(MONTHS)})[a-z]*[-.,\s]\s?(\d{{4}}|\d{{2}})(?!\d)", re.IGNORECASE
)
_PLAIN_DATE = re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})(?!\d)")
_SLASHED = re.compile(r"(?<![\d/.])(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?!\d)")
_PHONE = re.compile(r"\+?\d[\d\s().-]{5,22}\d")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?")


def as_date(value: Any) -> date | None:
    match = _ISO.fullmatch(str(value))
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


def date_places(value: Any, segment: Segment) -> Iterator[Place]:
    wanted = as_date(value)
    if wanted is None:
        return
    for one in segment.quantities:
        if (
            isinstance(one.value, Date)
            and (doubts := _doubts(one.value, wanted, segment, one.text)) is not None
        ):
            yield Place(segment, one.start, one.start + len(one.text), doubts=doubts)
    for pattern, century in ((_PLAIN_DATE, ""), (_SHORT_DATE, "20")):
        for match in pattern.finditer(segment.text):
            if f"{century}{match[1]}-{match[2]:0>2}-{match[3]:0>2}" == wanted.isoformat():
                yield Place(segment, match.start(), match.end())
    for match in _NAMED_DATE.finditer(segment.text):
        year = match[3] if len(match[3]) == 4 else f"20{match[3]}"
        if (int(year), MONTHS.index(match[2].lower()) + 1, int(match[1])) == wanted.timetuple()[:3]:
            yield Place(segment, match.start(), match.end())
    for match in _SLASHED.finditer(segment.text):
        if (int(match[3]), int(match[2]), int(match[1])) == (wanted.year, wanted.month, wanted.day):
            doubts = () if int(match[1]) > 12 or match[1] == match[2] else (_odd("date", value, match[0]),)
            yield Place(segment, match.start(), match.end(), doubts=doubts)


def _doubts(said: Date, wanted: date, segment: Segment, text: str) -> tuple[Reason, ...] | None:
    """None for another date; what a document leaves open of it is a doubt, unless its heading tells it."""
    if said.weekday is not None or said.minutes is not None or said.month != wanted.month:
        return None
    if said.year not in (None, wanted.year) or said.day not in (None, wanted.day):
        return None
    if said.day is None and wanted.day != 1:
        return None
    year_told = said.year is not None or str(wanted.year) in segment.around
    return () if year_told and said.day is not None else (_odd("date", wanted.isoformat(), text),)


def _odd(code: str, said: Any, source: str) -> Reason:
    return Reason(code=code, values={"said": str(said), "source": source})


def phone_places(value: Any, segment: Segment) -> Iterator[Place]:
    wanted = digits(value)
    for match in _PHONE.finditer(segment.text):
        if len(wanted) >= 5 and digits(match[0]) == wanted:
            yield Place(segment, match.start(), match.end())


def digits(value: Any) -> str:
    """A telephone number as it is dialled at home."""
    found = re.sub(r"\D", "", str(value))
    return re.sub(r"^82(?=\d{8,10}$)", "0", found)
