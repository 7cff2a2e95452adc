"""Milvus in this process: a folder of milvus-lite, which one process at a time may have open."""

from __future__ import annotations

import errno
import logging
import os
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from app.errors import CollectionBusyError, DocentError
from vectorstore.checks import damaged, not_writable

T = TypeVar("T")

# Of what milvus-lite answers only the words reach its client.
_NO_SPACE = re.compile(rf"Errno ({errno.ENOSPC}|{errno.EFBIG}|{errno.EROFS}|{errno.EACCES}|{errno.EDQUOT})\b")


class Lite:
    """The server of a folder, shared by all of this process who open the same one, until the last one closes.

    It listens on a socket in a folder that this user alone may enter; on Windows, on a port of this machine.

    Attributes:
        uri: for Milvus's client.
        fresh: whether nothing has been asked of it yet, so that it may hold rows that are not in its files.
    """

    _lock: ClassVar = threading.Lock()
    _open: ClassVar[dict[Path, Lite]] = {}

    @classmethod
    def at(cls, folder: Path) -> Lite:
        """
        Raises:
            CollectionBusyError: another process has it open.
            CollectionDamagedError, StorageError: it cannot be read or made.
        """
        folder = folder.absolute()
        with cls._lock:
            if folder not in cls._open:
                cls._open[folder] = cls(folder)
            found = cls._open[folder]
            found._users += 1
            return found

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._users = 0
        self._socket = None if sys.platform == "win32" else tempfile.mkdtemp(prefix="milvus-")
        try:
            self._server, self._data, port = self.explained(self._start)
        except BaseException:
            self._forget_socket()
            raise
        self.uri = f"http://127.0.0.1:{port}" if self._socket is None else f"unix:{self._socket}/s:0"

    def close(self) -> None:
        """The last one who closes it frees the folder for other processes."""
        with self._lock:
            self._users -= 1
            if self._users:
                return
            del self._open[self._folder]
            try:
                self._server.stop(grace=0).wait()
                self.explained(self._data.close)
            finally:
                self._forget_socket()

    def explained(self, request: Callable[[], T]) -> T:
        """What it gives; what goes wrong as an error of ours."""
        from milvus_lite.exceptions import DataDirLockedError, MilvusLiteError
        from pymilvus.exceptions import MilvusException

        try:
            return request()
        except DocentError:
            raise
        except DataDirLockedError as error:
            raise _busy(self._folder) from error
        except OSError as error:
            raise not_writable(self._folder, error) from error
        except (MilvusException, MilvusLiteError, RuntimeError, ValueError, KeyError) as error:
            said = str(getattr(error, "message", "") or error)
            if _NO_SPACE.search(said):
                raise not_writable(self._folder, error) from error
            raise damaged(self._folder, said) from error

    def _start(self) -> Any:
        from milvus_lite.adapter.grpc.server import start_server_in_thread

        _silence()
        host = "127.0.0.1" if self._socket is None else f"unix:{self._socket}/s"
        return start_server_in_thread(os.fspath(self._folder), host=host, port=0)

    def _forget_socket(self) -> None:
        if self._socket is not None:
            shutil.rmtree(self._socket, ignore_errors=True)


def _busy(folder: Path) -> CollectionBusyError:
    return CollectionBusyError(
        f"Another process has {folder} open, and milvus-lite lets in one at a time. Try again when it has "
        "ended; for several at once, start a Milvus server and name it in DOCENT_MILVUS_URI.",
        path=str(folder),
    )


def _silence() -> None:
    """Both libraries log with a stack trace what they answer as an error as well."""
    for name in ("pymilvus", "milvus_lite"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
