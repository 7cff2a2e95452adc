"""Whether a search found anything that a question can be answered from."""

from __future__ import annotations

from collections.abc import Sequence

from app.schemas import Hit


def relevant(hits: Sequence[Hit]) -> bool:
    """Whether any hit is worth an answer; when not, the question is to be refused without a model."""
    return bool(hits)
