"""Refusals: what is said when the documents do not answer, and whether a model has said it itself."""

from __future__ import annotations

import re
from typing import get_args

from app.chat.marks import without_marks
from app.language import Language, detect_language
from prompts import refusal_text

# A model may add a word or a full stop; an answer that only mentions the refusal is longer.
_ROOM = 1.25


def refusal(question: str) -> str:
    """The refusal in the language of the question."""
    return refusal_text(detect_language(question))


def is_refusal(answer: str) -> bool:
    """Whether an answer is the refusal sentence, in any language, and nothing else."""
    said = _bare(without_marks(answer))
    return any(
        _bare(text) in said and len(said) <= _ROOM * len(_bare(text))
        for text in map(refusal_text, get_args(Language))
    )


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()
