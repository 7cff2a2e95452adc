"""The files of FAISS, caches of what SQLite holds: used only if they are what was written."""

from __future__ import annotations

import hashlib
import logging
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from vectorstore.faiss.rows import RowNumbers, Rows

logger = logging.getLogger(__name__)

BASE, PART = "base", "part"
_NAMES = {BASE: "index.faiss", PART: "index.part"}
# Hashing so little takes no time. A larger file is hashed when its size or time is not what was noted.
_ALWAYS_HASHED = 16_000_000


@dataclass(frozen=True, slots=True)
class Note:
    """What SQLite remembers of a file.

    Attributes:
        covered: the highest row that was looked at; all that were there then are in the file.
        trained: how many vectors there were when the index was trained.
        probes: of an IVF index, how many lists a search looks at; 0 while that is not measured.
        probed: how many vectors there were when it was.
    """

    kind: str
    covered: int = 0
    trained: int = 0
    probes: int = 0
    probed: int = 0
    sha256: str = ""
    size: int = 0
    mtime_ns: int = 0


@dataclass(frozen=True, slots=True)
class Cached:
    """An index of FAISS, what is noted of it, and for each place in it the number of the row."""

    index: Any
    note: Note
    rows: RowNumbers


class Files:
    """Two files: `base`, which is searched, and `part`, one that is being made."""

    def __init__(self, folder: Path, rows: Rows) -> None:
        self._folder = folder
        self._rows = rows

    def noted(self, name: str) -> tuple[Note, RowNumbers] | None:
        found = self._rows.noted(name)
        return (Note(**found[0]), found[1]) if found else None

    def open(self, name: str, *, write: bool = False) -> Cached | None:
        """The index in a file, if that is what was noted; mapped into memory, unless it is to be added to.

        Adding to a mapped one would end the process: whoever adds reads it into memory.
        """
        import faiss

        found = self._noted_of(name)
        if found is None:
            return None
        note, rows = found
        try:
            index = faiss.read_index(str(self._path(name)), 0 if write else faiss.IO_FLAG_MMAP_IFC)
        except (RuntimeError, OSError) as error:
            logger.warning("%s cannot be read: %s", self._path(name), error)
            return None
        if index.ntotal != len(rows):
            logger.warning("%s does not hold what was noted of it.", self._path(name))
            return None
        return Cached(index, note, rows)

    def write(self, name: str, index: Any, note: Note, rows: RowNumbers) -> None:
        """Write a file, then put it in its place, and note what it is. Raises OSError and DocentErrors."""
        import faiss

        path, new = self._path(name), self._path(name).with_suffix(".new")
        digest = hashlib.sha256()
        with new.open("wb") as file:

            def write(data: bytes) -> int:
                digest.update(data)
                return file.write(data)

            writer = faiss.PyCallbackIOWriter(write)  # type: ignore[attr-defined]
            faiss.write_index(index, writer)
            del writer  # it writes what is left when it goes
            file.flush()
            os.fsync(file.fileno())
        stat = new.stat()
        note = replace(note, sha256=digest.hexdigest(), size=stat.st_size, mtime_ns=stat.st_mtime_ns)
        new.replace(path)
        self._rows.note(name, asdict(note), rows)

    def promote(self) -> None:
        """Let the one that was being made be the one that is searched."""
        self._path(PART).replace(self._path(BASE))
        self._rows.renote(PART, BASE)

    def remove(self, name: str) -> None:
        self._rows.forget(name)
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / _NAMES[name]

    def _noted_of(self, name: str) -> tuple[Note, RowNumbers] | None:
        """What is noted of the file that is there. After a crash between `promote`'s steps, a part's note."""
        found = [one for key in ([BASE, PART] if name == BASE else [name]) if (one := self.noted(key))]
        if not found or not self._path(name).is_file():
            return None
        stat = self._path(name).stat()
        for note, rows in found:
            same = (note.size, note.mtime_ns) == (stat.st_size, stat.st_mtime_ns)
            if same and stat.st_size > _ALWAYS_HASHED:
                return note, rows
        with self._path(name).open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        for note, rows in found:
            if note.sha256 == sha256:
                return note, rows
        logger.warning("%s is damaged; it is made anew from vectors.sqlite.", self._path(name))
        return None


def no_rows() -> RowNumbers:
    return np.zeros(0, dtype=np.int64)
