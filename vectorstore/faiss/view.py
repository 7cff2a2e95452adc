"""What is searched: the FAISS file as it is, newer rows beside it, and none that are gone."""

from __future__ import annotations

import logging
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from app.config import Settings
from vectorstore.base import Vectors
from vectorstore.faiss import kinds
from vectorstore.faiss.files import BASE, Cached, Files, no_rows
from vectorstore.faiss.gpu import on_gpu
from vectorstore.faiss.rows import RowNumbers, Rows

logger = logging.getLogger(__name__)

# So many rows beside the file take memory and time; somebody should know.
_MANY = 200_000

# So few rows are compared by their vectors in SQLite sooner than an index goes through all others.
_FEW = 1_000

Found = list[tuple[int, float]]
"""Rows with their cosines, best first."""


class View:
    """Opened by `View.open`; kept up to date by `add` and `remove`."""

    def __init__(self, rows: Rows, base: Cached | None, gpu: Any) -> None:
        self._rows = rows
        self._base = base
        self._gpu = gpu
        self._alive = np.ones(len(base.rows) if base else 0, dtype=bool)
        self._newer, self._newer_alive = no_rows(), np.zeros(0, dtype=bool)
        self._beside = kinds.made(kinds.FLAT, rows.dimension, 0, np.zeros((0, rows.dimension), np.float32))

    @classmethod
    def open(cls, rows: Rows, files: Files, settings: Settings) -> Self:
        with rows.snapshot():
            base = files.open(BASE)
            view = cls(rows, base, on_gpu(base.index, base.note.kind, settings) if base else None)
            for numbers, vectors in rows.after(base.note.covered if base else 0):
                view.add(numbers, vectors)
            if base is not None:
                view.remove(rows.gone())
        if len(view._newer) > _MANY:
            logger.warning(
                "%d vectors of %s are searched without the help of FAISS: a run was stopped before its end. "
                "The next run of python -m ingest mends it.",
                len(view._newer),
                rows.folder,
            )
        return view

    def add(self, rows: RowNumbers, vectors: Vectors) -> None:
        if len(rows):
            self._newer = np.concatenate([self._newer, rows])
            self._newer_alive = np.concatenate([self._newer_alive, np.ones(len(rows), dtype=bool)])
            self._beside.add(vectors)

    def remove(self, rows: RowNumbers) -> None:
        if len(rows):
            self._newer_alive &= ~np.isin(self._newer, rows)
            if self._base is not None:
                self._alive &= ~np.isin(self._base.rows, rows)

    def nearest(self, vector: Vectors, k: int, allowed: NDArray[np.bool_] | None) -> Found:
        """The k nearest rows.

        Args:
            allowed: for each row, by its number, whether it may be found; None for all.
        """
        found = [*self._in_base(vector, k, allowed), *self._among_newer(vector, k, allowed)]
        return sorted(found, key=lambda each: (-each[1], each[0]))[:k]

    def _in_base(self, vector: Vectors, k: int, allowed: NDArray[np.bool_] | None) -> Found:
        base = self._base
        if base is None:
            return []
        alive = _fitting(base.rows, self._alive, allowed)
        if alive is not None and alive.sum() <= _FEW:
            return self._scored(base.rows[alive].tolist(), vector)
        index = base.index if alive is not None or self._gpu is None else self._gpu
        places, scores = kinds.nearest(index, base.note.kind, base.note.probes, vector, k, alive)
        rows = base.rows[places].tolist() if places else []
        if kinds.is_exact(base.note.kind):
            return list(zip(rows, scores, strict=True))
        return self._scored(rows, vector)

    def _scored(self, rows: list[int], vector: Vectors) -> Found:
        """By the vectors that SQLite holds."""
        numbers, vectors = self._rows.take(rows)
        return list(zip(numbers.tolist(), (vectors @ vector).tolist(), strict=True))

    def _among_newer(self, vector: Vectors, k: int, allowed: NDArray[np.bool_] | None) -> Found:
        if not len(self._newer):
            return []
        alive = _fitting(self._newer, self._newer_alive, allowed)
        places, scores = kinds.nearest(self._beside, kinds.FLAT, 0, vector, k, alive)
        return list(zip(self._newer[places].tolist() if places else [], scores, strict=True))


def _fitting(
    rows: RowNumbers, alive: NDArray[np.bool_], allowed: NDArray[np.bool_] | None
) -> NDArray[np.bool_] | None:
    """Which of these rows may be found; None for all. Those that came after the filter may not."""
    if allowed is None:
        return None if alive.all() else alive
    if len(rows) and rows[-1] < len(allowed) and rows[-1] - rows[0] + 1 == len(rows):
        return alive & allowed[rows[0] : rows[-1] + 1]
    known = rows < len(allowed)
    fits = np.zeros(len(rows), dtype=bool)
    fits[known] = allowed[rows[known]]
    return alive & fits
