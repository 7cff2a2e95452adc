"""Documents asked side by side: some threads ask, and whoever wants the outcomes takes them as they come."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING, Protocol

from app.errors import DocentError

if TYPE_CHECKING:
    from app.answers.filling import Filled, Filler
    from app.schemas import Chunk
    from app.tables.model import Ready
    from ingest.catalog import DocumentState

log = logging.getLogger(__name__)

Task = tuple["DocumentState", "list[Chunk]"]


class Beside(Protocol):
    """What fills a schema in processes of its own; `count` documents may be asked about at once."""

    count: int

    def fill(self, chunks: Sequence[Chunk]) -> Sequence[Ready]: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What asking about one document gave: objects, or why it failed."""

    document: DocumentState
    filled: Sequence[Filled | Ready]
    seconds: float
    error: Exception | None = None


def outcomes(
    tasks: Iterator[Task], filler: Filler | Beside, parallel: int, stop: Callable[[], bool]
) -> Iterator[Outcome]:
    """One for each task, in the order in which they come.

    Whoever asks for the next one is done with the one before: at most `2 * parallel` documents are asked
    about and not yet dealt with. Once `stop` says so, no more tasks are taken up; those under way are still
    waited for.

    Args:
        parallel: how many documents are asked about at once; 1 asks in the caller's own thread.
    """
    if parallel <= 1:
        for task in tasks:
            yield _ask(filler, *task)
            if stop():
                return
        return
    yield from _Threads(tasks, lambda task: _ask(filler, *task), parallel, stop)


def _ask(filler: Filler | Beside, document: DocumentState, chunks: list[Chunk]) -> Outcome:
    begun = time.perf_counter()
    try:
        filled = filler.fill(chunks) if chunks else ()
        return Outcome(document, filled, time.perf_counter() - begun)
    except DocentError as error:
        return Outcome(document, (), time.perf_counter() - begun, error)
    except Exception as error:
        log.warning("asking about %s failed", document.source, exc_info=True)
        return Outcome(document, (), time.perf_counter() - begun, error)


class _Threads:
    """They end by themselves; one that hangs keeps nobody from ending the process."""

    def __init__(
        self, tasks: Iterator[Task], ask: Callable[[Task], Outcome], parallel: int, stop: Callable[[], bool]
    ) -> None:
        self._tasks, self._ask, self._stop, self._parallel = tasks, ask, stop, parallel
        # Who asks must not run ahead of who keeps: what is not kept is lost when the run is killed.
        self._room = threading.Semaphore(2 * parallel)
        self._left = False
        self._lock = threading.Lock()
        self._made: SimpleQueue[Outcome | BaseException | None] = SimpleQueue()

    def __iter__(self) -> Iterator[Outcome]:
        for _ in range(self._parallel):
            threading.Thread(target=self._work, name="extract", daemon=True).start()
        working = self._parallel
        try:
            while working:
                made = self._made.get()
                if isinstance(made, Outcome):
                    yield made
                    self._room.release()
                elif made is None:
                    working -= 1
                else:
                    raise made
        finally:
            self._left = True
            self._room.release(self._parallel)

    def _work(self) -> None:
        try:
            while (task := self._next()) is not None:
                self._made.put(self._ask(task))
        except BaseException as error:
            self._made.put(error)
            raise
        finally:
            self._made.put(None)

    def _next(self) -> Task | None:
        self._room.acquire()
        with self._lock:
            return None if self._left or self._stop() else next(self._tasks, None)
