"""How far a run is, and whether it is to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Event
from typing import Literal

Phase = Literal["fetch", "scan", "rebuild", "index", "finish"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is, for bars.

    Attributes:
        files_total: files to read; 0 while that is not known.
        chunks_done: chunks whose vectors are there.
        chunks_total: chunks known so far; it grows while files are read.
        path: shown path of the last file that was read, or "".
        failed: how many files failed so far.
        workers: that are at it; files are then counted of all of them, and chunks of this one.
    """

    phase: Phase = "scan"
    files_done: int = 0
    files_total: int = 0
    chunks_done: int = 0
    chunks_total: int = 0
    path: str = ""
    failed: int = 0
    workers: int = 1


OnProgress = Callable[[Progress], None]


class Watch:
    """Who looks on: is told of every step, and may cancel the run."""

    def __init__(self, on_progress: OnProgress | None, cancelled: Event | None) -> None:
        self._on_progress = on_progress
        self._cancelled = cancelled
        self._progress = Progress()

    @property
    def cancel_event(self) -> Event | None:
        return self._cancelled

    @property
    def cancelled(self) -> bool:
        return self._cancelled is not None and self._cancelled.is_set()

    def enter(self, phase: Phase, files_total: int | None = None) -> None:
        total = self._progress.files_total if files_total is None else files_total
        self._tell(replace(self._progress, phase=phase, files_total=total))

    def fetched(self, address: str, pages: int) -> None:
        """A web page came in; what is counted of files begins after."""
        if self._on_progress is not None:
            self._on_progress(replace(self._progress, phase="fetch", path=address, files_done=pages))

    def read(self, path: str, chunks: int) -> None:
        total = self._progress.chunks_total + chunks
        self._tell(replace(self._progress, path=path, chunks_total=total))

    def embedded(self, chunks: int) -> None:
        self._tell(replace(self._progress, chunks_done=self._progress.chunks_done + chunks))

    def done(self, files: int) -> None:
        self._tell(replace(self._progress, files_done=self._progress.files_done + files))

    def failed(self) -> None:
        now = self._progress
        self._tell(replace(now, failed=now.failed + 1, files_done=now.files_done + 1))

    def together(self, *, done: int, failed: int, total: int, workers: int) -> None:
        """How far all workers are; what this one did since is counted there later."""
        done = max(done, self._progress.files_done)
        self._tell(
            replace(self._progress, files_done=done, failed=failed, files_total=total, workers=workers)
        )

    def _tell(self, progress: Progress) -> None:
        self._progress = progress
        if self._on_progress is not None:
            self._on_progress(progress)
