"""The lock that lets one process at a time write to a collection's folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import CollectionBusyError, StorageError

if TYPE_CHECKING:
    from filelock import BaseFileLock

_LOCK = "lock"
_WRITER = "writer.pid"


class FileLock:
    """See `Lock`; the system frees it when its process ends.

    Raises:
        CollectionBusyError: another process, or another object of this one, holds it.
        StorageError: the folder cannot be made or used.
    """

    def __init__(self, name: str, folder: Path) -> None:
        from filelock import Timeout

        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = _lock(folder)
            self._lock.acquire(timeout=0)
            (folder / _WRITER).write_text(str(os.getpid()), encoding="ascii")
        except Timeout:
            raise CollectionBusyError(
                f"Another process ({_holder(folder)}) is writing to the collection {name!r}. "
                "Wait until it is done, or stop it, and start again.",
                collection=name,
            ) from None
        except OSError as error:
            raise StorageError(
                f"The folder {folder} cannot be written ({error.strerror or error}). Free space on the disk, "
                "give this user the right to write, or set DOCENT_DATA_DIR to another folder."
            ) from error

    def check(self) -> None:
        """Nothing takes it away while the process lives."""

    def release(self) -> None:
        """May be called twice."""
        if self._lock.is_locked:
            (self._folder / _WRITER).unlink(missing_ok=True)
            self._lock.release()


def writer(folder: Path) -> str | None:
    """Who holds the lock at this moment, for messages; None if nobody does."""
    from filelock import Timeout

    if not (folder / _WRITER).is_file():
        return None
    try:
        with _lock(folder).acquire(timeout=0):
            return None
    except (Timeout, OSError):
        return _holder(folder)


def _holder(folder: Path) -> str:
    try:
        return f"pid {int((folder / _WRITER).read_text(encoding='ascii'))}"
    except (OSError, ValueError):
        return "pid unknown"


def _lock(folder: Path) -> BaseFileLock:
    from filelock import FileLock as SystemLock

    return SystemLock(folder / _LOCK, thread_local=False)
