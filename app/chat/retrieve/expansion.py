"""The query side: other wordings of a question, or a passage that might answer it, by a language model."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

from app.schemas import Sampling

if TYPE_CHECKING:
    from app.llm import ChatModel

WORDINGS = 3
_MOST_TOKENS = 300
_LONGEST = 500
_PASSAGE_CHARACTERS = 2000
_QUESTION_CHARACTERS = 4000
_BULLET = re.compile(r"^\s*(?:[-*•·]|\(?\d{1,2}[.):])\s+")


def wordings(question: str, model: ChatModel, cancelled: threading.Event | None = None) -> list[str]:
    """Up to three other wordings of the question (multi-query).

    Raises:
        ModelError: the model does not answer.
    """
    said = _said("multi_query", model, cancelled, question=question, count=str(WORDINGS))
    lines = (_BULLET.sub("", line).strip("\"'“”‘’` \t") for line in said.splitlines())
    fresh = dict.fromkeys(line[:_LONGEST] for line in lines if any(map(str.isalnum, line)))
    fresh.pop(question, None)
    return list(fresh)[:WORDINGS]


def imagined(question: str, model: ChatModel, cancelled: threading.Event | None = None) -> str:
    """A passage that might answer the question (HyDE: Gao and others, 2023); "" if the model says nothing.

    Raises:
        ModelError: the model does not answer.
    """
    return _said("hyde", model, cancelled, question=question).strip()[:_PASSAGE_CHARACTERS]


def _said(prompt: str, model: ChatModel, cancelled: threading.Event | None, **given: str) -> str:
    from langchain_core.output_parsers import StrOutputParser

    from app.chat.generate import template
    from app.chat.interrupt import interruptible

    given["question"] = given["question"][:_QUESTION_CHARACTERS]
    sampling = Sampling(temperature=0.0, max_tokens=_MOST_TOKENS)
    chain = template(prompt) | model.bind(sampling=sampling, cancelled=cancelled) | StrOutputParser()
    return "".join(interruptible(lambda: chain.stream(given), cancelled))
