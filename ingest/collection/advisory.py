"""The lock that lets one process at a time, on any machine, write to a collection in PostgreSQL."""

from __future__ import annotations

import threading

from sqlalchemy import BigInteger, Connection, cast, column, select, table, text

from app.database import Postgres, explained, here, lone_connection
from app.errors import BackendError, BackendUnavailableError, CollectionBusyError, DocentError

# The first half of the key, "doc" in ASCII; the second is the collection's number.
_FAMILY = 0x646F63
# The same for workers that write side by side, by their numbers.
_WORKERS = 0x646F64
_CALLED = "docent writer"
# A server that lost a machine without a word ends its connection, and so its lock, within a minute.
_WATCH = (
    "SET LOCAL tcp_keepalives_idle = 20; SET LOCAL tcp_keepalives_interval = 5; "
    "SET LOCAL tcp_keepalives_count = 4"
)
# The transaction is open as long as the lock is held: it goes with a pooler that shares connections, too.
_STAY = "SET LOCAL idle_in_transaction_session_timeout = 0"
_TAKE = text("SELECT pg_try_advisory_xact_lock(:family, :number)")
_SHARE = text("SELECT pg_try_advisory_xact_lock_shared(:family, :number)")
_locks = table("pg_locks", *map(column, ("locktype", "granted", "database", "classid", "objid", "objsubid")))
LIVE = select(cast(_locks.c.objid, BigInteger)).where(
    _locks.c.locktype == "advisory",
    _locks.c.granted,
    _locks.c.classid == _WORKERS,
    _locks.c.objsubid == 2,
    _locks.c.database == text("(SELECT oid FROM pg_database WHERE datname = current_database())"),
)
"""A query: the numbers of all workers whose connections hold."""
_HOLDER = text(
    "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
    "WHERE l.locktype = 'advisory' AND l.granted AND l.classid = :family AND l.objid = :number "
    "AND l.objsubid = 2 AND a.datname = current_database()"
)


class AdvisoryLock:
    """See `Lock`; on a connection of its own, with which it ends. Safe among threads.

    Args:
        worker: number of a worker that writes beside others, which keeps out only who would write alone.

    Raises:
        CollectionBusyError: another process, or another object of this one, holds it.
        BackendError: the server cannot be reached, or refuses.
    """

    def __init__(self, name: str, number: int, url: str, *, worker: int | None = None) -> None:
        self._name = name
        self._worker = worker
        self._postgres = Postgres(url)
        self._guard = threading.Lock()
        self._connection: Connection | None = None
        try:
            self._connection = lone_connection(self._postgres, here(_CALLED))
            if not self._take(self._connection, number):
                raise self._busy(number)
        except BaseException:
            self.release()
            raise

    def check(self) -> None:
        try:
            with self._guard:
                if self._connection is None:
                    raise BackendUnavailableError("it was released")
                with explained(self._postgres.url, self._postgres.setting):
                    self._connection.execute(text("SELECT 1"))
        except BackendError as error:
            raise BackendUnavailableError(
                f"The right to write to the collection {self._name!r} was lost with the connection that held "
                f"it: {error} What was finished is kept; run the same again."
            ) from error

    def release(self) -> None:
        with self._guard:
            connection, self._connection = self._connection, None
            if connection is not None:
                _end(connection, self._postgres)
            self._postgres.close()

    def _take(self, connection: Connection, number: int) -> bool:
        with explained(self._postgres.url, self._postgres.setting):
            for statement in (*_WATCH.split("; "), _STAY):
                connection.execute(text(statement))
            take, values = _TAKE, {"family": _FAMILY, "number": number}
            if self._worker is not None:
                connection.execute(_TAKE, {"family": _WORKERS, "number": self._worker})
                take = _SHARE
            return bool(connection.execute(take, values).scalar())

    def _busy(self, number: int) -> CollectionBusyError:
        try:
            who = holder(self._postgres, number)
        except DocentError:
            who = None
        return CollectionBusyError(
            f"Another process ({who or 'pid unknown'}) is writing to the collection {self._name!r}. "
            "Wait until it is done, or stop it, and start again.",
            collection=self._name,
        )


def _end(connection: Connection, postgres: Postgres) -> None:
    """Roll back, so that the lock is free when this returns; or cut the line."""
    try:
        with explained(postgres.url, postgres.setting):
            connection.close()
    except BackendError:
        connection.invalidate()
        connection.close()


def holder(postgres: Postgres, number: int) -> str | None:
    """Who holds the lock of the collection with this number, for messages; None if nobody does."""
    with postgres.transaction() as connection:
        called = connection.execute(_HOLDER, {"family": _FAMILY, "number": number}).scalar()
    return None if called is None else str(called).removeprefix(_CALLED).strip() or "pid unknown"
