"""Keywords in Qdrant: sparse vectors whose product with a question's is BM25.

A dimension stands for a term in one of the three fields. A passage has there what the term's frequency and
the field's length make of it; Qdrant multiplies what a question has there by the term's inverse document
frequency, so the product is the sum of all three BM25 scores. Lengths are measured against the averages of
the first passages, which are kept with the collection.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from vectorstore.base import Filter, Metadata, Place, Scored
from vectorstore.checks import damaged
from vectorstore.engine import EngineIndex
from vectorstore.keywords.fields import MAX_QUERY_TERMS, SHARES, TEXT, VERSION, fields_of, query_terms
from vectorstore.keywords.numbers import K1, B, asked, number
from vectorstore.qdrant.collection import Collection, condition, id_of
from vectorstore.qdrant.database import Database

FOLDER = "keyword-qdrant"
VECTOR = "bm25"
# A dimension and its value, written out.
_ENTRY_BYTES = 32

Fields = Mapping[str, Sequence[str]]


class QdrantKeywords(EngineIndex):
    """A `KeywordIndex` in one collection of Qdrant.

    Args:
        place: the collection is its name and "_keywords"; without DOCENT_QDRANT_URL, a folder in its own.
        read_only: begins nothing.

    Raises:
        BackendError: the server cannot be reached or refuses; see `vectorstore.remote`.
        CollectionBusyError, CollectionDamagedError, StorageError: see `open_keywords`.
    """

    engine = Database
    folder = FOLDER
    suffix = "_keywords"
    _held: Collection

    def __init__(self, place: Place, read_only: bool = False) -> None:
        self._held = Collection(place, FOLDER, self.name(place), _define, read_only=read_only)
        try:
            self._averages = self._noted(place)
        except BaseException:
            self.close()
            raise

    def upsert(
        self,
        ids: Sequence[str],
        texts: Sequence[str],
        metadata: Sequence[Metadata],
        beside: Sequence[Sequence[str]] | None = None,
    ) -> None:
        cut = list(fields_of(texts, beside))
        if cut and not self._averages:
            self._averages = _averages(cut)
            self._held.note({"averages": self._averages})
        given = zip(ids, metadata, cut, strict=True)
        self._held.upsert(
            ((id, values, {VECTOR: self._sparse(fields)}) for id, values, fields in given),
            lambda vector: _ENTRY_BYTES * len(vector[VECTOR].indices),
        )

    def search(self, text: str, k: int, where: Filter | None = None) -> list[Scored]:
        weights = asked(text)
        if k < 1 or not weights or (fits := condition(where or {})) is None:
            return []
        request = {"query": _vector(weights), "using": VECTOR, "filter": fits, "limit": k}
        (found,) = self._held.search([request])
        hits = [Scored(id_of(one), float(one.score)) for one in found]
        return sorted(hits, key=lambda hit: (-hit.score, hit.id))

    def weights(self, text: str) -> dict[str, float]:
        counts = query_terms(text)
        if not counts:
            return {}
        known = self._known(list(counts))
        unknown = math.log1p(2 * self.count() + 1)
        return {term: count * known.get(term, unknown) for term, count in counts.items()}

    def _known(self, terms: Sequence[str]) -> dict[str, float]:
        """The inverse document frequency of each that there is: a passage's score over its own value."""
        known: dict[str, float] = {}
        for start in range(0, len(terms), MAX_QUERY_TERMS):
            numbers = {term: number(TEXT, term) for term in terms[start : start + MAX_QUERY_TERMS]}
            found = self._held.search(
                [
                    {"query": _vector({one: 1.0}), "using": VECTOR, "limit": 1, "with_vector": [VECTOR]}
                    for one in numbers.values()
                ]
            )
            for (term, one), best in zip(numbers.items(), found, strict=True):
                if best:
                    held = best[0].vector[VECTOR]
                    known[term] = best[0].score / held.values[held.indices.index(one)]
        return known

    def _noted(self, place: Place) -> Mapping[str, float]:
        notes = self._held.described().config.metadata or {}
        if notes.get("version") != VERSION:
            if self._held.database.embedded:
                raise damaged(place.folder / FOLDER, "it is of another version")
            raise self._held.database.gone()
        return notes.get("averages") or {}

    def _sparse(self, fields: Fields) -> Any:
        values: dict[int, float] = {}
        for field, terms in fields.items():
            length = len(terms) / (self._averages[field] or 1.0)
            for term, count in Counter(terms).items():
                part = count * (K1 + 1) / (count + K1 * (1 - B + B * length))
                one = number(field, term)
                values[one] = values.get(one, 0.0) + part
        return _vector(values)


def _define() -> Mapping[str, Any]:
    from qdrant_client.models import Modifier, SparseVectorParams

    return {
        "vectors_config": {},
        "sparse_vectors_config": {VECTOR: SparseVectorParams(modifier=Modifier.IDF)},
        "metadata": {"version": VERSION},
    }


def _averages(cut: Sequence[Fields]) -> dict[str, float]:
    """Of the lengths of each field."""
    return {field: sum(len(fields[field]) for fields in cut) / len(cut) for field in SHARES}


def _vector(values: Mapping[int, float]) -> Any:
    from qdrant_client.models import SparseVector

    return SparseVector(indices=list(values), values=list(values.values()))
