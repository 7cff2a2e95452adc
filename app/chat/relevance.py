"""Whether a search found anything that a question can be answered from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.schemas import Hit

ENOUGH = 0.15
"""The threshold of all collections: for one that was not measured, and the prior of those that were."""


NAMED = 0.5
"""What is left of the threshold for a question that names its files: it has said where the answer stands."""


def names_files(where: Mapping[str, object]) -> bool:
    """Whether filters choose files one by one."""
    return bool(where.keys() & {"file_id", "mention"})


def relevant(hits: Sequence[Hit], enough: float = ENOUGH) -> bool:
    """Whether the best hit is worth an answer; when not, the question is refused without asking a model.

    A fused score is the share of what the question could find at best: how much of its terms' weight
    (inverse document frequency) one chunk holds, and how far the chunk's cosine rises from the question's
    background, where the embedding model reads the question. A question about something else shares
    common words with its best chunk and is no nearer to it than to the next fifty, so it stays low; a rare
    word or a paraphrase of the chunk takes it well above. How low and how high depends on the collection:
    see `app.chat.answerable`.

    It tells what is foreign to the documents from what is theirs. It cannot tell a question that they
    almost answer from one that they do: that is left to the model, and to the check of its answer.

    Args:
        enough: the collection's threshold of the fused score.
    """
    return any(hit.score >= enough for hit in hits)
