"""Work that threads do ahead of the one who takes it: as much as fits a budget, whatever there is to do."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from threading import Condition, Thread
from typing import Generic, TypeVar

Job = TypeVar("Job")
Outcome = TypeVar("Outcome")


class Ahead(Generic[Job, Outcome]):
    """Outcomes of jobs in the order in which they are done, for one who takes them by iterating.

    Args:
        jobs: what to do, taken one by one.
        work: does a job; what it raises is raised again for the one who takes.
        weight: what an outcome adds to the budget until it is taken.
        budget: above this no further job is begun; it bounds the memory.
        threads: how many jobs are done at once.
    """

    def __init__(
        self,
        jobs: Iterable[Job],
        work: Callable[[Job], Outcome],
        weight: Callable[[Outcome], int],
        *,
        budget: int,
        threads: int,
    ) -> None:
        self._jobs = iter(jobs)
        self._work = work
        self._weight = weight
        self._budget = budget
        self._ready: deque[tuple[Job, Outcome]] = deque()
        self._held = 0
        self._error: BaseException | None = None
        self._stopped = False
        self._changed = Condition()
        self._threads = [Thread(target=self._run, name=f"docent-read-{n}") for n in range(threads)]
        self._working = threads
        for thread in self._threads:
            thread.start()

    def __iter__(self) -> Iterator[tuple[Job, Outcome]]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._ready or self._error or not self._working)
                if self._error is not None:
                    raise self._error
                if not self._ready:
                    return
                job, outcome = self._ready.popleft()
                self._held -= self._weight(outcome)
                self._changed.notify_all()
            yield job, outcome

    def stop(self) -> None:
        """Begin no further job."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def join(self) -> None:
        """Wait until what was begun is done."""
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        try:
            while (job := self._next()) is not None:
                outcome = self._work(job)
                with self._changed:
                    self._ready.append((job, outcome))
                    self._held += self._weight(outcome)
                    self._changed.notify_all()
        except BaseException as error:  # noqa: BLE001 - told to the one who takes, in whose thread it belongs
            self._error = error
        finally:
            with self._changed:
                self._working -= 1
                self._changed.notify_all()

    def _next(self) -> Job | None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or self._error or self._held < self._budget)
            return None if self._stopped or self._error else next(self._jobs, None)
