"""The database of an installation: how it is opened, brought up to date and written to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from app.database import Postgres, is_postgres
from app.errors import ConfigurationError, MissingExtraError, StorageError
from app.history.migrations import migrate

SETTING = "DOCENT_HISTORY_URL"
_BUSY_MILLISECONDS = 15_000


class Database:
    """One database, opened and up to date. Safe to use from many threads.

    Args:
        url: such as `sqlite:////path/conversations.sqlite` or `postgresql://…`; of SQLAlchemy.
        setting: the variable that names it, for messages.

    Raises:
        ConfigurationError: the URL names no database that SQLAlchemy knows.
        MissingExtraError: its driver is not installed.
        StorageError: it cannot be opened, or a newer Docent has written it.
        BackendError: its server cannot be reached, or refuses.
    """

    def __init__(self, url: str, setting: str = SETTING) -> None:
        self._held = Postgres(url, setting) if is_postgres(url) else _Other(url)
        try:
            with self.transaction() as connection:
                migrate(connection, setting)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._held.close()

    def ping(self) -> str:
        """Its kind and version; raises a StorageError if it does not answer."""
        with self.transaction() as connection:
            connection.execute(text("SELECT 1"))
            dialect = connection.dialect
        version: tuple[object, ...] = dialect.server_version_info or ()
        version = version or getattr(dialect.dbapi, "sqlite_version_info", ())
        return f"{dialect.name} {'.'.join(map(str, version))}"

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A short transaction; it is undone when it is left with an error.

        Raises:
            StorageError, BackendError: the database cannot be read or written.
        """
        with self._held.transaction() as connection:
            yield connection


class _Other:
    """A database that is not PostgreSQL: a file of SQLite, as a rule."""

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise StorageError(
                f"The conversations in {self._engine.url.render_as_string()!r} cannot be read or written "
                f"({error.orig}). Check the disk and its rights, or change {SETTING}."
            ) from error


def _engine(url: str) -> Engine:
    try:
        engine = create_engine(make_url(url))
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigurationError(
            f"{SETTING} is no database URL that can be used ({type(error).__name__}). "
            "Leave it empty, or write it like 'sqlite:////path/to/conversations.sqlite'."
        ) from None
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"{SETTING} needs the package {error.name!r}; install it: pip install {error.name}"
        ) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    """WAL lets readers go on while an answer is being written."""
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_MILLISECONDS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
