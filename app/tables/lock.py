"""The lock that lets one run at a time fill a table."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.errors import StorageError, TableBusyError


@contextmanager
def filling(path: Path) -> Iterator[None]:
    """Hold a table for as long as it is filled, or deleted.

    Args:
        path: of its file; the lock lies beside it.

    Raises:
        TableBusyError: another process, or another run of this one, holds it.
        StorageError: nothing can be written there.
    """
    from filelock import FileLock, Timeout

    owner = path.with_suffix(".pid")
    lock = FileLock(path.with_suffix(".lock"), thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise TableBusyError(
            f"Another run (pid {_pid(owner)}) is filling the table {path.stem!r}. "
            "Wait until it is done, or stop it, and start again.",
            table=path.stem,
        ) from None
    except OSError as error:
        raise StorageError(
            f"The folder {path.parent} cannot be written ({error.strerror or error}). Free space on the "
            "disk, give this user the right to write, or set DOCENT_DATA_DIR to another folder."
        ) from error
    try:
        owner.write_text(str(os.getpid()), encoding="ascii")
        yield
    finally:
        owner.unlink(missing_ok=True)
        lock.release()


def is_being_filled(path: Path) -> bool:
    """Whether the lock is held at this moment."""
    if not path.with_suffix(".pid").is_file():
        return False
    from filelock import FileLock, Timeout

    try:
        with FileLock(path.with_suffix(".lock"), thread_local=False).acquire(timeout=0):
            return False
    except (Timeout, OSError):
        return True


def _pid(owner: Path) -> str:
    try:
        return str(int(owner.read_text(encoding="ascii")))
    except (OSError, ValueError):
        return "unknown"
