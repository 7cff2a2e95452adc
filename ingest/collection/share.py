"""`Share`: one worker's part in a run that several do together, on a collection in PostgreSQL.

A worker lives as long as the connection that holds its locks: when its process ends, the server knows at
once, and when its machine is gone, within a minute. What it had taken is then for the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import ColumnElement, Connection, case, delete, exists, func, insert, select, text, update

from app.database import Postgres, alone, here
from app.errors import BackendError, StorageError
from ingest.batches import batches
from ingest.collection.advisory import LIVE, AdvisoryLock
from ingest.collection.registry import Registry
from ingest.collection.work_tables import jobs, runs, workers

if TYPE_CHECKING:
    from app.config import Settings

State = Literal["planning", "working", "finishing", "done"]

# A file that so many workers were at when they ended is taken to be the reason.
MOST_TAKES = 5
_AT_ONCE = 5_000
_KEPT = 20

_SAVED = text(
    "UPDATE docent.jobs AS j SET state = 'done', chunks = v.chunks, suspicious = v.suspicious, error = NULL "
    "FROM unnest(CAST(:files AS text[]), CAST(:chunks AS int[]), CAST(:suspicious AS text[])) "
    "AS v(file, chunks, suspicious) "
    "WHERE j.run = :run AND j.file = v.file AND j.worker = :worker AND j.state = 'taken'"
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the shared run of a collection stands.

    Attributes:
        leads: this worker plans it.
        is_ours: its task is the one that was named.
        who: some worker of it, for messages.
    """

    run: int
    state: State
    task: str
    generation: str = ""
    leads: bool = False
    who: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """How far a shared run is: files by state, and workers alive."""

    waiting: int = 0
    taken: int = 0
    done: int = 0
    failed: int = 0
    workers: int = 1

    @property
    def total(self) -> int:
        return self.waiting + self.taken + self.done + self.failed

    @property
    def left(self) -> int:
        return self.waiting + self.taken


