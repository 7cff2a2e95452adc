"""How much of a collection's text its embedding model cannot read, and what would help."""

from __future__ import annotations

from collections.abc import Sequence

from vectorstore.embeddings.base import EmbeddingModel
from vectorstore.embeddings.readability import Readability

SAMPLE = 400
"""Chunks that are looked at; a share is then known to about five points in a hundred."""

WORTH_SAYING = 0.05
"""From this share on, people are told."""

MULTILINGUAL = "intfloat/multilingual-e5-small"


def unread_share(texts: Sequence[str], model: EmbeddingModel) -> float:
    """The share of these texts, by their length, that the model cannot read: in [0, 1]; 0 for no text."""
    readability = Readability(model)
    total = sum(map(len, texts))
    if not total or readability.reads_everything:
        return 0.0
    return sum(len(text) * (1 - readability.share(text)) for text in texts) / total


def advice(unread: float | None, model: str, collection: str) -> str | None:
    """A sentence on what the model cannot read and the setting that helps; None when all is well.

    Args:
        unread: a share, as `unread_share` gives it.
        model: the embedding model's name.
        collection: what it is the text of.
    """
    if unread is None or unread < WORTH_SAYING:
        return None
    return (
        f"The embedding model {model} cannot read about {unread:.0%} of the text: that part is found by its "
        f"words, and not by its meaning. A multilingual model reads it: set "
        f"DOCENT_EMBEDDING_MODEL={MULTILINGUAL} and run: python -m ingest --rebuild --collection {collection}"
    )
