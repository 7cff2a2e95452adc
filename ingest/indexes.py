"""Both indexes of a collection, kept equal to its catalogue."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from threading import RLock

import numpy as np

from app.errors import CollectionDamagedError
from ingest.batches import batches
from ingest.catalog import Catalog, Entry, in_context
from ingest.narrowing import Narrowing, Selection
from vectorstore import index_class, open_index
from vectorstore.base import Filter, KeywordIndex, Place, Scored, Settling, VectorIndex, Vectors
from vectorstore.checks import members, rebuild
from vectorstore.keywords import keyword_class, open_keywords

# Chunks that are written at once: their vectors are in memory meanwhile (1.5 KB each at 384 dimensions).
_SLICE = 2000
# What stands in the indexes themselves. Everything else is known from the catalogue alone.
PUSHED = frozenset({"file_id", "source", "document_id"})
# Values that the keyword index looks up one by one sooner than it ranks more chunks.
_FEW_VALUES = 500
# A filter that leaves no more chunks than this is answered from them alone.
_FEW = 2000
# How many hits are asked for at most to drop those that do not fit, and how many more than should do.
_MOST_ASKED = 10_000
# How many times as many neighbours an approximate index is asked for, so that it misses none of the first.
_SURE = 4
_SPARE = 1.5


Fill = Callable[[Sequence[Entry]], bool]
"""Sees to it that the vectors of these entries are cached; False when it was told to stop."""

_logger = logging.getLogger(__name__)


class Indexes:
    """The vector index and the keyword index of one place, opened when first used; safe among threads.

    Args:
        backend: name of the vector backend.
        keywords: name of the keyword index.
        identity: key of the embedding model under which vectors are cached; kept as an attribute.
        dimension: length of its vectors.
    """

    def __init__(
        self,
        place: Place,
        catalog: Catalog,
        backend: str,
        keywords: str,
        identity: str,
        dimension: int,
        *,
        write: bool,
    ) -> None:
        self._place = place
        self._catalog = catalog
        self._backend, self._keyword_backend = backend, keywords
        self.identity = identity
        self._dimension = dimension
        self._write = write
        self._vectors: VectorIndex | None = None
        self._keywords: KeywordIndex | None = None
        # One lock each, so that a question's two searches run side by side.
        self._vector_lock, self._keyword_lock = RLock(), RLock()
        self._narrowing = Narrowing(catalog, identity)

    def begin(self) -> None:
        """Make those that are not there, before several processes would."""
        self._open_vectors()
        self._open_keywords()

    def exist(self) -> bool:
        """Whether both were begun; not whether they are complete."""
        return all(kind.exists(self._place) for kind in self._kinds())

    def _kinds(self) -> tuple[type[VectorIndex], type[KeywordIndex]]:
        return index_class(self._backend), keyword_class(self._keyword_backend)

    def dense(self, vector: Vectors, k: int, where: Filter | None) -> list[Scored]:
        if not where:
            return self._nearest_of_all(vector, k)
        if where.keys() <= PUSHED and self._filters_fast():
            return self._nearest(vector, k, where)
        left = self._narrowing.select(where, _FEW)
        found = _among_more(left, k, lambda more: self._nearest(vector, more))
        return left.nearest(vector, k) if found is None else found

    def keyword(self, text: str, k: int, where: Filter | None) -> list[Scored]:
        if not where:
            return self._best(text, k)
        few_values = sum(len(members(wanted)) for wanted in where.values()) <= _FEW_VALUES
        if where.keys() <= PUSHED and few_values:
            return self._best(text, k, where)
        left = self._narrowing.select(where, _FEW)
        found = _among_more(left, k, lambda more: self._best(text, more))
        return self._best(text, k, {"id": left.names()}) if found is None else found

    def _filters_fast(self) -> bool:
        with self._vector_lock:
            return self._open_vectors().filters_fast

    def _nearest_of_all(self, vector: Vectors, k: int) -> list[Scored]:
        """The same question finds the same passages, whatever the index is.

        An approximate one builds a part of its graph anew in each process, by chance, and so misses now one
        neighbour, now another: few chunks are ranked by their vectors themselves, of many more is asked for.
        """
        if self._filters_fast():
            return self._nearest(vector, k)
        found = self._nearest(vector, _SURE * k)[:k]
        everything = self._narrowing.everything(_FEW) if found else None
        return found if everything is None else everything.nearest(vector, k)

    def _nearest(self, vector: Vectors, k: int, where: Filter | None = None) -> list[Scored]:
        with self._vector_lock:
            return self._open_vectors().search(vector, k, where)

    def _best(self, text: str, k: int, where: Filter | None = None) -> list[Scored]:
        with self._keyword_lock:
            return self._open_keywords().search(text, k, where)

    def weights(self, text: str) -> dict[str, float]:
        with self._keyword_lock:
            return self._open_keywords().weights(text)

    def upsert(self, entries: Iterable[Entry]) -> None:
        """Add or replace; vectors come from the catalogue's cache."""
        for part in batches(entries, _SLICE):
            ids, metadata = [entry.id for entry in part], [entry.metadata for entry in part]
            with self._vector_lock:
                self._open_vectors().upsert(ids, self._in_context(part), metadata)
            with self._keyword_lock:
                texts = [entry.text for entry in part]
                beside = [[cut.text for cut in entry.beside] for entry in part]
                self._open_keywords().upsert(ids, texts, metadata, beside)

    def _in_context(self, entries: Sequence[Entry]) -> Vectors:
        hashes = {entry.content_hash for entry in entries}
        hashes.update(cut.content_hash for entry in entries for cut in entry.beside)
        cached = self._catalog.vectors.get(hashes, self.identity)
        return np.stack(
            [
                in_context(cached[entry.content_hash], [cached[cut.content_hash] for cut in entry.beside])
                for entry in entries
            ]
        )

    def delete(self, ids: Sequence[str]) -> None:
        if ids:
            with self._vector_lock:
                self._open_vectors().delete(ids)
            with self._keyword_lock:
                self._open_keywords().delete(ids)

    def settle(self) -> None:
        """End a run: see `Settling`."""
        with self._vector_lock:
            vectors = self._open_vectors()
            if isinstance(vectors, Settling):
                vectors.settle()

    def heal(self, wanted: set[str], fill: Fill) -> None:
        """Make both indexes hold the chunks `wanted` and no others; what cannot be opened is made anew."""
        kinds = self._kinds()
        vectors = self._ids_or_new(self._vector_ids, kinds[0])
        keywords = self._ids_or_new(self._keyword_ids, kinds[1])
        missing = wanted - (vectors & keywords)
        self.delete(sorted((vectors | keywords) - wanted))
        parts = list(batches(sorted(missing), _SLICE))
        # All vectors come first: each chunk needs those beside it.
        if all(fill(self._catalog.chunks.entries(part)) for part in parts):
            for part in parts:
                self.upsert(self._catalog.chunks.entries(part))

    def wipe(self) -> None:
        """Remove both indexes."""
        self.close()
        for kind in self._kinds():
            kind.drop(self._place)

    def close(self) -> None:
        self._narrowing.forget()
        with self._vector_lock, self._keyword_lock:
            vectors, keywords = self._vectors, self._keywords
            self._vectors = self._keywords = None
            if vectors is not None:
                vectors.close()
            if keywords is not None:
                keywords.close()

    def _ids_or_new(
        self, ids: Callable[[], set[str]], kind: type[VectorIndex] | type[KeywordIndex]
    ) -> set[str]:
        try:
            return ids()
        except CollectionDamagedError as error:
            _logger.warning("An index of %s is damaged and made anew: %s", self._place.folder, error)
            self.close()
            kind.drop(self._place)
            return ids()

    def _vector_ids(self) -> set[str]:
        return self._open_vectors().ids()

    def _keyword_ids(self) -> set[str]:
        return self._open_keywords().ids()

    def _open_vectors(self) -> VectorIndex:
        with self._vector_lock:
            if self._vectors is None:
                if not self._write and not index_class(self._backend).exists(self._place):
                    raise CollectionDamagedError(
                        f"The vector index of {self._place.folder} in {self._backend} is missing: an ingest "
                        "was stopped before it was made, or it was deleted. Run that ingest again, or: "
                        f"{rebuild(self._place.folder / self._backend)}"
                    )
                self._vectors = open_index(self._backend, self._place, self._dimension)
            return self._vectors

    def _open_keywords(self) -> KeywordIndex:
        with self._keyword_lock:
            if self._keywords is None:
                self._keywords = open_keywords(self._keyword_backend, self._place, read_only=not self._write)
            return self._keywords


def _among_more(left: Selection, k: int, search: Callable[[int], list[Scored]]) -> list[Scored] | None:
    """The k best of what is left, found among more of all; None where it is better to look at these alone."""
    asked = round(_SPARE * k * left.total / max(1, len(left)))
    while len(left) > _FEW and asked <= max(_MOST_ASKED, k):
        hits = search(asked)
        found = left.keep(hits)
        if len(found) >= k or len(hits) < asked:
            return found[:k]
        asked *= 4
    return None
