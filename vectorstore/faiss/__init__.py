"""FAISS: flat, in eight bits, by lists or as a graph. SQLite holds the vectors; the FAISS file is a cache."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Sequence
from contextlib import closing
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from vectorstore.base import Filter, Metadata, Place, Scored, Vectors
from vectorstore.checks import check_batch, check_vector
from vectorstore.faiss import kinds
from vectorstore.faiss.building import bring_in_step, due
from vectorstore.faiss.files import BASE, Files, no_rows
from vectorstore.faiss.rows import Rows
from vectorstore.faiss.view import View

FOLDER = "vectors-faiss"


class FaissIndex:
    """A `VectorIndex` in two files: `vectors.sqlite`, the truth, and `index.faiss`.

    Every change is committed to SQLite when it returns. The FAISS file is never changed: it is mapped into
    memory, rows that are newer are searched beside it, and those that are gone are left out. It is written
    anew when there are many of either, and when the index is closed; it is used only if it is what was
    written, else all is searched from SQLite. Scores are those of the vectors in SQLite, whatever the kind of
    the index. Nothing is ever unpickled.

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
        self._dimension = dimension
        self._settings = place.settings
        self._lock = threading.RLock()
        self._rows = Rows(place.folder / FOLDER, dimension)
        self._files = Files(place.folder / FOLDER, self._rows)
        self._view: View | None = None
        self._changed = False
        # While rows are added: how many are in the FAISS file, and how many are not.
        self._filling: tuple[int, int] | None = None

    def upsert(self, ids: Sequence[str], vectors: Vectors, metadata: Sequence[Metadata]) -> None:
        vectors = check_batch(ids, vectors, metadata, self._dimension)
        with self._lock:
            gone, new, which = self._rows.upsert(ids, vectors, metadata)
            self._note_change(gone)
            if self._view is not None:
                self._view.add(new, vectors[which])
            self._fold_if_many(len(new))

    def delete(self, ids: Sequence[str]) -> None:
        with self._lock:
            self._note_change(self._rows.delete(ids))

    def search(self, vector: Vectors, k: int, where: Filter | None = None) -> list[Scored]:
        vector = check_vector(vector, self._dimension)
        with self._lock, self._rows.explained():
            view = self._loaded()
            allowed = self._rows.matching(where) if where else None
            found = view.nearest(vector, k, allowed) if k > 0 else []
            names = self._rows.names([row for row, _ in found])
        return [Scored(names[row], float(np.clip(score, -1, 1))) for row, score in found if row in names]

    def get(self, ids: Sequence[str]) -> dict[str, Vectors]:
        with self._lock:
            return self._rows.get(ids)

    def ids(self) -> set[str]:
        with self._lock:
            return self._rows.ids()

    def count(self) -> int:
        with self._lock:
            return self._rows.count()

    def settle(self) -> None:
        """Write the FAISS file if it should be, also where a process was killed before it did."""
        with self._lock:
            if due(*self._state(), at_end=True) or self._is_of_another_kind():
                self._fold()
            self._changed = False

    def close(self) -> None:
        """Write the FAISS file if anything changed, and release both files."""
        with self._lock, closing(self._rows):
            if self._changed:
                self.settle()
            self._view = None

    def _loaded(self) -> View:
        if self._view is None:
            self._view = View.open(self._rows, self._files, self._settings)
        return self._view

    def _note_change(self, gone: NDArray[np.int64]) -> None:
        self._changed = True
        if self._view is not None:
            self._view.remove(gone)

    def _state(self) -> tuple[int, int, int]:
        """Rows in the FAISS file, those that are not in it, and those in it that are gone."""
        base = self._files.open(BASE)
        held = base.rows if base else no_rows()
        gone = len(np.intersect1d(held, self._rows.gone()))
        return len(held), self._rows.count() - (len(held) - gone), gone

    def _is_of_another_kind(self) -> bool:
        noted = self._files.noted(BASE)
        return noted is not None and noted[0].kind != kinds.kind_for(self._settings, self._rows.count())

    def _fold_if_many(self, added: int) -> None:
        if self._filling is None:
            held, missing, _ = self._state()
        else:
            held, missing = self._filling[0], self._filling[1] + added
        self._filling = held, missing
        if due(held, missing, 0, at_end=False):
            self._fold()

    def _fold(self) -> None:
        self._view = self._filling = None
        bring_in_step(self._rows, self._files, self._dimension, self._settings)
