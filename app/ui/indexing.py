"""Indexing of uploads in the background: one run at a time for a collection, watched by any page.

A run goes on when its page is left, reloaded or closed. Files that arrive while one is running are
taken by another one right after it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from app.schemas import IngestReport
    from ingest.pipeline import Progress
    from ingest.web import Site

log = logging.getLogger(__name__)


class Ingest(Protocol):
    """`Runtime.ingest`."""

    def __call__(
        self, paths: list[Path | Site], collection: str, *, on_progress: Callable[[Progress], None]
    ) -> IngestReport: ...


@dataclass(slots=True)
class Run:
    """One run as a page sees it; the worker replaces the attributes, a page only reads them."""

    collection: str
    progress: Progress | None = None
    report: IngestReport | None = None
    error: Exception | None = None
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def running(self) -> bool:
        return not self.ended.is_set()

    @property
    def went_well(self) -> bool:
        """Whether it ended with every file indexed."""
        return self.report is not None and not self.report.failed


class Indexing:
    """The runs of one process; safe to use from many threads."""

    def __init__(self, ingest: Ingest) -> None:
        self._ingest = ingest
        self._lock = threading.Lock()
        self._runs: dict[str, Run] = {}
        self._waiting: dict[str, list[Path | Site]] = {}

    def start(self, paths: Sequence[Path | Site], collection: str) -> Run:
        """Index `paths` into `collection`, now or after the run that is under way."""
        with self._lock:
            run = self._runs.get(collection)
            if run is not None and run.running:
                waiting = self._waiting.setdefault(collection, [])
                waiting.extend(path for path in paths if path not in waiting)
                return run
            run = self._runs[collection] = Run(collection)
        threading.Thread(
            target=self._work, args=(run, paths), name=f"index-{collection}", daemon=True
        ).start()
        return run

    def run_of(self, collection: str) -> Run | None:
        """The run that is under way, or the last one that ended."""
        with self._lock:
            return self._runs.get(collection)

    def forget(self, collection: str) -> None:
        """Drop the result of a run that ended, once the user has seen it."""
        with self._lock:
            run = self._runs.get(collection)
            if run is not None and not run.running:
                del self._runs[collection]

    def _work(self, run: Run, paths: Sequence[Path | Site]) -> None:
        def on_progress(progress: Progress) -> None:
            run.progress = progress

        try:
            run.report = self._ingest(list(paths), run.collection, on_progress=on_progress)
        except Exception as error:
            log.warning("indexing %s failed", run.collection, exc_info=True)
            run.error = error
        with self._lock:
            more = self._waiting.pop(run.collection, [])
            run.ended.set()
        if more and run.error is None:
            self.start(more, run.collection)
