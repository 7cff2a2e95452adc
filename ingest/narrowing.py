"""Which chunks a filter leaves: known from the catalogue, so that an index need not go through its fields.

Approximate indexes are slow when they filter by themselves: a graph is walked through all that does not fit.
A filter that leaves few chunks is better answered from their vectors alone, one that leaves many by asking
for more and dropping what does not fit; see `ingest.indexes`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ingest.catalog import Catalog
from vectorstore.base import Filter, Scored, Value, Vectors
from vectorstore.checks import members

Fields = Mapping[str, Sequence[Value]]
Ids = NDArray[np.bytes_]

# Filters whose outcome is kept: both sides of a search ask, and so does the next question.
_KEPT = 8
# Values that are looked up one by one; more are compared with all chunks at once.
_FEW_VALUES = 500
_ID = "S36"


class Selection:
    """What a filter leaves.

    Attributes:
        ids: of the chunks, sorted.
        total: how many chunks there are in all.
    """

    def __init__(self, ids: Ids, total: int, vectors: Callable[[list[str]], Mapping[str, Vectors]]) -> None:
        self.ids = ids
        self.total = total
        self._load = vectors

    def __len__(self) -> int:
        return len(self.ids)

    def names(self) -> list[str]:
        return [id_.decode() for id_ in self.ids.tolist()]

    def keep(self, hits: Sequence[Scored]) -> list[Scored]:
        """Those hits that are left, in their order."""
        if not hits or not len(self):
            return []
        wanted = np.array([hit.id for hit in hits], dtype=_ID)
        places = np.minimum(np.searchsorted(self.ids, wanted), len(self) - 1)
        return [hit for hit, fits in zip(hits, self.ids[places] == wanted, strict=True) if fits]

    def nearest(self, vector: Vectors, k: int) -> list[Scored]:
        """The k nearest by cosine among all that is left, from their cached vectors."""
        names, matrix = self._vectors
        if not names:
            return []
        scores = np.clip(matrix @ vector, -1, 1)
        best = np.argsort(-scores, kind="stable")[:k]
        return [Scored(names[row], float(scores[row])) for row in best]

    @cached_property
    def _vectors(self) -> tuple[list[str], Vectors]:
        found = self._load(self.names())
        return list(found), np.stack(list(found.values())) if found else np.zeros((0, 0), np.float32)


class Narrowing:
    """Selections of one state of a catalogue; `forget` when that may have moved. Safe among threads."""

    def __init__(self, catalog: Catalog, identity: str) -> None:
        self._catalog = catalog
        self._identity = identity
        self._lock = threading.RLock()
        self._known: OrderedDict[object, Selection] = OrderedDict()
        self._places: _Places | None = None
        self._count: int | None = None

    def forget(self) -> None:
        with self._lock:
            self._known.clear()
            self._places = None
            self._count = None

    def select(self, where: Filter, few: int) -> Selection:
        """The chunks that fit; up to `few` of them are looked up without a look at all others."""
        fields = {name: members(wanted) for name, wanted in where.items()}
        key = tuple(sorted((name, *map(repr, values)) for name, values in fields.items()))
        with self._lock:
            if key not in self._known:
                self._known[key] = self._made(fields, few)
                if len(self._known) > _KEPT:
                    self._known.popitem(last=False)
            self._known.move_to_end(key)
            return self._known[key]

    def everything(self, few: int) -> Selection | None:
        """All chunks, if there are no more than `few`."""
        with self._lock:
            if self._count is None:
                self._count = self._catalog.counts()[1]
            return self.select({}, few) if self._count <= few else None

    def _made(self, fields: Fields, few: int) -> Selection:
        ids, total = self._ids(fields, few)
        return Selection(ids, total, lambda names: self._catalog.vectors.of_chunks(names, self._identity))

    def _ids(self, fields: Fields, few: int) -> tuple[Ids, int]:
        count = sum(map(len, fields.values()))
        if count <= _FEW_VALUES and fields.keys() & {"file_id", "document_id", "source"}:
            found = self._catalog.chunks.matching(fields, few + 1)
            if len(found) <= few:
                return np.sort(np.array(found, dtype=_ID)), self._catalog.counts()[1]
        if self._places is None:
            self._places = _Places(self._catalog)
        return self._places.ids_with(fields), len(self._places.ids)


class _Places:
    """For each chunk the numbers of its document, pages and headings; 52 bytes each."""

    def __init__(self, catalog: Catalog) -> None:
        rows = list(catalog.chunks.places())
        self.ids: Ids = np.array([row[0] for row in rows], dtype=_ID)
        pages: dict[Value, int] = {}
        numbers: tuple[dict[Value, int], ...] = ({}, pages, pages, {})
        columns = [
            np.fromiter((known.setdefault(row[at], len(known)) for row in rows), np.int32, len(rows))
            for at, known in enumerate(numbers, 1)
        ]
        self._fields = {
            "document_id": (numbers[0], columns[:1]),
            "page": (pages, columns[1:3]),
            "heading": (numbers[3], columns[3:]),
        }
        self._documents_with = catalog.documents.ids_with

    def ids_with(self, fields: Fields) -> Ids:
        fits = np.ones(len(self.ids), dtype=bool)
        for name, values in fields.items():
            name, values = self._known(name, values)
            known, places = self._fields[name]
            wanted = np.zeros(len(known) + 1, dtype=bool)
            wanted[[known[value] for value in values if value in known]] = True
            fits &= np.any([wanted[column] for column in places], axis=0)
        return self.ids[fits]

    def _known(self, name: str, values: Sequence[Value]) -> tuple[str, Sequence[Value]]:
        if name in self._fields:
            return name, values
        return "document_id", self._documents_with(name, map(str, values))
