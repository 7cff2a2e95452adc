"""How filling a table shows its progress: a bar on a terminal, else plain lines, on standard error."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from app.cli.common import one_line
from app.cli.progress import SECONDS_BETWEEN_LINES
from app.tables import Progress


@contextmanager
def show_progress(*, quiet: bool) -> Iterator[Callable[[Progress], None]]:
    """A callback for a run; `quiet` shows nothing."""
    console = Console(stderr=True)
    if quiet:
        yield lambda progress: None
    elif console.is_terminal:
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[more]}"), TimeElapsedColumn())
        with Bars(*columns, console=console, transient=True) as bars:
            task = bars.add_task("extract", total=None, more="")
            yield lambda one: bars.update(task, completed=one.done, total=one.total, more=_more(one))
    else:
        yield _Lines(console)


def _more(progress: Progress) -> str:
    failed = f", {progress.failed:,} failed" if progress.failed else ""
    left = f", about {duration(progress.seconds_left)} left" if progress.seconds_left else ""
    return f"documents, {progress.rows:,} rows{failed}{left}"


def duration(seconds: float) -> str:
    """As people say it: "8 s", "3 min", "2.5 h"."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


class _Lines:
    """A line now and then."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._last < SECONDS_BETWEEN_LINES:
            return
        self._last = now
        line = f"{progress.done:,}/{progress.total:,} {_more(progress)}: {one_line(progress.source)}"
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)
