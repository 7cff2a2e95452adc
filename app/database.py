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

from app.errors import (
    BackendRefusedError,
    BackendUnavailableError,
    ConfigurationError,
    DocentError,
    MissingExtraError,
    StorageError,
)

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
    "client_encoding": "utf8",
}
# What a server says, or the beginning of its code -> what it means; the first that fits.
_MEANINGS: tuple[tuple[tuple[str, ...], type[DocentError], str], ...] = (
    (("28", "password", "no pg_hba.conf entry"), BackendRefusedError, "login"),
    (("3D000", 'database "'), BackendRefusedError, "database"),
    (("42501",), BackendRefusedError, "rights"),
    (("25006",), BackendRefusedError, "copy"),
    (("53100", "No space left"), StorageError, "disk"),
    (("53300", "too many"), BackendUnavailableError, "connections"),
    (("57P03", "starting up", "QueuePool"), BackendUnavailableError, "busy"),
    (("42", "22", "23", "3F", "XX"), BackendRefusedError, "report"),
    (("",), BackendUnavailableError, "down"),
)
_CURES = {
    "login": "Put the right user and password into {setting}.",
    "database": "Make that database (createdb), or name another one in {setting}.",
    "rights": "Give the user the right to make schemas: GRANT CREATE ON DATABASE {database} TO {user}.",
    "copy": "It takes no changes: name the primary server, not a copy of it, in {setting}.",
    "disk": "Free space on the server's disk.",
    "connections": "Raise max_connections of the server, or let fewer processes use it.",
    "busy": "Too much is asked of it, or it is just starting or stopping: try again in a moment.",
    "report": "Report it, or name another database in {setting}.",
    "down": "See that it runs and can be reached from here, or change {setting}; then try again.",
}

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
            BackendUnavailableError: the server cannot be reached, or went away.
            BackendRefusedError: it does not let this user in, or refuses what was asked.
            StorageError: its disk is full.
        """
        with explained(self.url, self.setting), self._open().begin() as connection:
            if schema is not None:
                connection.execution_options(schema_translate_map={None: schema})
            yield connection

    def _open(self) -> Engine:
        if self._engine is None:
            raise BackendUnavailableError(f"The database {self.address} was closed.")
        return self._engine


def check_server(connection: Connection, setting: str = SETTING) -> None:
    """Make sure that it does, before tables are made.

    Raises:
        ConfigurationError: it is too old, or keeps texts in another way than Unicode.
    """
    from sqlalchemy import text

    version = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    where = address(connection.engine.url)
    if version < OLDEST * 10_000:
        raise ConfigurationError(
            f"{setting}: PostgreSQL at {where} is version {version // 10_000}; {OLDEST} or later is needed."
        )
    if encoding != "UTF8":
        raise ConfigurationError(
            f"{setting}: the database {where} keeps texts in {encoding}; make one that keeps them in UTF8: "
            "createdb --encoding=UTF8 --template=template0 docent"
        )


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
        BackendError: as in `Postgres.transaction`.
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
    """Errors of the driver and of the pool become ours: they name the setting and no secret.

    `values["sqlstate"]` is PostgreSQL's code, "" where it gave none.
    """
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
    kind, cure = next(meaning[1:] for meaning in _MEANINGS if _fits(meaning[0], state, said))
    cure = _CURES[cure].format(setting=setting, database=url.database, user=url.username)
    return kind(
        f"PostgreSQL at {address(url)} cannot be used ({said[:400]}). {cure}", sqlstate=state, setting=setting
    )


def _fits(marks: tuple[str, ...], state: str, said: str) -> bool:
    """Codes are digits and capitals, and begin the state; words stand in what was said."""
    return any(state.startswith(mark) if mark.isupper() or mark.isdigit() else mark in said for mark in marks)


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
