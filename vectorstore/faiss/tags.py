"""What rows can be filtered by: fields of their metadata, as numbers in SQLite and in memory."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vectorstore.base import Metadata, Value

# A value is JSON, so that 1, true and "1" stay apart. It and its key have numbers; a row's tags are pairs.
SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS tag_values (
    number INTEGER PRIMARY KEY, key INTEGER NOT NULL, value TEXT NOT NULL, UNIQUE (key, value)
);
CREATE TABLE IF NOT EXISTS tags (row INTEGER PRIMARY KEY, numbers BLOB NOT NULL);
"""
_AT_ONCE = 50_000
# Numbers that are kept in memory while rows are written.
_KEPT = 100_000


class Tags:
    """The tables of one connection, whose owner sees to transactions; columns are read when needed."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._numbers: dict[tuple[str, str], tuple[int, int]] = {}
        self._columns: dict[int, NDArray[np.int32]] | None = None

    def begin(self) -> None:
        self._db.executescript(SCHEMA)

    def forget(self) -> None:
        """Numbers that were given may not have been kept."""
        self._numbers.clear()
        self._columns = None

    def encoded(self, metadata: Sequence[Metadata]) -> list[bytes]:
        """The tags of rows as they are kept; new keys and values are given numbers."""
        if len(self._numbers) > _KEPT:
            self._numbers.clear()
        return [
            np.array(sorted(self._number(key, _text(value)) for key, value in each.items()), "<i4").tobytes()
            for each in metadata
        ]

    def add(self, rows: Sequence[int], tags: Sequence[bytes]) -> None:
        self._columns = None
        self._db.executemany("INSERT INTO tags VALUES (?, ?)", zip(rows, tags, strict=True))

    def remove(self, rows: Sequence[int]) -> None:
        self._columns = None
        self._db.executemany("DELETE FROM tags WHERE row = ?", ((row,) for row in rows))

    def having(self, key: str, values: Sequence[Value], size: int) -> NDArray[np.bool_]:
        """For each row below `size` whether it has one of these values under this key."""
        fits = np.zeros(size, dtype=bool)
        known = self._db.execute("SELECT number FROM keys WHERE key = ?", [key]).fetchone()
        if known is None:
            return fits
        column = self._column(known[0])[:size]
        query = "SELECT number FROM tag_values WHERE key = ? AND value IN (SELECT value FROM json_each(?))"
        found = self._db.execute(query, [known[0], json.dumps([*map(_text, values)])])
        wanted = np.zeros(int(column.max(initial=0)) + 1, dtype=bool)
        for (number,) in found:
            if number < len(wanted):
                wanted[number] = True
        fits[: len(column)] = wanted[column]
        return fits

    def _number(self, key: str, value: str) -> tuple[int, int]:
        known = self._numbers.get((key, value))
        if known is None:
            self._db.execute("INSERT OR IGNORE INTO keys (key) VALUES (?)", [key])
            owner = self._one("SELECT number FROM keys WHERE key = ?", key)
            self._db.execute("INSERT OR IGNORE INTO tag_values (key, value) VALUES (?, ?)", [owner, value])
            number = self._one("SELECT number FROM tag_values WHERE key = ? AND value = ?", owner, value)
            known = self._numbers[key, value] = owner, number
        return known

    def _one(self, query: str, *values: str | int) -> int:
        return int(self._db.execute(query, values).fetchone()[0])

    def _column(self, key: int) -> NDArray[np.int32]:
        """For each row, by its number, that of its value under this key; 0 for none."""
        if self._columns is None:
            self._columns = self._read()
        return self._columns.get(key, np.zeros(0, dtype=np.int32))

    def _read(self) -> dict[int, NDArray[np.int32]]:
        size = 1 + int(self._db.execute("SELECT ifnull(max(row), 0) FROM tags").fetchone()[0])
        keys = [number for (number,) in self._db.execute("SELECT number FROM keys")]
        columns = {key: np.zeros(size, dtype=np.int32) for key in keys}
        cursor = self._db.execute("SELECT row, numbers FROM tags")
        while batch := cursor.fetchmany(_AT_ONCE):
            rows = np.repeat([row for row, _ in batch], [len(pairs) // 8 for _, pairs in batch])
            pairs = np.frombuffer(b"".join(pairs for _, pairs in batch), "<i4").reshape(-1, 2)
            for key in np.unique(pairs[:, 0]).tolist():
                held = pairs[:, 0] == key
                columns[key][rows[held]] = pairs[held, 1]
        return columns


def _text(value: Value) -> str:
    """A value as JSON; 1.0 as 1, because they are equal."""
    return json.dumps(int(value) if isinstance(value, float) and value.is_integer() else value)
