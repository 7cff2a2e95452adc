"""PostgreSQL for indexes: connections that all of a process share, and what every table of theirs needs."""

from __future__ import annotations

import select
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from app.errors import ConfigurationError, MissingExtraError
from vectorstore.base import Filter, Place
from vectorstore.remote import Remote
from vectorstore.tags import wanted

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.sql import SQL, Composed

T = TypeVar("T")

# One line in the list of a server's connections; a machine that is gone is known of within a minute. What
# the URL says otherwise counts.
_WIRE = {
    "application_name": "docent",
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
}
# Connections of a process that stay open while nothing is asked.
_MOST_IDLE = 8
_LONGEST_ID = 2000  # bytes: a B-tree takes no more than 2,704


class Server:
    """The database of `DOCENT_DATABASE_URL`.

    Raises:
        ConfigurationError: the setting is empty.
        MissingExtraError: the driver is not installed.
    """

    def __init__(self, place: Place) -> None:
        url = place.settings.database_url
        if url is None or not url.get_secret_value():
            raise ConfigurationError(
                "PostgreSQL is wanted, but DOCENT_DATABASE_URL is empty. "
                "Set it like postgresql://user:password@host:5432/docent."
            )
        _import_psycopg()
        self.remote = Remote("PostgreSQL", "database_url", place.settings, library="psycopg")
        self._pool: _Pool | None = _lease(_with_wire(url.get_secret_value()))

    def run(self, work: Callable[[Connection[Any]], T], **options: str | int) -> T:
        """What `work` returns, in a transaction of its own: all or nothing, durable at the end.

        It is done again where a lost connection or another transaction came between, so it must do the same
        when it is repeated.

        Args:
            options: parameters of the server that hold for this transaction; "__" stands for a dot.

        Raises:
            BackendUnavailableError, BackendRefusedError, StorageError: see `Remote.call`.
        """
        return self.remote.call(self._transact, work, self.remote.seconds, options)

    def run_long(self, work: Callable[[Connection[Any]], T], **options: str | int) -> T:
        """The same, once, for what may take hours."""
        from psycopg import Error

        try:
            return self._transact(work, 0, options)
        except Error as error:
            raise self.remote.explained(error) from error

    def close(self) -> None:
        """May be called twice."""
        if self._pool is not None:
            pool, self._pool = self._pool, None
            _give_back(pool)

    def _transact(
        self, work: Callable[[Connection[Any]], T], seconds: float, options: Mapping[str, str | int]
    ) -> T:
        if self._pool is None:
            raise ValueError("the index was closed")
        given = {"statement_timeout": round(seconds * 1000), **options}
        with self._pool.connection() as connection, connection.transaction():
            connection.execute(_settings(given))
            return work(connection)


def table(place: Place, kind: str) -> Composed:
    """The quoted name of one of a place's tables, or of an index on it."""
    from psycopg.sql import SQL, Identifier

    return SQL("{}").format(Identifier(f"{place.name}_{kind}"))


def is_there(connection: Connection[Any], place: Place, kind: str) -> bool:
    """Whether there is such a table or index, as `table` names it."""
    # Asked of the catalogue itself: to_regclass remembers for the transaction what was not there.
    found = connection.execute(
        "SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace "
        "WHERE relname = %s AND nspname = ANY(current_schemas(false))",
        [f"{place.name}_{kind}"],
    ).fetchone()
    return found is not None


def locked(connection: Connection[Any], name: str, *, wait: bool = True) -> bool:
    """Take a lock on a name until the transaction ends; False when it is taken and is not waited for."""
    call = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    row = connection.execute(f"SELECT {call}(hashtextextended(%s, 0))", [name]).fetchone()
    return row is not None and row[0] is not False


# -- values ------------------------------------------------------------------------------------------


def condition(where: Filter | None) -> tuple[SQL, dict[str, list[str]]]:
    """A filter as SQL over the column `tags`, true for none, with its parameters.

    Args:
        where: each field may have some value.
    """
    from psycopg.sql import SQL

    sets = {f"tags_{number}": some for number, some in enumerate(wanted(where or {}) or [])}
    return SQL(" AND ".join(f"tags && %({name})s::text[]" for name in sets) or "true"), sets


