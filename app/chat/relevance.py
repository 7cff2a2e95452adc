"""Whether a search found anything that a question can be answered from."""

from __future__ import annotations

from collections.abc import Sequence

from app.schemas import Hit

# Measured with all-MiniLM-L6-v2; see `relevant`.
_ENOUGH = 0.15


def relevant(hits: Sequence[Hit]) -> bool:
    """Whether the best hit is worth an answer; when not, the question is refused without asking a model.

    A fused score is the share of what the question could find at best: how much of its terms' weight
    (inverse document frequency) one chunk holds, and how far the chunk's cosine rises from the question's
    background, where the embedding model reads the question. A question about something else shares
    common words with its best chunk and is no nearer to it than to the next fifty, so it stays below a
    seventh; a rare word or a paraphrase of the chunk takes it well above.

    With six English HR documents, all of 21 foreign questions were refused and 1 of 201 own ones; with the
    examples of two offices, 97 % of 400 Korean encyclopedia questions, all of 300 English claims of science,
    and none of 20 own ones.

    It tells what is foreign to the documents from what is theirs. It cannot tell a question that they
    almost answer from one that they do: that is left to the model, and to the check of its answer.
    """
    return any(hit.score >= _ENOUGH for hit in hits)
