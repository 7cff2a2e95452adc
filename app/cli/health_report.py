"""What `docent doctor --collection` tells on a terminal: the health of a collection, in tables with bars."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from rich.bar import Bar
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.ui.health_words import (
    dates,
    notes,
    printable,
    ranges,
    seconds,
    share,
    size,
    threshold,
    type_name,
    why,
)
from app.ui.texts import Texts

if TYPE_CHECKING:
    from ingest.health import Health

_SAY = Texts("en")
_COLOURS = {"danger": "red", "warn": "yellow"}
# Rows of a list; all are in --json and in the file of --report.
_SHOWN = 8
_BAR = 24


class _Row(NamedTuple):
    name: str
    value: float
    told: str


def tell(health: Health) -> None:
    """Everything of a report that fits on a terminal."""
    console = Console(highlight=False)
    console.print(f"[bold]{escape(_SAY('health.title', collection=health.collection))}[/]")
    console.print(
        f"{health.files:,} files, {health.documents:,} documents, {health.pages:,} pages, "
        f"{health.chunks:,} passages, {size(health.size)}"
    )
    if told := dates(health, _SAY):
        console.print(told)
    if told := threshold(health, _SAY):
        console.print(told)
    for kind, text in notes(health, _SAY):
        console.print(f"[{_COLOURS[kind]}]note[/] {escape(text)}", soft_wrap=True)
    for name, rows in _charts(health).items():
        if rows:
            _chart(console, name, rows)
    for name, lines in _lists(health).items():
        _list(console, name, lines)


def _charts(health: Health) -> dict[str, list[_Row]]:
    types = [_Row(type_name(kind.name, _SAY), kind.files, f"{kind.files:,}") for kind in health.types]
    return {
        "types": types[:_SHOWN],
        "statuses": [
            _Row(_SAY(f"status.{status.value}"), count, f"{count:,}")
            for status, count in health.statuses.items()
        ],
        "languages": [
            _Row(_SAY(f"health.language_{name}"), part, share(part))
            for name, part in health.languages.items()
        ],
        "sizes": _sizes(health),
        "slowest": [
            _Row(printable(one.file), one.seconds, _SAY("health.seconds", seconds=seconds(one.seconds)))
            for one in health.slowest[:_SHOWN]
        ],
    }


def _sizes(health: Health) -> list[_Row]:
    """The columns of the histogram, two in a row."""
    counts, step = health.sizes.counts, health.sizes.step
    pairs = [(place * step, sum(counts[place : place + 2])) for place in range(0, len(counts), 2)]
    return [_Row(f"from {start:,} characters", count, f"{count:,}") for start, count in pairs]


def _chart(console: Console, name: str, rows: Iterable[_Row]) -> None:
    console.print()
    table = _table(name)
    table.add_column(overflow="fold", max_width=48)
    table.add_column(min_width=_BAR)
    table.add_column(justify="right")
    rows = list(rows)
    longest = max(row.value for row in rows) or 1
    for row in rows:
        bar = Bar(longest, 0, row.value, width=_BAR, color="cyan")
        table.add_row(escape(row.name), bar, row.told)
    console.print(table)


def _lists(health: Health) -> dict[str, list[tuple[str, str]]]:
    return {
        "failed": [(printable(one.path), printable(one.error)) for one in health.failed],
        "suspicious": [
            (
                f"{printable(one.file)}\n{why(one.codes, one.page, _SAY)}",
                "\n".join(map(printable, one.quotes)),
            )
            for one in health.suspicious
        ],
        "textless": [
            (
                printable(one.file),
                _SAY("health.pages_of", pages=ranges(one.textless), count=len(one.textless), all=one.pages),
            )
            for one in health.textless
        ],
        "alike": [
            ("\n".join(map(printable, one.documents)), _SAY("health.likeness", percent=share(one.likeness)))
            for one in health.alike
        ],
        "duplicates": [("\n".join(map(printable, group)), "") for group in health.duplicates],
    }


def _list(console: Console, name: str, lines: list[tuple[str, str]]) -> None:
    if not lines:
        return
    console.print()
    table = _table(name)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold", style="dim")
    for line in lines[:_SHOWN]:
        table.add_row(*map(escape, line))
    console.print(table)
    if len(lines) > _SHOWN:
        console.print(f"[dim]… {len(lines) - _SHOWN:,} more with --json[/]")


def _table(name: str) -> Table:
    return Table(
        title=_SAY(f"health.{name}"),
        title_justify="left",
        title_style="bold",
        show_header=False,
        box=None,
        padding=(0, 2, 0, 0),
    )
