"""Tables that are being filled in the background: one run for each, watched by any page.

A run goes on when its page is left, reloaded or closed.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.tables import Progress, Report
    from app.tables.extraction import Extraction

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Run:
    """One run as a page sees it; the worker replaces the attributes, a page only reads them."""

    table: str
    progress: Progress | None = None
    report: Report | None = None
    error: Exception | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def running(self) -> bool:
        return not self.ended.is_set()


class Extractions:
    """The runs of one process; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[str, Run] = {}

    def start(self, extraction: Extraction, *, rebuild: bool = False) -> Run:
        """Fill a table, unless that is under way; the run that does it."""
        with self._lock:
            known = self._runs.get(extraction.name)
            if known is not None and known.running:
                return known
            run = self._runs[extraction.name] = Run(extraction.name)
        name = f"extract-{run.table}"
        threading.Thread(target=self._work, args=(run, extraction, rebuild), name=name, daemon=True).start()
        return run

    def run_of(self, table: str) -> Run | None:
        """The run that is under way, or the last one that ended."""
        with self._lock:
            return self._runs.get(table)

    def stop(self, table: str) -> None:
        """End a run after the documents under way; does nothing where there is none."""
        if run := self.run_of(table):
            run.cancelled.set()

    def forget(self, table: str) -> None:
        """Drop the result of a run that ended."""
        with self._lock:
            run = self._runs.get(table)
            if run is not None and not run.running:
                del self._runs[table]

    def _work(self, run: Run, extraction: Extraction, rebuild: bool) -> None:
        def tell(progress: Progress) -> None:
            run.progress = progress

        try:
            run.report = extraction.run(rebuild=rebuild, tell=tell, cancelled=run.cancelled)
        except Exception as error:
            log.warning("filling the table %s failed", run.table, exc_info=True)
            run.error = error
        finally:
            run.ended.set()