def stored(id: str) -> str:
    """An id as PostgreSQL can keep it: it takes no NUL and no half of a surrogate pair.

    Raises:
        ValueError: it is longer than an index of PostgreSQL takes.
    """
    if not id.isprintable():
        id = "".join(f"\x1a{ord(sign):04x}" if _is_bad(sign) else sign for sign in id)
    if len(id) * 4 > _LONGEST_ID and len(id.encode()) > _LONGEST_ID:
        raise ValueError(f"the id {id[:40]!r}… is longer than {_LONGEST_ID} bytes, which PostgreSQL takes")
    return id


def original(id: str) -> str:
    """The id that `stored` was given."""
    first, *rest = id.split("\x1a")
    return first + "".join(chr(int(part[:4], 16)) + part[4:] for part in rest)


def _is_bad(sign: str) -> bool:
    return sign in "\x00\x1a" or "\ud800" <= sign <= "\udfff"


# -- connections -------------------------------------------------------------------------------------


class _Pool:
    """Connections to one URL. One that broke, or whose caller gave up waiting, is not used again.

    Attributes:
        users: how many share it; guarded by `_guard`.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.users = 0
        self._idle: list[Connection[Any]] = []
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def connection(self) -> Iterator[Connection[Any]]:
        connection = self._take() or self._connect()
        try:
            yield connection
        except BaseException:
            if connection.broken or connection.closed:
                self._forget()  # the others are as old
            raise
        finally:
            self._put(connection)

    def close(self) -> None:
        self._closed = True
        self._forget()

    def _connect(self) -> Connection[Any]:
        from psycopg import connect

        # Prepared statements are lost where a pooler, such as PgBouncer, changes the connection.
        return connect(self.url, autocommit=True, prepare_threshold=None)

    def _take(self) -> Connection[Any] | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if not _was_cut(connection):
                return connection
            connection.close()

    def _put(self, connection: Connection[Any]) -> None:
        with self._lock:
            if not self._closed and not connection.closed and len(self._idle) < _MOST_IDLE:
                self._idle.append(connection)
                return
        connection.close()

    def _forget(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()


_guard = threading.Lock()
_pools: dict[str, _Pool] = {}


def _lease(url: str) -> _Pool:
    with _guard:
        pool = _pools.setdefault(url, _Pool(url))
        pool.users += 1
        return pool


def _give_back(pool: _Pool) -> None:
    with _guard:
        pool.users -= 1
        if pool.users:
            return
        _pools.pop(pool.url)
    pool.close()


def _was_cut(connection: Connection[Any]) -> bool:
    """Whether the server says something though nothing was asked: that it ended."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _with_wire(url: str) -> str:
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    try:
        given = conninfo_to_dict(url.strip().replace("postgresql+psycopg://", "postgresql://", 1))
    except ProgrammingError:
        raise ConfigurationError(
            "DOCENT_DATABASE_URL is no URL of PostgreSQL. "
            "Write it like postgresql://user:password@host:5432/docent, special signs as %XX."
        ) from None
    return make_conninfo(
        "", **(_WIRE | {key: str(value) for key, value in given.items() if value is not None})
    )


def _settings(values: Mapping[str, str | int]) -> Composed:
    from psycopg.sql import SQL, Identifier, Literal

    return SQL("; ").join(
        SQL("SET LOCAL {} = {}").format(Identifier(*name.split("__")), Literal(str(value)))
        for name, value in values.items()
    )


def _import_psycopg() -> None:
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            f"PostgreSQL needs the package {error.name!r}. Install it with: pip install 'docent[postgres]'"
        ) from None


def sorted_ids(ids: Sequence[str]) -> list[str]:
    """Stored, in the one order in which all writers lock rows, so that none waits for another in a circle."""
    return sorted(map(stored, ids))
