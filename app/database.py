"""PostgreSQL by URL: engines, shared within a process, and what the errors of a server mean.

SQLAlchemy and psycopg are imported when a database is first used.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from app.errors import ConfigurationError, DocentError, MissingExtraError, StorageError

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

SETTING = "DOCENT_DATABASE_URL"
EXAMPLE = "postgresql://user:password@host:5432/docent"
DRIVER = "postgresql+psycopg"
OLDEST = 13
"""The first version of PostgreSQL that is known to do."""

# Connections of one process: a few stay open, more come and go. A server takes 100 unless told otherwise.
POOL = {"pool_size": 5, "max_overflow": 10, "pool_timeout": 30, "pool_recycle": 1800, "pool_pre_ping": True}
# A machine that is gone is known of within a minute; where the URL says otherwise, it wins.
_WIRE = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
# What a server says, or the class of its error -> what to do about it; the first that fits.
_CURES = {
    "password authentication failed": "Put the right user and password into {setting}.",
    "no password supplied": "Put user and password into {setting}.",
    "28": "Put a user that the server lets in into {setting}.",
    "3D000": "Make that database (createdb), or name another one in {setting}.",
    'database "': "Make that database (createdb), or name another one in {setting}.",
    "53300": "Raise max_connections of the server, or let fewer processes use it.",
    "too many": "Raise max_connections of the server, or let fewer processes use it.",
    "QueuePool": "Too many questions at once: try again in a moment.",
    "53100": "Free space on the server's disk.",
    "No space left": "Free space on the server's disk.",
    "42501": "Give the user the right to make schemas: GRANT CREATE ON DATABASE {database} TO {user}.",
    "25006": "It takes no changes: name the primary server, not a copy of it, in {setting}.",
    "57P03": "It is just starting or stopping: try again in a moment.",
    "starting up": "It is just starting or stopping: try again in a moment.",
}
_CURE = "See that it runs and can be reached from here, or change {setting}; then try again."

_guard = threading.Lock()
_engines: dict[str, tuple[Engine, int]] = {}


class Postgres:
    """One database, whose connections all of a process share that name the same URL; safe among threads.

    Args:
        url: as in `EXAMPLE`; parameters of libpq, such as `?sslmode=verify-full`, may follow.
        setting: the variable that names it, for messages.

    Raises:
        ConfigurationError: the URL names no PostgreSQL database.
        MissingExtraError: the driver is not installed.
    """

    def __init__(self, url: str, setting: str = SETTING) -> None:
        self.setting = setting
        self.url = url_of(url, setting)
        self._key = self.url.render_as_string(hide_password=False)
        self._engine: Engine | None = _lease(self._key, self.url)

    def close(self) -> None:
        """The last one that closes also ends the connections. May be called twice."""
        if self._engine is not None:
            self._engine = None
            _give_back(self._key)

    @property
    def address(self) -> str:
        """Host, port and database, for messages."""
        return address(self.url)

    @contextmanager
    def transaction(self, schema: str | None = None) -> Iterator[Connection]:
        """All or nothing of what is done inside.

        Args:
            schema: of the tables that say none of their own.

        Raises:
            StorageError: the server cannot be reached, refuses, or went away; `values["sqlstate"]` says more.
        """
        with explained(self.url, self.setting), self._open().begin() as connection:
            if schema is not None:
                connection.execution_options(schema_translate_map={None: schema})
            yield connection

    def _open(self) -> Engine:
        if self._engine is None:
            raise StorageError(f"The database {self.address} was closed.")
        return self._engine


def url_of(text: str, setting: str = SETTING) -> URL:
    """The URL with the driver that is used; raises as `Postgres` does."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError):
        raise _no_url(setting, "it is no URL") from None
    if not is_postgres(url.drivername):
        raise _no_url(setting, f"it begins with {url.drivername!r}")
    if not url.database and "dbname" not in url.query:
        raise _no_url(setting, "it names no database")
    return url.set(drivername=DRIVER)


def is_postgres(text: str) -> bool:
    """Whether a URL is one of those that `Postgres` takes."""
    return text.strip().partition(":")[0] in ("postgres", "postgresql", DRIVER)


def alone(connection: Connection, what: str) -> None:
    """Wait until no other transaction here is alone with the same; this one is until it ends."""
    from sqlalchemy import func, select

    connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"docent {what}", 0))))


def address(url: URL) -> str:
    """Host, port and database, without user and password."""
    host = url.host or url.query.get("host") or "localhost"
    port = url.port or url.query.get("port")
    return f"{host}{f':{port}' if port else ''}/{url.database or url.query.get('dbname', '')}"


def lone_connection(postgres: Postgres, name: str) -> Connection:
    """A connection outside the pool, for whoever keeps one open; not for several threads.

    Args:
        name: under which the server lists it.

    Raises:
        StorageError: as in `Postgres.transaction`.
    """
    from sqlalchemy.pool import NullPool

    url = postgres.url.update_query_dict({"application_name": name})
    with explained(postgres.url, postgres.setting):
        return _engine(url, poolclass=NullPool).connect()


def here(what: str = "docent") -> str:
    """What a connection of this process is called: the server shows 63 characters of it."""
    return f"{what} pid {os.getpid()} on {socket.gethostname()}"[:63]


@contextmanager
def explained(url: URL, setting: str) -> Iterator[None]:
    """Errors of the driver and of the pool become a StorageError that names the setting and no secret."""
    from psycopg import Error
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.exc import TimeoutError as PoolTimeoutError

    try:
        yield
    except (DBAPIError, PoolTimeoutError, Error) as error:
        raise _explanation(error, url, setting) from error


def _explanation(error: Exception, url: URL, setting: str) -> DocentError:
    cause = getattr(error, "orig", None) or error
    state = getattr(cause, "sqlstate", None) or ""
    said = " ".join(str(cause).split())
    for secret in {url.password, url.query.get("password")}:
        said = said.replace(str(secret), "***") if secret else said
    fits = (cure for mark, cure in _CURES.items() if state.startswith(mark) or mark in said)
    cure = next(fits, _CURE).format(setting=setting, database=url.database, user=url.username)
    return StorageError(
        f"PostgreSQL at {address(url)} cannot be used ({said[:400]}). {cure}", sqlstate=state, setting=setting
    )


def _no_url(setting: str, why: str) -> ConfigurationError:
    return ConfigurationError(f"{setting} names no PostgreSQL database: {why}. Write it like {EXAMPLE!r}.")


def _lease(key: str, url: URL) -> Engine:
    with _guard:
        engine, users = _engines.get(key) or (_engine(url, **POOL), 0)
        _engines[key] = engine, users + 1
        return engine


def _give_back(key: str) -> None:
    with _guard:
        engine, users = _engines.pop(key)
        if users > 1:
            _engines[key] = engine, users - 1
            return
    engine.dispose()


def _engine(url: URL, **options: Any) -> Engine:
    from sqlalchemy import create_engine

    missing = {name: value for name, value in _WIRE.items() if name not in url.query}
    if "application_name" not in url.query:
        missing["application_name"] = here()
    try:
        return create_engine(
            url.update_query_dict(missing),
            # Prepared statements are lost where a pooler, such as PgBouncer, changes the connection.
            connect_args={"prepare_threshold": None},
            **options,
        )
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"PostgreSQL needs the package {error.name!r}. Install it with: pip install 'docent[postgres]'"
        ) from None
