"""The search itself: candidates of both sides, fused, as hits with everything that was scored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from app.chat.retrieve.fusion import dense_shares, fuse, keyword_shares
from app.chat.retrieve.readability import Readability
from app.config import Settings
from app.schemas import Chunk, Hit
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
        dense = self._collection.dense(self._model.embed_query(text), pool, where) if weight > 0 else []
        keyword = self._collection.keyword(text, pool, where) if weight < 1 else []
        words = keyword_shares(keyword, self._collection.weights(text)) if keyword else {}
        votes = dense_shares(dense)
        ranked, chunks = self._ranked(votes, words, weight, k)
        if self._is_dark(chunks[one.id] for one in ranked if one.id in votes):
            votes = self._readable(votes)
            ranked, chunks = self._ranked(votes, words, weight, k)
        cosines = {hit.id: hit.score for hit in dense if hit.id in votes}
        bm25 = {hit.id: hit.score for hit in keyword}
        return [
            Hit(rank, one.score, cosines.get(one.id), bm25.get(one.id), chunks[one.id])
            for rank, one in enumerate(ranked, 1)
        ]

    def dense_weight(self, text: str) -> float:
        """The share of the vectors in the score, in [0, 1]: what the model cannot read does not vote."""
        if self._settings.dense_weight is not None:
            return self._settings.dense_weight
        return _DENSE_SHARE * max(0.0, (self._readability.share(text) - _DARK) / (1 - _DARK))

    def _ranked(
        self, votes: Mapping[str, float], words: Mapping[str, float], weight: float, k: int
    ) -> tuple[list[Scored], dict[str, Chunk]]:
        ranked = fuse(votes, words, weight)[:k]
        chunks = self._collection.chunks([one.id for one in ranked])
        return [one for one in ranked if one.id in chunks], chunks  # a writer may have deleted one in between

    def _is_dark(self, chunks: Iterable[Chunk]) -> bool:
        """Whether the model cannot read some of these, and its votes for such chunks must not count."""
        if self._settings.dense_weight is not None or self._readability.reads_everything:
            return False
        return any(not self._readability.reads(chunk.text) for chunk in chunks)

    def _readable(self, votes: Mapping[str, float]) -> dict[str, float]:
        chunks = self._collection.chunks(list(votes))
        return {id_: votes[id_] for id_, chunk in chunks.items() if self._readability.reads(chunk.text)}

    @cached_property
    def _model(self) -> EmbeddingModel:
        return self._load_model()

    @cached_property
    def _readability(self) -> Readability:
        return Readability(self._model)
