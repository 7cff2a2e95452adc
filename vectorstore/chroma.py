"""Chroma, embedded in this process: an approximate search whose vectors lie on disk."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from vectorstore.base import Filter, Metadata, Place, Scored, Value, Vectors
from vectorstore.checks import check_batch, check_dimension, check_vector, damaged, members, not_writable

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

FOLDER = "vectors-chroma"
COLLECTION = "passages"
NO_METADATA = {"_": True}
PAGE = 10_000
# Chroma does not always say that the disk is full; with less than this free, that is what is wrong.
FULL_BYTES = 2_000_000
STORAGE = ("readonly", "read-only", "disk is full", "disk i/o", "no space", "permission", "unable to open")


class ChromaIndex:
    """A `VectorIndex` in one Chroma collection with cosine distance.

    Args:
        place: the index is a folder in its folder; made if it is not there.
        dimension: length of the vectors.

    Raises:
        EmbeddingMismatchError, CollectionDamagedError, StorageError: see `open_index`.
    """

    # It collects all ids that fit from its own SQLite file and walks the graph past all others: 0.1 to 1 s
    # at 100,000 vectors.
    filters_fast: ClassVar[bool] = False
    many_writers: ClassVar[bool] = False

    @staticmethod
    def exists(place: Place) -> bool:
        return (place.folder / FOLDER).is_dir()

    @staticmethod
    def drop(place: Place) -> None:
        shutil.rmtree(place.folder / FOLDER, ignore_errors=True)

    def __init__(self, place: Place, dimension: int) -> None:
        self._folder = folder = place.folder / FOLDER
        self._dimension = dimension
        with self._explained():
            folder.mkdir(parents=True, exist_ok=True)
            if not os.access(folder, os.W_OK):
                raise PermissionError(f"no permission to write in {folder}")
            self._client = _Clients.open(folder)
        try:
            with self._explained():
                self._collection = self._client.get_or_create_collection(
                    COLLECTION,
                    configuration={"hnsw": {"space": "cosine"}},
                    metadata={"dimension": dimension},
                    embedding_function=None,
                )
            held = (self._collection.metadata or {}).get("dimension", dimension)
            check_dimension(int(held), dimension, folder)
        except BaseException:
            self.close()
            raise

    def upsert(self, ids: Sequence[str], vectors: Vectors, metadata: Sequence[Metadata]) -> None:
        vectors = check_batch(ids, vectors, metadata, self._dimension)
        step = self._client.get_max_batch_size()
        for start in range(0, len(ids), step):
            part = slice(start, start + step)
            with self._explained():
                self._collection.upsert(
                    ids=list(ids[part]),
                    embeddings=vectors[part],
                    metadatas=self._replacing(ids[part], metadata[part]),
                )

    def delete(self, ids: Sequence[str]) -> None:
        step = self._client.get_max_batch_size()
        for start in range(0, len(ids), step):
            with self._explained():
                self._collection.delete(ids=list(ids[start : start + step]))

    def search(self, vector: Vectors, k: int, where: Filter | None = None) -> list[Scored]:
        vector = check_vector(vector, self._dimension)
        if k < 1 or any(not members(wanted) for wanted in (where or {}).values()):
            return []
        with self._explained():
            found = self._collection.query(
                query_embeddings=vector[None], n_results=k, where=_condition(where), include=["distances"]
            )
        ids, distances = found["ids"][0], (found["distances"] or [[]])[0]
        return [
            Scored(id, min(1.0, max(-1.0, 1.0 - distance)))
            for id, distance in zip(ids, distances, strict=True)
        ]

    def get(self, ids: Sequence[str]) -> dict[str, Vectors]:
        found: dict[str, Vectors] = {}
        for start in range(0, len(ids), PAGE):
            with self._explained():
                page = self._collection.get(ids=list(ids[start : start + PAGE]), include=["embeddings"])
            vectors = np.asarray(page["embeddings"], dtype=np.float32)
            found.update(zip(page["ids"], vectors, strict=True))
        return found

    def ids(self) -> set[str]:
        held: set[str] = set()
        for start in count(step=PAGE):
            with self._explained():
                page = self._collection.get(include=[], limit=PAGE, offset=start)["ids"]
            held.update(page)
            if len(page) < PAGE:
                return held
        raise AssertionError  # count() has no end

    def count(self) -> int:
        with self._explained():
            return self._collection.count()

    def close(self) -> None:
        _Clients.close(self._client)

    def _replacing(self, ids: Sequence[str], metadata: Sequence[Metadata]) -> list[Any]:
        """The metadata with None for fields that go: Chroma merges what is new into what is there."""
        held = self._collection.get(ids=list(ids), include=["metadatas"])
        stale = {
            id: dict.fromkeys(old)
            for id, old in zip(held["ids"], held["metadatas"] or [], strict=True)
            if old
        }
        return [
            {**stale.get(id, {}), **(each or NO_METADATA)} for id, each in zip(ids, metadata, strict=True)
        ]

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


def _condition(where: Filter | None) -> dict[str, Any] | None:
    """Docent's filter in Chroma's words; `$in` takes values of one type only."""
    fields = [{"$or": _membership(key, members(wanted))} for key, wanted in (where or {}).items()]
    plain = [field["$or"][0] if len(field["$or"]) == 1 else field for field in fields]
    if len(plain) > 1:
        return {"$and": plain}
    return plain[0] if plain else None


def _membership(key: str, values: Sequence[Value]) -> list[dict[str, Any]]:
    kinds: dict[type, list[Value]] = {}
    for value in values:
        kinds.setdefault(type(value), []).append(value)
    return [{key: {"$in": list(same)}} for same in kinds.values()]
