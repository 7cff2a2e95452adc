"""The search itself: candidates of both sides, fused, as hits with everything that was scored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from app.chat.retrieve.fusion import dense_shares, fuse, keyword_shares
from app.chat.retrieve.readability import Readability
from app.config import Settings
from app.schemas import Hit
from vectorstore.base import Filter, Scored
from vectorstore.embeddings.base import EmbeddingModel

if TYPE_CHECKING:
    from ingest.collection import Collection

# How many candidates each side brings: enough that what one side ranks low can still be lifted by the other.
_POOL = 50
_POOL_PER_HIT = 5
# The dense side's share where the model reads the query well. All from 0.2 to 0.5 give the same on English.
_DENSE_SHARE = 0.4
# A text of which the model reads less than half is dark to it: what it does read there is names and numbers.
_DARK = 0.5


class Searcher:
    """Finds the chunks that a text is about. May be shared between threads.

    Args:
        collection: open for reading.
        model: gives the embedding model that made the collection's vectors; called when it is first needed.
        settings: `dense_weight` overrides the weight that follows from how well the model reads the query.
    """

    def __init__(
        self, collection: Collection, model: Callable[[], EmbeddingModel], settings: Settings
    ) -> None:
        self._collection = collection
        self._load_model = model
        self._settings = settings

    def search(self, text: str, k: int, where: Filter | None = None) -> list[Hit]:
        """The k best chunks, best first; fewer, or none, when fewer have anything to do with the text.

        Args:
            text: any text; one without a word finds nothing.
            where: only chunks whose metadata match.
        """
        if k < 1 or not any(map(str.isalnum, text)):
            return []
        pool = max(_POOL, _POOL_PER_HIT * k)
        weight = self.dense_weight(text)
        dense = self._dense(text, pool, where) if weight > 0 else []
        keyword = self._collection.keyword(text, pool, where) if weight < 1 else []
        words = keyword_shares(keyword, self._collection.weights(text)) if keyword else {}
        return self._hits(fuse(dense_shares(dense), words, weight)[:k], dense, keyword)

    def dense_weight(self, text: str) -> float:
        """The share of the vectors in the score, in [0, 1]: what the model cannot read does not vote."""
        if self._settings.dense_weight is not None:
            return self._settings.dense_weight
        return _DENSE_SHARE * max(0.0, (self._readability.share(text) - _DARK) / (1 - _DARK))

    def _dense(self, text: str, pool: int, where: Filter | None) -> list[Scored]:
        hits = self._collection.dense(self._model.embed_query(text), pool, where)
        if self._readability.reads_everything or self._settings.dense_weight is not None:
            return hits
        chunks = self._collection.chunks([hit.id for hit in hits])
        read = {id_ for id_, chunk in chunks.items() if self._readability.reads(chunk.text)}
        return [hit for hit in hits if hit.id in read]

    def _hits(
        self, ranked: Sequence[Scored], dense: Sequence[Scored], keyword: Sequence[Scored]
    ) -> list[Hit]:
        cosines = {hit.id: hit.score for hit in dense}
        bm25 = {hit.id: hit.score for hit in keyword}
        chunks = self._collection.chunks([hit.id for hit in ranked])
        known = [hit for hit in ranked if hit.id in chunks]  # a writer may have deleted one in between
        return [
            Hit(rank, hit.score, cosines.get(hit.id), bm25.get(hit.id), chunks[hit.id])
            for rank, hit in enumerate(known, 1)
        ]

    @cached_property
    def _model(self) -> EmbeddingModel:
        return self._load_model()

    @cached_property
    def _readability(self) -> Readability:
        return Readability(self._model)
