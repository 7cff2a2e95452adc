"""How an ingest shows its progress: a live bar on a terminal, else plain lines, on standard error."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import (
    Progress as Bars,
)

from ingest.pipeline import Progress

OnProgress = Callable[[Progress], None]

# Often enough to see that it lives, seldom enough for a log file.
SECONDS_BETWEEN_LINES = 2.0


@contextmanager
def show_progress(*, quiet: bool) -> Iterator[OnProgress]:
    """A callback for `sync`; `quiet` shows nothing."""
    console = Console(stderr=True)
    if quiet:
        yield lambda progress: None
    elif console.is_terminal:
        with _bars(console) as bars:
            yield _Live(bars)
    else:
        yield _Lines(console)


def _bars(console: Console) -> Bars:
    return Bars(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(
            "files{task.fields[workers]} · {task.fields[chunks]:,} chunks · {task.fields[rate]:.0f}/s"
        ),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


class _Live:
    """One bar over the files, with the chunks beside it."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._task = bars.add_task("scan", total=None, chunks=0, rate=0.0, workers="")
        self._started = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        seconds = max(time.monotonic() - self._started, 1e-3)
        self._bars.update(
            self._task,
            description=progress.phase,
            completed=progress.files_done,
            total=progress.files_total or None,
            chunks=progress.chunks_done,
            rate=progress.chunks_done / seconds,
            workers=_of_workers(progress),
        )


class _Lines:
    """A line now and then."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()
        self._last = float("-inf")

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        finished = progress.files_total and progress.files_done == progress.files_total
        if now - self._last < SECONDS_BETWEEN_LINES and not finished:
            return
        self._last = now
        self._console.print(self._line(progress, now), markup=False, highlight=False, soft_wrap=True)

    def _line(self, progress: Progress, now: float) -> str:
        if progress.phase == "fetch":
            return f"fetch: {progress.files_done} pages, {progress.path}"
        rate = progress.chunks_done / max(now - self._started, 1e-3)
        return (
            f"{progress.phase}: {progress.files_done}/{progress.files_total} files{_of_workers(progress)}, "
            f"{progress.chunks_done} chunks, {rate:.0f}/s"
        )


def _of_workers(progress: Progress) -> str:
    return f" ({progress.workers} workers)" if progress.workers > 1 else ""
