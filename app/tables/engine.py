"""`extract`: bring a table in step with its collection, document by document."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.errors import ModelAuthError, ModelError, UsageError
from app.tables.asking import Beside, Outcome, outcomes
from app.tables.keys import key_fields
from app.tables.lock import filling
from app.tables.table import Table
from app.tables.work import chunks_of, done, work_of

if TYPE_CHECKING:
    from app.answers.filling import Filler
    from app.tables.model import Plan
    from app.tables.shelf import Tables
    from app.tables.work import Work
    from ingest.collection import Collection

# A server that failed so many times in a row will not answer the next thousand questions either.
_MOST_FAILURES_IN_A_ROW = 12


# To start processes takes as long as rules need for so many documents.
_WORTH_PROCESSES = 300


@dataclass(frozen=True, slots=True)
class Source:
    """Who fills a table.

    Attributes:
        identity: another one gives other values, and is asked about documents that are done already.
        label: for people, such as "rules" or "openai:gpt-4o".
        parallel: how many documents are asked about at once.
        keep_unsupported: whether values that stand nowhere are kept.
        processes: makes what does the same in processes, where that is worth it for many documents.
    """

    filler: Filler
    identity: str
    label: str
    parallel: int = 1
    keep_unsupported: bool = False
    processes: Callable[[], AbstractContextManager[Beside]] | None = None

    @contextmanager
    def asked(self, documents: int) -> Iterator[tuple[Filler | Beside, int]]:
        """What to ask about so many documents, and about how many at once."""
        if self.processes is None or documents < _WORTH_PROCESSES:
            yield self.filler, self.parallel
            return
        with self.processes() as beside:
            yield beside, min(beside.count, documents)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is; of documents, but for `rows`."""

    done: int
    total: int
    failed: int
    rows: int
    seconds: float
    source: str = ""

    @property
    def seconds_left(self) -> float | None:
        """As fast as until now; None before the first document."""
        return self.seconds / self.done * (self.total - self.done) if self.done else None


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did; of documents, but for `rows`.

    Attributes:
        table: its name.
        done: were asked.
        unchanged: needed not to be.
        removed: are gone from the collection, and from the table.
        left: are still to be asked, after a limit or a stop.
        rows: that the table has now.
        failed: files and why they failed.
        stopped: whether somebody stopped it.
    """

    table: str
    done: int
    unchanged: int
    removed: int
    left: int
    rows: int
    seconds: float
    failed: tuple[tuple[str, str], ...] = ()
    stopped: bool = False


Tell = Callable[[Progress], None]


@dataclass(slots=True)
class _Run:
    table: Table
    key: tuple[str, ...]
    work: Work
    tell: Tell | None
    begun: float = field(default_factory=time.monotonic)
    done: int = 0
    rows: int = 0
    in_a_row: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)

    def keep(self, outcome: Outcome) -> None:
        """Store what came out, in one transaction."""
        error = outcome.error
        if error is None:
            document = done(outcome.document, self.work.basis, outcome.seconds)
            try:
                self.rows += self.table.save(document, outcome.filled, self.key)
            except (TypeError, ValueError) as unfit:  # objects that are no JSON
                error = unfit
        if error is not None:
            self.failed.append((outcome.document.source, str(error) or type(error).__name__))
            document = done(outcome.document, self.work.basis, outcome.seconds, self.failed[-1][1])
            self.table.save_failure(document)
        self.in_a_row = self.in_a_row + 1 if isinstance(error, ModelError) else 0
        self.done += 1

    def is_hopeless(self, error: Exception | None) -> bool:
        """Whether the next documents would fail in the same way."""
        return isinstance(error, UsageError | ModelAuthError) or self.in_a_row >= _MOST_FAILURES_IN_A_ROW

    def say(self, source: str = "") -> None:
        if self.tell is not None:
            total, failed = len(self.work.todo), len(self.failed)
            seconds = time.monotonic() - self.begun
            self.tell(Progress(self.done, total, failed, self.rows, seconds, source))


def extract(
    tables: Tables,
    plan: Plan,
    collection: Collection,
    source: Source,
    *,
    rebuild: bool = False,
    limit: int | None = None,
    tell: Tell | None = None,
    cancelled: threading.Event | None = None,
) -> Report:
    """Ask about the documents that are new or changed, or failed before; drop those that are gone.

    A document is stored with its rows at once, as soon as it is there: a run that ends, however it does, is
    gone on with by the next one.

    Args:
        rebuild: ask about all again, also where a stopped run is gone on with; what was edited stays.
        limit: ask about so many at most.
        cancelled: once it is set, those under way are still waited for and kept.

    Raises:
        TableBusyError: another run fills this table.
        UsageError: the filters do not fit; or the filler cannot work, as none of the next would.
        ModelError: the server failed many times in a row, or refuses the key.
    """
    with filling(tables.place(plan)), tables.make(plan) as table:
        if rebuild:
            table.forget()
        work = work_of(plan, collection, table, source.identity, limit=limit)
        removed = table.remove(work.removed)
        run = _Run(table, key_fields(plan), work, tell)
        table.note(filler=source.label, keep_unsupported="yes" if source.keep_unsupported else "")
        table.note(begun=_now(), ended="")
        hopeless = _ask_all(run, collection, source, cancelled)
        table.note(ended=_now(), run=json.dumps({"done": run.done, "seconds": time.monotonic() - run.begun}))
        if hopeless is not None:
            raise hopeless
        return Report(
            table=table.name,
            done=run.done,
            unchanged=work.unchanged,
            removed=removed,
            left=work.waiting + len(work.todo) - run.done,
            rows=table.counts()["rows"],
            seconds=time.monotonic() - run.begun,
            failed=tuple(run.failed),
            stopped=cancelled is not None and cancelled.is_set(),
        )


def _ask_all(
    run: _Run, collection: Collection, source: Source, cancelled: threading.Event | None
) -> Exception | None:
    """The error for which it makes no sense to go on, if there was one."""
    hopeless: Exception | None = None

    def stop() -> bool:
        return hopeless is not None or (cancelled is not None and cancelled.is_set())

    run.say()
    if stop():
        return None
    tasks = chunks_of(collection, run.work)
    with source.asked(len(run.work.todo)) as (filler, parallel):
        for outcome in outcomes(tasks, filler, parallel, stop):
            run.keep(outcome)
            if run.is_hopeless(outcome.error):
                hopeless = hopeless or outcome.error
            run.say(outcome.document.source)
    return hopeless


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
