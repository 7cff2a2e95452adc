"""Indexing in the background: one run at a time for a collection, watched by any page.

A run goes on when its page is left, reloaded or closed. What is asked for while one is running is done by
another one right after it.
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
        self,
        paths: list[Path | Site],
        collection: str,
        *,
        retry: Sequence[str] | None = None,
        on_progress: Callable[[Progress], None],
    ) -> IngestReport: ...


@dataclass(slots=True)
class Task:
    """What a run is to do: index paths, or try files again that failed (all, if no ids are named)."""

    paths: list[Path | Site] = field(default_factory=list)
    retry: list[str] | None = None

    def joined(self, other: Task) -> Task | None:
        """One that does both; None where that would do more."""
        if self == other:
            return self
        if self.retry is None and other.retry is None:
            return Task([*self.paths, *(path for path in other.paths if path not in self.paths)])
        return Task(retry=[*self.retry, *other.retry]) if self.retry and other.retry else None


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
        """Whether it ended with every file indexed, and nothing suspicious in any."""
        return self.report is not None and not (self.report.failed or self.report.suspicious)


class Indexing:
    """The runs of one process; safe to use from many threads."""

    def __init__(self, ingest: Ingest) -> None:
        self._ingest = ingest
        self._lock = threading.Lock()
        self._runs: dict[str, Run] = {}
        self._waiting: dict[str, list[tuple[Task, Run]]] = {}

    def start(self, paths: Sequence[Path | Site], collection: str) -> Run:
        """Index `paths` into `collection`, now or after the run that is under way; the run that does it."""
        return self._begin(Task(list(paths)), collection)

    def retry(self, collection: str, ids: Sequence[str] = ()) -> Run:
        """Try files again that failed: those with these ids, or all."""
        return self._begin(Task(retry=list(ids)), collection)

    def _begin(self, task: Task, collection: str) -> Run:
        with self._lock:
            under_way = self._runs.get(collection)
            if under_way is not None and under_way.running:
                return self._queue(task, collection)
            run = self._runs[collection] = Run(collection)
        self._work_on(run, task)
        return run

    def _queue(self, task: Task, collection: str) -> Run:
        waiting = self._waiting.setdefault(collection, [])
        if waiting and (joined := waiting[-1][0].joined(task)):
            waiting[-1] = joined, waiting[-1][1]
        else:
            waiting.append((task, Run(collection)))
        return waiting[-1][1]

    def _work_on(self, run: Run, task: Task) -> None:
        name = f"index-{run.collection}"
        threading.Thread(target=self._work, args=(run, task), name=name, daemon=True).start()

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

    def _work(self, run: Run, task: Task) -> None:
        def on_progress(progress: Progress) -> None:
            run.progress = progress

        again = {} if task.retry is None else {"retry": task.retry}
        try:
            run.report = self._ingest(task.paths, run.collection, on_progress=on_progress, **again)
        except Exception as error:
            log.warning("indexing %s failed", run.collection, exc_info=True)
            run.error = error
        with self._lock:
            waiting = self._waiting.get(run.collection, [])
            if run.error is not None:  # what stopped this one would stop the next ones, too
                for _, following in waiting:
                    following.error = run.error
                    following.ended.set()
                waiting.clear()
            begins = waiting.pop(0) if waiting else None
            if begins is not None:
                self._runs[run.collection] = begins[1]
            run.ended.set()
        if begins is not None:
            self._work_on(begins[1], begins[0])
