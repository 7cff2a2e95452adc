"""Charts as plain HTML: they take the page's colours, wrap on a phone, print, and are read out as lists."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple


class Bar(NamedTuple):
    """A row of `bars`; `value` sets its length, `told` is what is written beside it."""

    name: str
    value: float
    told: str


class Part(NamedTuple):
    """A part of `strip`; `colour` is one of "a", "b", "c" and "bad"."""

    name: str
    value: float
    told: str
    colour: str


def bars(rows: Sequence[Bar]) -> str:
    """One bar below the other, each with its name and value."""
    longest = max((row.value for row in rows), default=0)
    drawn = (
        f'<li><span class="d-h-name"><bdi>{escape(row.name)}</bdi></span>'
        f'<span class="d-h-track"><i style="width:{_percent(row.value, longest)}"></i></span>'
        f'<span class="d-h-value">{escape(row.told)}</span></li>'
        for row in rows
    )
    return f'<ul class="d-h-bars">{"".join(drawn)}</ul>'


def strip(parts: Sequence[Part]) -> str:
    """One bar in parts that make a whole, and below it what they are."""
    whole = sum(part.value for part in parts)
    drawn = "".join(
        f'<i class="d-h-{part.colour}" style="width:{_percent(part.value, whole)}"></i>' for part in parts
    )
    legend = "".join(
        f'<li><i class="d-h-{part.colour}"></i>{escape(part.name)} <b>{escape(part.told)}</b></li>'
        for part in parts
    )
    return f'<div class="d-h-strip" aria-hidden="true">{drawn}</div><ul class="d-h-legend">{legend}</ul>'


def columns(counts: Sequence[int], names: Sequence[str], told: Sequence[str]) -> str:
    """A histogram.

    Args:
        names: what is written below each column; "" for most.
        told: what each column says when it is pointed at or read out.
    """
    highest = max(counts, default=0)
    drawn = (
        f'<li title="{escape(says)}"><span class="d-h-hidden">{escape(says)}</span>'
        f'<i style="height:{_percent(count, highest)}"></i>'
        f'<small aria-hidden="true">{escape(name)}</small></li>'
        for count, name, says in zip(counts, names, told, strict=True)
    )
    return (
        f'<div class="d-h-plot"><small class="d-h-top" aria-hidden="true">{highest:,}</small>'
        f'<ul class="d-h-columns">{"".join(drawn)}</ul></div>'
    )


def _percent(value: float, whole: float) -> str:
    """What is there can be seen, however little it is."""
    return f"{max(0.6, 100 * value / whole):.1f}%" if value and whole else "0"
