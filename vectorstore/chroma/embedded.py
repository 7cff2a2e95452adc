"""Chroma in this process: a folder that one process writes."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeVar

from vectorstore.base import Place
from vectorstore.checks import check_dimension, damaged, not_writable
from vectorstore.chroma.graph import GRAPH

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

P = ParamSpec("P")
T = TypeVar("T")

FOLDER = "vectors-chroma"
COLLECTION = "passages"
# Chroma does not always say that the disk is full; with less than this free, that is what is wrong.
FULL_BYTES = 2_000_000
STORAGE = ("readonly", "read-only", "disk is full", "disk i/o", "no space", "permission", "unable to open")


class Embedded:
    """A `Home` of Chroma in a folder; made when it is opened."""

    def __init__(self, place: Place) -> None:
        self._folder = place.folder / FOLDER
        self._client: ClientAPI | None = None
        self._most = 1

    def exists(self) -> bool:
        return self._folder.is_dir()

    def drop(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def open(self, dimension: int) -> Any:
        folder = self._folder
        with self._explained():
            folder.mkdir(parents=True, exist_ok=True)
            if not os.access(folder, os.W_OK):
                raise PermissionError(f"no permission to write in {folder}")
            self._client = client = _Clients.open(folder)
            self._most = client.get_max_batch_size()
        try:
            collection = self.call(
                client.get_or_create_collection,
                COLLECTION,
                configuration={"hnsw": GRAPH},
                metadata={"dimension": dimension},
                embedding_function=None,
            )
            held = (collection.metadata or {}).get("dimension", dimension)
            check_dimension(int(held), dimension, folder)
        except BaseException:
            self.close()
            raise
        return collection

    def rows(self, dimension: int) -> int:
        return self._most

    def call(self, request: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        with self._explained():
            return request(*args, **kwargs)

    def close(self) -> None:
        if self._client is not None:
            _Clients.close(self._client)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """What Chroma and the system complain about, as Docent's errors."""
        from chromadb.errors import ChromaError, InvalidArgumentError

        try:
            yield
        except InvalidArgumentError:
            raise
        except (ChromaError, sqlite3.Error, OSError, ValueError, RuntimeError) as error:
            said = isinstance(error, OSError) or any(word in str(error).lower() for word in STORAGE)
            if said or shutil.disk_usage(self._folder).free < FULL_BYTES:
                raise not_writable(self._folder, error) from error
            raise damaged(self._folder, str(error)) from error


class _Clients:
    """Chroma shares one client, with its copy of the index, among all who name the same path.

    A copy that was made before another process wrote stays old, so each index here gets a client of its
    own: the same path, spelled with as many "/." as nobody else uses now.
    """

    _lock: ClassVar = threading.Lock()
    _used: ClassVar[dict[int, str]] = {}

    @classmethod
    def open(cls, folder: Path) -> ClientAPI:
        import chromadb
        from chromadb.config import Settings

        settings = Settings(_env_file=None, anonymized_telemetry=False)
        with cls._lock:
            spellings = (str(folder.resolve()) + f"{os.sep}." * n for n in count())
            path = next(spelling for spelling in spellings if spelling not in cls._used.values())
            client = chromadb.PersistentClient(path, settings)
            cls._used[id(client)] = path
        return client

    @classmethod
    def close(cls, client: Any) -> None:
        with cls._lock:
            client.close()
            cls._used.pop(id(client), None)