class Share:
    """See `Lock` for `check` and `release`; one for each worker. Safe among threads.

    Raises (every method):
        CollectionBusyError: (when it is made) somebody writes alone.
        BackendError: the server cannot be reached, or refuses.
    """

    def __init__(self, name: str, settings: Settings) -> None:
        url = settings.database_url.get_secret_value() if settings.database_url else ""
        self._collection = Registry(url).begin(name)
        self.name = here("worker").removeprefix("worker ")
        self.run = self.worker = 0
        self._postgres = Postgres(url)
        self._lock: AdvisoryLock | None = None
        try:
            self.worker = self._register()
            self._lock = AdvisoryLock(name, self._collection, url, worker=self.worker)
        except BaseException:
            with suppress(BackendError):
                self._unregister()
            self.release()
            raise

    def check(self) -> None:
        if self._lock is not None:
            self._lock.check()

    def leave(self) -> None:
        """All that was begun is done: who ends without this is looked after like one that was lost."""
        with self._postgres.transaction() as connection:
            connection.execute(update(workers).where(workers.c.id == self.worker).values(left=True))

    def release(self) -> None:
        """Leave what was taken to the others. May be called twice."""
        if self._lock is not None:
            with suppress(BackendError):  # they are taken over all the same
                self._give_back()
            self._lock.release()
            self._lock = None
        self._postgres.close()

    # -- planning -------------------------------------------------------------------------------------

    def begin(self, task: str) -> Standing:
        """Join the run that others are at, whatever it is to do, or lead a new one.

        What is left of one whose workers are all gone is forgotten: its files are looked at anew.
        """
        with self._postgres.transaction() as connection:
            alone(connection, f"shared run {self._collection}")
            found = connection.execute(
                select(runs).where(runs.c.collection == self._collection, runs.c.state != "done")
            ).one_or_none()
            if found is not None and _alive(connection, found.id):
                who = connection.execute(select(workers.c.name).where(workers.c.run == found.id)).scalar()
                if found.task == task and found.state != "planning":
                    self._enrol(connection, found.id)
                return Standing(found.id, found.state, found.task, found.generation or "", who=who or "")
            return self._lead(connection, task)

    def _lead(self, connection: Connection, task: str) -> Standing:
        own = runs.c.collection == self._collection
        connection.execute(delete(runs).where(own, runs.c.state != "done"))
        # Their reports may yet be asked for by those who took part.
        newest = select(runs.c.id).where(own).order_by(runs.c.id.desc()).limit(_KEPT)
        connection.execute(delete(runs).where(own, runs.c.id.not_in(newest)))
        connection.execute(delete(jobs).where(jobs.c.run.in_(select(runs.c.id).where(own))))
        old = workers.c.run.is_not(None) & workers.c.run.not_in(select(runs.c.id))
        connection.execute(delete(workers).where(old))
        values = {"collection": self._collection, "task": task, "state": "planning", "leader": self.worker}
        run = connection.execute(insert(runs).values(values).returning(runs.c.id)).scalar_one()
        self._enrol(connection, run)
        return Standing(run, "planning", task, leads=True)

    def _enrol(self, connection: Connection, run: int) -> None:
        connection.execute(update(workers).where(workers.c.id == self.worker).values(run=run))
        self.run = run

    def plan(self, generation: str, planned: str, todos: Iterable[Mapping[str, Any]]) -> None:
        """Let everybody begin.

        Args:
            generation: that is written.
            planned: the report as far as it is known.
            todos: `file`, `path`, `todo` and `is_new` of each job.
        """
        with self._postgres.transaction() as connection:
            for batch in batches(({**todo, "run": self.run} for todo in todos), _AT_ONCE):
                connection.execute(insert(jobs), batch)
            values = {"state": "working", "generation": generation, "planned": planned}
            connection.execute(update(runs).where(runs.c.id == self.run).values(values))

    def drop(self) -> None:
        """Planning failed: the next one may try."""
        with self._postgres.transaction() as connection:
            connection.execute(delete(runs).where(runs.c.id == self.run))

    def standing(self, run: int) -> Standing | None:
        """Of this run; None where it is forgotten."""
        with self._postgres.transaction() as connection:
            found = connection.execute(select(runs).where(runs.c.id == run)).one_or_none()
        return Standing(found.id, found.state, found.task, found.generation or "") if found else None

    # -- working --------------------------------------------------------------------------------------

    def claim(self, count: int) -> list[tuple[str, bool]]:
        """Take up to so many files that wait: what is to do, and whether another one was at it before."""
        waiting = select(jobs.c.id).where(jobs.c.run == self.run, jobs.c.state == "waiting")
        mine = waiting.order_by(jobs.c.id).limit(count).with_for_update(skip_locked=True)
        take = (
            update(jobs)
            .where(jobs.c.id.in_(mine))
            .values(state="taken", worker=self.worker, takes=jobs.c.takes + 1)
            .returning(jobs.c.id, jobs.c.todo, jobs.c.takes)
        )
        with self._postgres.transaction() as connection:
            taken = sorted(connection.execute(take), key=lambda row: row.id)
        return [(row.todo, row.takes > 1) for row in taken]

    def saved(self, connection: Connection, files: Mapping[str, tuple[int, str | None]]) -> None:
        """These files are done, as soon as the transaction is final.

        Args:
            connection: of the catalogue, which is in the same database.
            files: by id, how many chunks each has, and as what it is suspicious.

        Raises:
            StorageError: others took this worker for lost, and do them.
        """
        values = {
            "files": list(files),
            "chunks": [chunks for chunks, _ in files.values()],
            "suspicious": [suspicious for _, suspicious in files.values()],
            "run": self.run,
            "worker": self.worker,
        }
        if connection.execute(_SAVED, values).rowcount != len(files):
            raise StorageError(
                f"This worker ({self.name}) was taken for lost, and others do its files: it stops. See "
                "that its connection to DOCENT_DATABASE_URL holds, and start it again."
            )

    def failed(self, errors: Mapping[str, str]) -> None:
        """These files cannot be read.

        Args:
            errors: why, by the file's id.
        """
        mine = (jobs.c.run == self.run) & (jobs.c.worker == self.worker) & (jobs.c.state == "taken")
        with self._postgres.transaction() as connection:
            for file, error in errors.items():
                connection.execute(
                    update(jobs).where(mine, jobs.c.file == file).values(state="failed", error=error)
                )

    def take_back(self) -> int:
        """Let files wait again whose workers are gone; how many there were."""
        error = f"{MOST_TAKES} workers ended while they were at it: index it alone, and look why."
        lost = (jobs.c.run == self.run) & (jobs.c.state == "taken") & jobs.c.worker.not_in(LIVE)
        state = case((jobs.c.takes < MOST_TAKES, "waiting"), else_="failed")
        with self._postgres.transaction() as connection:
            return connection.execute(update(jobs).where(lost).values(state=state, error=error)).rowcount

    def counts(self) -> Counts:
        by_state = select(jobs.c.state, func.count()).where(jobs.c.run == self.run)
        with self._postgres.transaction() as connection:
            rows = connection.execute(by_state.group_by(jobs.c.state)).all()
            alive = _alive(connection, self.run)
        return Counts(**{state: count for state, count in rows}, workers=max(1, alive))

    # -- the end --------------------------------------------------------------------------------------

    def leads_end(self) -> bool:
        """Whether nothing is left to do and it falls to this worker to finish."""
        left = exists().where(jobs.c.run == self.run, jobs.c.state.in_(("waiting", "taken")))
        given_up = (runs.c.state == "finishing") & runs.c.leader.not_in(LIVE)
        open_ = (runs.c.id == self.run) & ((runs.c.state == "working") | given_up) & ~left
        lead = update(runs).where(open_).values(state="finishing", leader=self.worker)
        with self._postgres.transaction() as connection:
            return connection.execute(lead).rowcount == 1

    def end(self, report: str) -> None:
        with self._postgres.transaction() as connection:
            mine = (runs.c.id == self.run) & (runs.c.leader == self.worker)
            connection.execute(update(runs).where(mine).values(state="done", report=report))

    def report(self, run: int) -> str | None:
        """Of a run that is done."""
        with self._postgres.transaction() as connection:
            return connection.execute(select(runs.c.report).where(runs.c.id == run)).scalar()

    def planned(self) -> str:
        with self._postgres.transaction() as connection:
            query = select(runs.c.planned).where(runs.c.id == self.run)
            return str(connection.execute(query).scalar_one())

    def outcomes(self) -> list[Any]:
        """`file`, `path`, `is_new`, `state`, `chunks`, `suspicious`, `error` of all jobs, as planned."""
        names = ("file", "path", "is_new", "state", "chunks", "suspicious", "error")
        query = select(*(jobs.c[name] for name in names)).where(jobs.c.run == self.run).order_by(jobs.c.id)
        with self._postgres.transaction() as connection:
            return list(connection.execute(query))

    def took_part(self) -> int:
        """How many workers the run has had."""
        with self._postgres.transaction() as connection:
            return _count(connection, workers.c.run == self.run)

    def lost(self) -> int:
        """How many of them ended without a word."""
        gone = (workers.c.run == self.run) & ~workers.c.left & workers.c.id.not_in(LIVE)
        with self._postgres.transaction() as connection:
            return _count(connection, gone)

    def _register(self) -> int:
        with self._postgres.transaction() as connection:
            row = insert(workers).values(name=self.name).returning(workers.c.id)
            return int(connection.execute(row).scalar_one())

    def _unregister(self) -> None:
        with self._postgres.transaction() as connection:
            connection.execute(delete(workers).where(workers.c.id == self.worker))

    def _give_back(self) -> None:
        mine = (jobs.c.run == self.run) & (jobs.c.worker == self.worker) & (jobs.c.state == "taken")
        with self._postgres.transaction() as connection:
            connection.execute(update(jobs).where(mine).values(state="waiting", takes=jobs.c.takes - 1))


def _alive(connection: Connection, run: int) -> int:
    return _count(connection, (workers.c.run == run) & workers.c.id.in_(LIVE))


def _count(connection: Connection, which: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(workers).where(which)).scalar_one()
