"""Hybrid search: vectors and keywords side by side, fused by normalised scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from app.config import Settings
from app.schemas import Hit
from vectorstore.base import Filter, Scored
from vectorstore.embeddings.base import EmbeddingModel, characters_per_token

if TYPE_CHECKING:
    from ingest.collection import Collection

# How many candidates each side brings: enough that what one side ranks low can still be lifted by the other.
_POOL = 50
# Below this many characters a token, a model spells a language out letter by letter; above, it has words for it.
_BLIND, _FLUENT = 1.0, 2.5
_DENSE_SHARE = 0.6


class Searcher:
    """Finds the chunks that a text is about.

    Args:
        collection: open for reading.
        model: gives the embedding model that made the collection's vectors; called when it is first needed.
        settings: `dense_weight` overrides the weight that follows from how well the model reads the query.
    """

    def __init__(
        self, collection: Collection, model: Callable[[], EmbeddingModel], settings: Settings
    ) -> None:
        self._collection = collection
        self._model = model
        self._settings = settings

    def search(self, text: str, k: int, where: Filter | None = None) -> list[Hit]:
        """The k best chunks, best first; fewer, or none, when fewer have anything to do with the text."""
        if k < 1 or not text.strip():
            return []
        pool = max(_POOL, 5 * k)
        weight = self.dense_weight(text)
        dense = self._collection.dense(self._model().embed_query(text), pool, where) if weight else []
        keyword = self._collection.keyword(text, pool, where) if weight < 1 else []
        return self._hits(fuse(dense, keyword, weight)[:k], dense, keyword)

    def dense_weight(self, text: str) -> float:
        """The share of the vectors in the score, in [0, 1]: what the model cannot read does not vote."""
        if self._settings.dense_weight is not None:
            return self._settings.dense_weight
        return _DENSE_SHARE * _readability(characters_per_token(self._model(), [text]))

    def _hits(
        self, ranked: Sequence[Scored], dense: Sequence[Scored], keyword: Sequence[Scored]
    ) -> list[Hit]:
        cosines, bm25 = _scores(dense), _scores(keyword)
        chunks = self._collection.chunks([one.id for one in ranked])
        known = [one for one in ranked if one.id in chunks]  # a writer may have deleted it in between
        return [
            Hit(rank, one.score, cosines.get(one.id), bm25.get(one.id), chunks[one.id])
            for rank, one in enumerate(known, 1)
        ]


def fuse(dense: Sequence[Scored], keyword: Sequence[Scored], dense_weight: float) -> list[Scored]:
    """Both rankings as one, best first, ties by id: the weighted sum of the scores, each brought to [0, 1]."""
    vectors, words = _normalized(dense), _normalized(keyword, low=0.0)
    total = {
        id_: dense_weight * vectors.get(id_, 0.0) + (1 - dense_weight) * words.get(id_, 0.0)
        for id_ in {**vectors, **words}
    }
    return sorted((Scored(id_, score) for id_, score in total.items()), key=lambda one: (-one.score, one.id))


def _normalized(scored: Sequence[Scored], low: float | None = None) -> dict[str, float]:
    scores = _scores(scored)
    if not scores:
        return {}
    low, high = min(scores.values()) if low is None else low, max(scores.values())
    return {id_: (score - low) / (high - low) if high > low else 1.0 for id_, score in scores.items()}


def _scores(scored: Sequence[Scored]) -> Mapping[str, float]:
    return {one.id: one.score for one in scored}


def _readability(characters: float) -> float:
    return min(1.0, max(0.0, (characters - _BLIND) / (_FLUENT - _BLIND)))
