"""The model-free answerer: the best sentences of the best passages, each with its citation."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.chat.context import Passage
from app.chat.extractive.candidates import quotable
from app.chat.extractive.choice import choose
from app.chat.extractive.scoring import Asked, scores
from app.chat.extractive.wording import written
from vectorstore.tokens import tokenize_many

__all__ = ["extract"]

# Words that ask for a number or a time; what answers does not repeat them.
_ASKING = re.compile(
    r"\bhow (?:many|much|long|often|far|old|high|big)\b|\b(?:tell|show) me\b|\bplease\b"
    r"|며칠|몇|얼마나?|언제까지|언제|무엇인가요|무엇|어떻게|어디|누구|알려\s?(?:줘|주세요)|인가요|있나요|되나요|하나요",
    re.IGNORECASE,
)


def extract(question: str, passages: Sequence[Passage], focus: str = "") -> str:
    """An answer made of one to five sentences of the passages, with marks `[n]`; "" if there is no sentence.

    Args:
        question: stand-alone.
        passages: best first.
        focus: the part of it that was asked last; its words count for more.

    The same input gives the same answer.
    """
    found = quotable(passages)
    tokens, last = map(frozenset, tokenize_many([_ASKING.sub(" ", text) for text in (question, focus)]))
    asked = Asked(focus or question, tokens, last)
    return written(choose(tokens, found, scores(asked, found)))
