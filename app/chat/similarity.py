"""How near two sentences are in meaning, by the embedding model of the collection, where it reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from app.chat.retrieve.readability import Readability

if TYPE_CHECKING:
    from vectorstore.base import Vectors
    from vectorstore.embeddings import EmbeddingModel


class Similarity:
    """Cosines of pairs of sentences; each sentence is embedded once. Made for one answer.

    Args:
        model: gives the model, when it is first needed.
    """

    def __init__(self, model: Callable[[], EmbeddingModel]) -> None:
        self._load = model
        self._vectors: dict[str, Vectors] = {}
        self._reads: Callable[[str], bool] | None = None

    def __call__(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """For each pair its cosine in [-1, 1]; 0 where the model does not read both."""
        if self._reads is None:
            self._reads = Readability(self._load()).reads
        read = [all(map(self._reads, pair)) for pair in pairs]
        self._embed([text for pair, is_read in zip(pairs, read, strict=True) if is_read for text in pair])
        return [
            float(self._vectors[one] @ self._vectors[other]) if is_read else 0.0
            for (one, other), is_read in zip(pairs, read, strict=True)
        ]

    def _embed(self, texts: Sequence[str]) -> None:
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if new:
            self._vectors.update(zip(new, self._load().embed_documents(new), strict=True))
