"""Bring the file of FAISS in step with SQLite, in steps that a kill does not undo."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import numpy as np

from app.config import Settings
from app.errors import DocentError
from vectorstore.base import Vectors
from vectorstore.faiss import kinds
from vectorstore.faiss.files import BASE, PART, Cached, Files, Note, no_rows
from vectorstore.faiss.rows import RowNumbers, Rows

logger = logging.getLogger(__name__)

# Rows that are added between two copies of what is made so far, for the case of a kill.
_STEP = 200_000
# A file is written again when so large a share of what it should hold is missing, and made anew when so large
# a share of what it holds is gone.
_MISSING, _GONE = 0.01, 0.2
# While rows are being added: also when there are so many, and this share, of them.
_MANY_ROWS, _MANY_MISSING = 50_000, 0.25


def due(held: int, missing: int, gone: int, *, at_end: bool) -> bool:
    """Whether the file should be brought in step.

    Args:
        held: rows in the file.
        missing: rows that are not in it.
        gone: rows that are in it and no more.
        at_end: nothing is going to be added for now.
    """
    if at_end:
        return missing > _MISSING * held or gone > _GONE * held
    return missing >= max(_MANY_ROWS, _MANY_MISSING * held)


def bring_in_step(rows: Rows, files: Files, dimension: int, settings: Settings) -> None:
    """May fail, with a warning: the file is only a cache."""
    try:
        kinds.use_all_threads()
        _Build(rows, files, dimension, settings).run()
    except (DocentError, OSError, RuntimeError) as error:
        logger.warning("The FAISS file was not written and is made anew next time: %s", error)


class _Build:
    def __init__(self, rows: Rows, files: Files, dimension: int, settings: Settings) -> None:
        self._rows = rows
        self._files = files
        self._dimension = dimension
        self._count = rows.count()
        self._kind = kinds.kind_for(settings, self._count)
        self._gone = rows.gone()

    def run(self) -> None:
        made = self._begun() or self._new()
        index, note, parts = made.index, made.note, [made.rows]
        unsaved = 0
        for numbers, vectors in self._rows.after(note.covered):
            index.add(vectors)
            parts.append(numbers)
            unsaved += len(numbers)
            note = replace(note, covered=int(numbers[-1]))
            if unsaved >= _STEP:
                self._save(index, note, parts)
                unsaved = 0
        self._save(index, self._probed(index, note), parts)
        self._files.promote()

    def _save(self, index: Any, note: Note, parts: list[RowNumbers]) -> None:
        self._files.write(PART, index, note, np.concatenate(parts))
        logger.info("%d of %d vectors are in the FAISS file.", index.ntotal, self._count)

    def _begun(self) -> Cached | None:
        """What to go on with: the further of what an earlier try left and what is searched now."""
        noted = {name: found for name in (PART, BASE) if (found := self._files.noted(name))}
        fit = [name for name, (note, held) in noted.items() if self._fits(note, held)]
        for name in sorted(fit, key=lambda name: noted[name][0].covered, reverse=True):
            if (opened := self._files.open(name, write=True)) is not None:
                return opened
        return None

    def _fits(self, note: Note, held: RowNumbers) -> bool:
        gone = len(np.intersect1d(held, self._gone))
        outgrown = kinds.outgrown(note.kind, note.trained, self._count)
        return note.kind == self._kind and not outgrown and gone <= _GONE * len(held)

    def _new(self) -> Cached:
        size = kinds.sample_size(self._kind, self._count)
        index = kinds.made(self._kind, self._dimension, self._count, self._sample(size))
        return Cached(index, Note(self._kind, trained=self._count), no_rows())

    def _sample(self, size: int) -> Vectors:
        """Vectors of rows drawn by chance, the same ones each time."""
        if not size:
            return np.zeros((0, self._dimension), dtype=np.float32)
        numbers = self._rows.numbers()
        drawn = np.random.default_rng(0).choice(numbers, min(size, len(numbers)), replace=False)
        return self._rows.take(np.sort(drawn).tolist())[1]

    def _probed(self, index: Any, note: Note) -> Note:
        """How many lists to search is measured anew when there are twice as many vectors."""
        if self._kind != kinds.IVF or (note.probes and self._count < 2 * note.probed):
            return note
        asked = self._sample(kinds.ASKED)
        if not len(asked):
            return note
        return replace(note, probes=kinds.probes_for(index, asked), probed=self._count)
