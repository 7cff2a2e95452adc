"""Qdrant in this process: a folder of its client, which one process at a time may have open."""

from __future__ import annotations

import sqlite3
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from app.errors import CollectionBusyError, DocentError
from vectorstore.checks import damaged, not_writable

T = TypeVar("T")

_NO_SPACE = ("full", "readonly", "read-only", "disk i/o", "unable to open", "too large")


class Local:
    """The client of a folder, shared by all in this process who open it, until the last one closes it."""

    _guard: ClassVar = threading.Lock()
    _open: ClassVar[dict[Path, Local]] = {}

    @classmethod
    def at(cls, folder: Path) -> Local:
        """
        Raises:
            CollectionBusyError: another process has it open.
            CollectionDamagedError, StorageError: it cannot be read or made.
        """
        folder = folder.absolute()
        with cls._guard:
            if folder not in cls._open:
                cls._open[folder] = cls(folder)
            found = cls._open[folder]
            found._users += 1
            return found

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._users = 0
        self._lock = threading.RLock()  # the client has none of its own
        self.client = self.explained(self._start)

    def close(self) -> None:
        """The last one who closes it frees the folder for other processes."""
        with self._guard:
            self._users -= 1
            if not self._users:
                del self._open[self._folder]
                self.client.close()

    def explained(self, request: Callable[[], T]) -> T:
        """What it gives; what goes wrong as an error of ours."""
        try:
            with self._lock, warnings.catch_warnings():
                warnings.simplefilter("ignore")  # such as that 20,000 points are many for it
                return request()
        except DocentError:
            raise
        except OSError as error:
            raise not_writable(self._folder, error) from error
        except Exception as error:
            if "already accessed" in str(error):
                raise _busy(self._folder) from error
            if isinstance(error, sqlite3.Error) and any(one in str(error).lower() for one in _NO_SPACE):
                raise not_writable(self._folder, error) from error
            raise damaged(self._folder, str(error)) from error

    def durably(self, collection: str, request: Callable[[], T]) -> T:
        """A write of many points, on the disk when it returns.

        The client commits each point by itself, which takes 13 ms; with a log that is synced once, at the
        end, they take a small part of that.
        """
        held = self.client._client.collections.get(collection)
        database: Any = getattr(getattr(held, "storage", None), "storage", None)

        def write() -> T:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            done = request()
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return done

        return self.explained(request if database is None else write)

    def _start(self) -> Any:
        from qdrant_client import QdrantClient

        self._folder.mkdir(parents=True, exist_ok=True)
        return QdrantClient(path=str(self._folder), force_disable_check_same_thread=True)


def _busy(folder: Path) -> CollectionBusyError:
    return CollectionBusyError(
        f"Another process has {folder} open, and Qdrant without a server lets in one at a time. Try again "
        "when it has ended; for several at once, start a Qdrant server and name it in DOCENT_QDRANT_URL.",
        path=str(folder),
    )
