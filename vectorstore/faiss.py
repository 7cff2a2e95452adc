"""FAISS: exact search in memory. SQLite holds the vectors; the FAISS file beside it is a cache of them."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from app.errors import CollectionBusyError, DocentError
from vectorstore.base import Filter, Metadata, Place, Scored, Value, Vectors
from vectorstore.checks import check_batch, check_dimension, check_vector, damaged, members, not_writable

logger = logging.getLogger(__name__)

FOLDER = "vectors-faiss"
# A row's number is its id in FAISS. A tag is one metadata field, its value as JSON: 1, true and "1" stay
# apart.
SCHEMA = """
CREATE TABLE IF NOT EXISTS vectors (
    row INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, vector BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS tags (
    key TEXT NOT NULL, value TEXT NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (key, value, row)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tags_of_row ON tags (row);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
STORAGE = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")
BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")


class FaissIndex:
    """A `VectorIndex` in two files: `vectors.sqlite`, the truth, and `index.faiss`.

    Every change is committed to SQLite when it returns. The FAISS file is written when the index is
    closed and read only if its checksum and its count of changes are those that SQLite remembers; else
    it is made anew from SQLite. Nothing is ever unpickled.

    Args:
        place: the index is a folder in its folder; made if it is not there.
        dimension: length of the vectors.

    Raises:
        EmbeddingMismatchError, CollectionDamagedError, StorageError: see `open_index`.
    """

    filters_fast: ClassVar[bool] = True

    @staticmethod
    def many_writers(place: Place) -> bool:
        return False

    @staticmethod
    def exists(place: Place) -> bool:
        return (place.folder / FOLDER).is_dir()

    @staticmethod
    def drop(place: Place) -> None:
        shutil.rmtree(place.folder / FOLDER, ignore_errors=True)

    def __init__(self, place: Place, dimension: int) -> None:
        self._folder = folder = place.folder / FOLDER
        self._cache = folder / "index.faiss"
        self._dimension = dimension
        self._lock = threading.RLock()
        self._index: Any = None
        self._tags: dict[str, _Tags] = {}
        self._changed = False
        with self._explained():
            folder.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                folder / "vectors.sqlite", check_same_thread=False, isolation_level=None, timeout=10
            )
        try:
            self._begin()
        except BaseException:
            self._db.close()
            raise

    def upsert(self, ids: Sequence[str], vectors: Vectors, metadata: Sequence[Metadata]) -> None:
        vectors = check_batch(ids, vectors, metadata, self._dimension)
        self._tags.clear()
        with self._transaction():
            known = self._rows_of(ids)
            rows = [self._write(id, vectors[n], metadata[n]) for n, id in enumerate(ids)]
        if self._index is not None and rows:
            self._index.remove_ids(np.array([*known.values()], dtype=np.int64))
            self._index.add_with_ids(vectors, np.array(rows, dtype=np.int64))

    def delete(self, ids: Sequence[str]) -> None:
        self._tags.clear()
        with self._transaction():
            rows = [*self._rows_of(ids).values()]
            self._db.executemany("DELETE FROM tags WHERE row = ?", [(row,) for row in rows])
            self._db.executemany("DELETE FROM vectors WHERE row = ?", [(row,) for row in rows])
        if self._index is not None and rows:
            self._index.remove_ids(np.array(rows, dtype=np.int64))

    def search(self, vector: Vectors, k: int, where: Filter | None = None) -> list[Scored]:
        vector = check_vector(vector, self._dimension)
        with self._lock, self._explained():
            index = self._loaded()
            allowed = self._matching(where) if where else None
            k = min(k, index.ntotal if allowed is None else int(allowed.sum()))
            if k < 1:
                return []
            _keep_to_one_thread()
            scores, rows = index.search(vector[None], k, params=_only(allowed))
            names = self._names([int(row) for row in rows[0] if row >= 0])
        return [
            Scored(names[row], float(np.clip(score, -1, 1)))
            for row, score in zip(rows[0].tolist(), scores[0], strict=True)
            if row in names
        ]

    def get(self, ids: Sequence[str]) -> dict[str, Vectors]:
        known = "SELECT id, vector FROM vectors WHERE id IN (SELECT value FROM json_each(?))"
        with self._lock, self._explained():
            rows = self._db.execute(known, [json.dumps(list(ids))]).fetchall()
        return {id: np.frombuffer(vector, dtype=np.float32) for id, vector in rows}

    def ids(self) -> set[str]:
        with self._lock, self._explained():
            return {id for (id,) in self._db.execute("SELECT id FROM vectors")}

    def count(self) -> int:
        with self._lock, self._explained():
            return int(self._db.execute("SELECT count(*) FROM vectors").fetchone()[0])

    def close(self) -> None:
        """Write the FAISS file if anything changed, and release both files."""
        with self._lock, closing(self._db):
            if self._changed:
                self._save()
            self._index, self._changed = None, False

    def _begin(self) -> None:
        with self._explained():
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(SCHEMA)
            self._db.execute("INSERT OR IGNORE INTO facts VALUES ('dimension', ?)", [str(self._dimension)])
            check_dimension(int(self._fact("dimension")), self._dimension, self._folder)

    def _write(self, id: str, vector: Vectors, metadata: Metadata) -> int:
        row = self._db.execute(
            "INSERT INTO vectors (id, vector) VALUES (?, ?) "
            "ON CONFLICT (id) DO UPDATE SET vector = excluded.vector RETURNING row",
            [id, vector.tobytes()],
        ).fetchone()[0]
        self._db.execute("DELETE FROM tags WHERE row = ?", [row])
        tags = [(key, _tag(value), row) for key, value in metadata.items()]
        self._db.executemany("INSERT INTO tags VALUES (?, ?, ?)", tags)
        return int(row)

    def _rows_of(self, ids: Sequence[str]) -> dict[str, int]:
        known = "SELECT id, row FROM vectors WHERE id IN (SELECT value FROM json_each(?))"
        return dict(self._db.execute(known, [json.dumps(list(ids))]))

    def _names(self, rows: Sequence[int]) -> dict[int, str]:
        found = "SELECT row, id FROM vectors WHERE row IN (SELECT value FROM json_each(?))"
        return dict(self._db.execute(found, [json.dumps(list(rows))]))

    def _matching(self, where: Filter) -> NDArray[np.bool_]:
        """For each row, by its number, whether its tags satisfy every field of the filter."""
        size = 1 + int(self._db.execute("SELECT ifnull(max(row), 0) FROM vectors").fetchone()[0])
        fits = np.ones(size, dtype=bool)
        for key, wanted in where.items():
            fits &= self._tagged(key).having(map(_tag, members(wanted)), size)
        return fits

    def _tagged(self, key: str) -> _Tags:
        """The tags of this key, read when they are first asked for after a change."""
        if key not in self._tags:
            self._tags[key] = _Tags(self._db.execute("SELECT value, row FROM tags WHERE key = ?", [key]))
        return self._tags[key]

    def _loaded(self) -> Any:
        if self._index is None:
            self._index = self._from_cache() or self._from_rows()
        return self._index

    def _from_cache(self) -> Any:
        """The FAISS file, if it is exactly what the last change left behind."""
        import faiss

        if not self._cache.is_file() or self._fact("cached_changes") != self._fact("changes"):
            return None
        data = self._cache.read_bytes()
        if hashlib.sha256(data).hexdigest() != self._fact("cached_sha256"):
            logger.warning("%s is damaged; it is made anew from vectors.sqlite.", self._cache)
            return None
        return faiss.deserialize_index(np.frombuffer(data, dtype=np.uint8))

    def _from_rows(self) -> Any:
        import faiss

        index = faiss.IndexIDMap2(faiss.IndexFlatIP(self._dimension))
        cursor = self._db.execute("SELECT row, vector FROM vectors ORDER BY row")
        while batch := cursor.fetchmany(10_000):
            rows, blobs = zip(*batch, strict=True)
            if any(len(blob) != 4 * self._dimension for blob in blobs):
                raise damaged(self._folder, "a vector is cut off")
            vectors = np.frombuffer(b"".join(blobs), dtype=np.float32).reshape(len(rows), -1)
            index.add_with_ids(vectors, np.array(rows, dtype=np.int64))
        return index

    def _save(self) -> None:
        """Write the FAISS file, then put it in its place. It may fail: it is only a cache."""
        import faiss

        new = self._cache.with_suffix(".new")
        try:
            with self._explained():
                data = faiss.serialize_index(self._loaded()).tobytes()
                with new.open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                new.replace(self._cache)
                sha256 = hashlib.sha256(data).hexdigest()
                facts = [("cached_sha256", sha256), ("cached_changes", self._fact("changes"))]
                self._db.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", facts)
        except DocentError as error:
            logger.warning("The FAISS file was not written and is made anew next time: %s", error)

    def _fact(self, name: str) -> str:
        found = self._db.execute("SELECT value FROM facts WHERE name = ?", [name]).fetchone()
        return str(found[0]) if found else ""

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing, counted as one change, durable at the end."""
        with self._lock, self._explained():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                changes = int(self._fact("changes") or 0) + 1
                self._db.execute("INSERT OR REPLACE INTO facts VALUES ('changes', ?)", [str(changes)])
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            self._changed = True

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """What SQLite and the system complain about, as Docent's errors."""
        try:
            yield
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", "")
            if name.startswith(BUSY):
                raise CollectionBusyError(f"Another process is writing to {self._folder}.") from error
            if name.startswith(STORAGE):
                raise not_writable(self._folder, error) from error
            raise damaged(self._folder, str(error)) from error
        except OSError as error:
            raise not_writable(self._folder, error) from error


def _tag(value: Value) -> str:
    """A value as JSON; 1.0 as 1, because they are equal."""
    return json.dumps(int(value) if isinstance(value, float) and value.is_integer() else value)


def _keep_to_one_thread() -> None:
    """A single question gives FAISS's threads nothing to share; on a busy machine they wait for each other,
    40 ms instead of 2 for 20,000 vectors. The setting is the calling thread's own."""
    import faiss

    faiss.omp_set_num_threads(1)


class _Tags:
    """One field of all rows, in memory: the numbers of rows, and for each that of its value."""

    def __init__(self, pairs: Iterable[tuple[str, int]]) -> None:
        self._numbers: dict[str, int] = {}
        numbered = [(row, self._numbers.setdefault(value, len(self._numbers))) for value, row in pairs]
        self._rows, self._values = np.array(numbered, dtype=np.int64).reshape(-1, 2).T.copy()

    def having(self, values: Iterable[str], size: int) -> NDArray[np.bool_]:
        """For each row below `size` whether it has one of these values."""
        wanted = np.zeros(len(self._numbers), dtype=bool)
        wanted[[self._numbers[value] for value in values if value in self._numbers]] = True
        fits = np.zeros(size, dtype=bool)
        fits[self._rows[wanted[self._values]]] = True
        return fits


def _only(allowed: NDArray[np.bool_] | None) -> Any:
    if allowed is None:
        return None
    import faiss

    selector = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))  # type: ignore[call-arg, arg-type]
    return faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]  # its stubs do not know the field
