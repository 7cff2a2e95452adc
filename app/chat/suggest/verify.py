"""Whether a question would be answered: it is asked, without a model, before it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.chat.extractive import extract
from app.errors import UsageError
from app.schemas import Question
from vectorstore.words import content_words

if TYPE_CHECKING:
    from app.chat.context import Passage
    from app.chat.pipeline import Pipeline

# Of two questions that share more of their content words than this, one is enough.
_ALIKE = 0.5
_MOST_PASSAGES = 4


def answering(
    pipeline: Pipeline, question: str, where: Mapping[str, Any] | None = None
) -> tuple[Passage, ...]:
    """The passages that an answer would stand on; none where the question would be refused.

    Args:
        pipeline: without a model.
        where: the filters of the conversation.
    """
    asked = Question(text=question, where=dict(where or {}), top_k=_MOST_PASSAGES)
    try:
        _, _, passages = pipeline.retrieve(asked)
    except UsageError:  # a filter that fits no longer
        return ()
    return passages if passages and extract(question, passages) else ()


def distinct(
    questions: Iterable[str], known: Sequence[str], count: int, fits: Callable[[str], bool]
) -> list[str]:
    """The first `count` questions that fit and resemble neither one another nor a known one."""
    taken: list[str] = []
    words = [_words(one) for one in known]
    for question in questions:
        own = _words(question)
        if not own or any(_alike(own, other) for other in words) or not fits(question):
            continue
        taken.append(question)
        words.append(own)
        if len(taken) == count:
            break
    return taken


def _words(question: str) -> frozenset[str]:
    return frozenset(token for word in content_words(question) for token in word.tokens)


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) > _ALIKE * min(len(one), len(other))
