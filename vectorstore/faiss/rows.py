"""The truth of a FAISS index: ids, vectors and what filters need, in an SQLite file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.errors import CollectionBusyError
from vectorstore.base import Filter, Metadata, Vectors
from vectorstore.checks import check_dimension, damaged, members, not_writable
from vectorstore.faiss.tags import Tags

RowNumbers = NDArray[np.int64]

FILE = "vectors.sqlite"
VERSION = 2
# A row's number is given once: what is replaced gets a new one, so no FAISS file has to be changed.
# `gone` has the numbers that are no more, for what is still in a file; `caches` what the files hold.
SCHEMA = """
CREATE TABLE IF NOT EXISTS vectors (
    row INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, vector BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS gone (row INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS caches (name TEXT PRIMARY KEY, note TEXT NOT NULL, rows BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
STORAGE = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")
BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")
_AT_ONCE = 5_000


class Rows:
    """Not safe among threads by itself.

    Raises (every method):
        CollectionBusyError, CollectionDamagedError, StorageError: see `open_index`.
    """

    def __init__(self, folder: Path, dimension: int) -> None:
        self.folder = folder
        self.dimension = dimension
        with self.explained():
            folder.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                folder / FILE, check_same_thread=False, isolation_level=None, timeout=10
            )
        self._tags = Tags(self._db)
        try:
            self._begin()
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        self._db.close()

    def upsert(
        self, ids: Sequence[str], vectors: Vectors, metadata: Sequence[Metadata]
    ) -> tuple[RowNumbers, RowNumbers, list[int]]:
        """Add or replace; what is there already just so stays as it is.

        Returns:
            Numbers of the rows that are gone, those of the new ones, and which of the given ones these are.
        """
        with self._transaction():
            tags = self._tags.encoded(metadata)
            known = self._known(ids)
            given = ((vectors[n].tobytes(), tags[n]) for n in range(len(ids)))
            new = [n for n, one in enumerate(given) if known.get(ids[n], _NONE)[1:] != one]
            old = [known[ids[n]][0] for n in new if ids[n] in known]
            self._remove(old)
            first = self._last() + 1
            rows = range(first, first + len(new))
            self._db.executemany(
                "INSERT INTO vectors VALUES (?, ?, ?)",
                ((row, ids[n], vectors[n].tobytes()) for row, n in zip(rows, new, strict=True)),
            )
            self._tags.add(rows, [tags[n] for n in new])
        return np.array(old, dtype=np.int64), np.arange(first, first + len(new)), new

    def delete(self, ids: Sequence[str]) -> RowNumbers:
        """Returns the numbers of the rows that are gone."""
        known = "SELECT row FROM vectors WHERE id IN (SELECT value FROM json_each(?))"
        with self._transaction():
            rows = [row for (row,) in self._db.execute(known, [json.dumps(list(ids))])]
            self._remove(rows)
        return np.array(rows, dtype=np.int64)

    def get(self, ids: Sequence[str]) -> dict[str, Vectors]:
        known = "SELECT id, vector FROM vectors WHERE id IN (SELECT value FROM json_each(?))"
        found: dict[str, Vectors] = {}
        with self.explained():
            for start in range(0, len(ids), _AT_ONCE):
                some = json.dumps(list(ids[start : start + _AT_ONCE]))
                found.update((id, self._vector(vector)) for id, vector in self._db.execute(known, [some]))
        return found

    def ids(self) -> set[str]:
        with self.explained():
            return {id for (id,) in self._db.execute("SELECT id FROM vectors")}

    def count(self) -> int:
        with self.explained():
            return int(self._db.execute("SELECT count(*) FROM vectors").fetchone()[0])

    # -- by number ------------------------------------------------------------------------------------

    def numbers(self, upto: int | None = None) -> RowNumbers:
        """Of all rows, or of those up to one, in order."""
        query = "SELECT row FROM vectors WHERE row <= ? ORDER BY row"
        with self.explained():
            rows = self._db.execute(query, [self._last() if upto is None else upto])
            return np.fromiter((row for (row,) in rows), dtype=np.int64)

    def after(self, row: int) -> Iterator[tuple[RowNumbers, Vectors]]:
        """Rows behind this one with their vectors, some thousand at a time, in order."""
        query = "SELECT row, vector FROM vectors WHERE row > ? ORDER BY row LIMIT ?"
        while True:
            with self.explained():
                batch = self._db.execute(query, [row, _AT_ONCE]).fetchall()
            if not batch:
                return
            numbers, blobs = zip(*batch, strict=True)
            yield np.array(numbers, dtype=np.int64), self._matrix(blobs)
            row = numbers[-1]

    def take(self, rows: Sequence[int]) -> tuple[RowNumbers, Vectors]:
        """Those of these rows that are there, with their vectors, in order."""
        query = "SELECT row, vector FROM vectors WHERE row IN (SELECT value FROM json_each(?)) ORDER BY row"
        found: list[tuple[int, bytes]] = []
        with self.explained():
            for start in range(0, len(rows), _AT_ONCE):
                found += self._db.execute(query, [json.dumps([*map(int, rows[start : start + _AT_ONCE])])])
        return np.array([row for row, _ in found], dtype=np.int64), self._matrix([one for _, one in found])

    def names(self, rows: Sequence[int]) -> dict[int, str]:
        """Row -> id, of those that are there."""
        query = "SELECT row, id FROM vectors WHERE row IN (SELECT value FROM json_each(?))"
        with self.explained():
            return dict(self._db.execute(query, [json.dumps(list(rows))]))

    def matching(self, where: Filter) -> NDArray[np.bool_]:
        """For each row, by its number, whether it satisfies every field of the filter."""
        with self.explained():
            fits = np.ones(self._last() + 1, dtype=bool)
            for key, wanted in where.items():
                fits &= self._tags.having(key, members(wanted), len(fits))
            return fits

    # -- what the files hold --------------------------------------------------------------------------

    def gone(self) -> RowNumbers:
        """Numbers that a file may have, of rows that are no more."""
        with self.explained():
            return np.array([row for (row,) in self._db.execute("SELECT row FROM gone")], dtype=np.int64)

    def noted(self, cache: str) -> tuple[dict[str, Any], RowNumbers] | None:
        """What is noted of a file: facts, and for each place in it the number of the row."""
        with self.explained():
            found = self._db.execute("SELECT note, rows FROM caches WHERE name = ?", [cache]).fetchone()
        return (json.loads(found[0]), np.frombuffer(found[1], dtype="<i8")) if found else None

    def note(self, cache: str, facts: Mapping[str, object], rows: RowNumbers) -> None:
        values = [cache, json.dumps(facts), rows.astype("<i8").tobytes()]
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO caches VALUES (?, ?, ?)", values)

    def forget(self, cache: str) -> None:
        with self._transaction():
            self._db.execute("DELETE FROM caches WHERE name = ?", [cache])

    def renote(self, cache: str, as_: str) -> None:
        """What is noted of one file is true of another from now on, and only the rows of that one matter."""
        with self._transaction():
            self._db.execute("UPDATE OR REPLACE caches SET name = ? WHERE name = ?", [as_, cache])
            held = self._db.execute("SELECT rows FROM caches WHERE name = ?", [as_]).fetchone()[0]
            gone = np.intersect1d(self.gone(), np.frombuffer(held, dtype="<i8"))
            self._db.execute("DELETE FROM gone")
            self._db.executemany("INSERT INTO gone VALUES (?)", ((row,) for row in gone.tolist()))

    # -- within ---------------------------------------------------------------------------------------

    def _begin(self) -> None:
        with self.explained():
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version != VERSION and self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise damaged(self.folder, "another version of Docent made it")
            self._db.execute(f"PRAGMA user_version = {VERSION}")
            self._db.executescript(SCHEMA)
            self._tags.begin()
            self._db.execute("INSERT OR IGNORE INTO facts VALUES ('dimension', ?)", [str(self.dimension)])
            held = self._db.execute("SELECT value FROM facts WHERE name = 'dimension'").fetchone()[0]
            check_dimension(int(held), self.dimension, self.folder)

    def _last(self) -> int:
        """The highest number that was ever given."""
        found = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'vectors'").fetchone()
        return int(found[0]) if found else 0

    def _known(self, ids: Sequence[str]) -> dict[str, tuple[int, bytes, bytes]]:
        """Id -> row, vector and tags, of those that are there."""
        query = (
            "SELECT id, row, vector, ifnull(numbers, x'') FROM vectors LEFT JOIN tags USING (row) "
            "WHERE id IN (SELECT value FROM json_each(?))"
        )
        return {id: (row, *held) for id, row, *held in self._db.execute(query, [json.dumps(list(ids))])}

    def _remove(self, rows: Sequence[int]) -> None:
        numbers = [(row,) for row in rows]
        self._db.executemany("DELETE FROM vectors WHERE row = ?", numbers)
        self._tags.remove(rows)
        if self._db.execute("SELECT 1 FROM caches").fetchone():
            self._db.executemany("INSERT OR IGNORE INTO gone VALUES (?)", numbers)

    def _vector(self, blob: bytes) -> Vectors:
        return np.asarray(self._matrix([blob])[0])

    def _matrix(self, blobs: Sequence[bytes]) -> Vectors:
        if any(len(blob) != 4 * self.dimension for blob in blobs):
            raise damaged(self.folder, "a vector is cut off")
        return np.frombuffer(b"".join(blobs), dtype=np.float32).reshape(len(blobs), self.dimension)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing, durable at the end."""
        with self.explained():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                self._tags.forget()
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """What is read inside is of one moment."""
        with self.explained():
            self._db.execute("BEGIN")
            try:
                yield
            finally:
                self._db.execute("ROLLBACK")

    @contextmanager
    def explained(self) -> Iterator[None]:
        """What SQLite and the system complain about, as Docent's errors."""
        try:
            yield
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", "")
            if name.startswith(BUSY):
                raise CollectionBusyError(f"Another process is writing to {self.folder}.") from error
            if name.startswith(STORAGE):
                raise not_writable(self.folder, error) from error
            raise damaged(self.folder, str(error)) from error
        except OSError as error:
            raise not_writable(self.folder, error) from error


_NONE = (0, b"", b"")
