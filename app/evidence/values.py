"""Whether the numbers, dates and amounts of a claim stand in its sources."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from app.evidence.dates import Date
from app.evidence.quantities import Quantity
from app.evidence.units import in_base_units
from app.schemas import Reason


def check_values(
    claim: Sequence[Quantity], sources: Sequence[Quantity], around: Sequence[Quantity] = ()
) -> list[Reason]:
    """A reason for each quantity of the claim that the sources do not have, with what they have instead.

    Args:
        around: what stands in titles and headings: dates, and so many of something; a bare number there is
            that of a section.
    """
    around = [one for one in around if one.unit or isinstance(one.value, Date)]
    free = list(sources)
    missing: list[Quantity] = []
    for one in claim:
        match = next((other for other in free if same(one, other)), None)
        if match is not None:
            free.remove(match)
        elif not any(same(one, other) for other in around) and not _in_parts(one, [*sources, *around]):
            missing.append(one)
    # A value may be said twice that its source says once; unless another one has been left out for it.
    return [
        _reason(one, _instead(one, free))
        for one in missing
        if _instead(one, free) or not any(same(one, other) for other in sources)
    ]


def same(one: Quantity, other: Quantity) -> bool:
    """Whether `other` says what `one` says; a unit that one of them leaves out is taken as the same."""
    if isinstance(one.value, Date) or isinstance(other.value, Date):
        return _same_date(one, other)
    if isinstance(one.value, str) or isinstance(other.value, str):
        return one.value == other.value
    if not one.unit or not other.unit:
        return one.value == other.value
    return in_base_units(one.value, one.unit) == in_base_units(other.value, other.unit)


def _same_date(one: Quantity, other: Quantity) -> bool:
    if isinstance(one.value, Date) and isinstance(other.value, Date):
        return one.value.fits(other.value)
    date, number = (one, other) if isinstance(one.value, Date) else (other, one)
    assert isinstance(date.value, Date)  # noqa: S101 - told to mypy
    bare = isinstance(number.value, Decimal) and not number.unit
    year = Date(year=int(number.value)) if bare and number.value == int(number.value) else None  # type: ignore[arg-type]
    return year is not None and (year.fits(date.value) if number is one else date.value == year)


def _in_parts(one: Quantity, others: Sequence[Quantity]) -> bool:
    """`31 March 2026` where one sentence names the day and its heading the year."""
    if not isinstance(one.value, Date):
        return False
    dates = [other.value for other in others if isinstance(other.value, Date)]
    year = Date(year=one.value.year)
    rest = Date(None, *one.value.parts[1:])
    if one.value.year is None or rest == Date():
        return False
    years = [other for other in others if _same_date(Quantity("date", year, "", "", 0), other)]
    return bool(years) and any(rest.fits(date) and date.year in (None, year.year) for date in dates)


def _instead(one: Quantity, free: Sequence[Quantity]) -> Quantity | None:
    """What the sources have in its place: of the same kind and unit, the nearest in their order."""
    alike = [other for other in free if other.kind == one.kind and other.unit == one.unit]
    alike = alike or [other for other in free if other.value == one.value]
    alike = alike or [other for other in free if other.kind == one.kind and not (other.unit and one.unit)]
    return min(alike, key=lambda other: abs(other.start - one.start), default=None)


def instead_of(one: Quantity, others: Sequence[Quantity]) -> Reason:
    """The reason for a quantity that stands where others should."""
    return _reason(one, _instead(one, others))


def _reason(one: Quantity, instead: Quantity | None) -> Reason:
    unit = instead is not None and instead.value == one.value and not isinstance(one.value, Date)
    values = {"said": one.text, **({"source": instead.text} if instead else {})}
    return Reason(code="unit" if unit else one.kind, values=values)
