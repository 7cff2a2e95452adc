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

Found = list[tuple[int, float]]
"""Rows with their cosines, best first."""


class View:
    """Opened by `View.open`; kept up to date by `add` and `remove`."""

    def __init__(
        self, rows: Rows, base: Cached | None, gpu: Any, newer: RowNumbers, vectors: Vectors
    ) -> None:
        self._rows = rows
        self._base = base
        self._gpu = gpu
        self._newer, self._vectors = newer, vectors
        self._alive = np.ones(len(base.rows) if base else 0, dtype=bool)

    @classmethod
    def open(cls, rows: Rows, files: Files, settings: Settings) -> Self:
        with rows.snapshot():
            base = files.open(BASE)
            covered = base.note.covered if base else 0
            parts = list(rows.after(covered))
            gone = rows.gone() if base else no_rows()
        none = np.zeros((0, rows.dimension), dtype=np.float32)
        newer = np.concatenate([no_rows(), *(numbers for numbers, _ in parts)])
        vectors = np.concatenate([none, *(each for _, each in parts)])
        if len(newer) > _MANY:
            logger.warning(
                "%d vectors of %s are searched without the help of FAISS: a run was stopped before its end. "
                "The next run of python -m ingest mends it.",
                len(newer),
                rows.folder,
            )
        gpu = on_gpu(base.index, base.note.kind, settings) if base else None
        view = cls(rows, base, gpu, newer, vectors)
        view.remove(gone)
        return view

    def add(self, rows: RowNumbers, vectors: Vectors) -> None:
        if len(rows):
            self._newer = np.concatenate([self._newer, rows])
            self._vectors = np.concatenate([self._vectors, vectors])

    def remove(self, rows: RowNumbers) -> None:
        if not len(rows):
            return
        left = ~np.isin(self._newer, rows)
        if not left.all():
            self._newer, self._vectors = self._newer[left], self._vectors[left]
        if self._base is not None:
            self._alive &= ~np.isin(self._base.rows, rows)

    def nearest(self, vector: Vectors, k: int, allowed: NDArray[np.bool_] | None) -> Found:
        """The k nearest rows.

        Args:
            allowed: for each row, by its number, whether it may be found; None for all.
        """
        found = [*self._in_base(vector, k, allowed), *self._beside(vector, k, allowed)]
        return sorted(found, key=lambda each: (-each[1], each[0]))[:k]

    def _in_base(self, vector: Vectors, k: int, allowed: NDArray[np.bool_] | None) -> Found:
        base = self._base
        if base is None:
            return []
        alive = None if self._alive.all() else self._alive
        if allowed is not None:
            alive = self._alive & _at(allowed, base.rows)
        index = base.index if alive is not None or self._gpu is None else self._gpu
        places, scores = kinds.nearest(index, base.note.kind, base.note.probes, vector, k, alive)
        rows = base.rows[places].tolist() if places else []
        if kinds.is_exact(base.note.kind):
            return list(zip(rows, scores, strict=True))
        numbers, vectors = self._rows.take(rows)
        return list(zip(numbers.tolist(), (vectors @ vector).tolist(), strict=True))

    def _beside(self, vector: Vectors, k: int, allowed: NDArray[np.bool_] | None) -> Found:
        rows, vectors = self._newer, self._vectors
        if allowed is not None:
            fits = _at(allowed, rows)
            rows, vectors = rows[fits], vectors[fits]
        scores = vectors @ vector
        if k < len(rows):
            best = np.argpartition(-scores, k - 1)[:k]
            rows, scores = rows[best], scores[best]
        return list(zip(rows.tolist(), scores.tolist(), strict=True))


def _at(allowed: NDArray[np.bool_], rows: RowNumbers) -> NDArray[np.bool_]:
    """Rows that came after the filter was worked out are not allowed."""
    fits = np.zeros(len(rows), dtype=bool)
    known = rows < len(allowed)
    fits[known] = allowed[rows[known]]
    return fits
