"""Whether a question would be answered: it is asked, without a model, before it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.chat.extractive import extract
from app.chat.marks import without_marks
from app.errors import UsageError
from app.schemas import Question
from app.sentences import sentence_spans
from vectorstore.words import content_words

if TYPE_CHECKING:
    from app.chat.context import Passage
    from app.chat.pipeline import Pipeline

# Of two questions that share more of their content words than this, one is enough.
_ALIKE = 0.5
_MOST_PASSAGES = 4


@dataclass(frozen=True, slots=True)
class Found:
    """What a question would be answered with: passages, best first, and sentences of them.

    It is false where the question would be refused.
    """

    passages: tuple[Passage, ...] = ()
    said: str = ""

    def __bool__(self) -> bool:
        return bool(self.said)

    def adds_to(self, answer: str) -> bool:
        """Whether most of it does not stand in an answer already."""
        spoken = without_marks(self.said)
        parts = [spoken[slice(*span)].strip("- \n") for span in sentence_spans(spoken)]
        told = " ".join(without_marks(answer).split())
        return sum(" ".join(part.split()) not in told for part in parts) * 2 > len(parts)


def answering(pipeline: Pipeline, question: str, where: Mapping[str, Any] | None = None) -> Found:
    """What it would be answered with, without a model.

    Args:
        pipeline: without a model.
        where: the filters of the conversation.
    """
    asked = Question(text=question, where=dict(where or {}), top_k=_MOST_PASSAGES)
    try:
        _, _, passages = pipeline.retrieve(asked)
    except UsageError:  # a filter that fits no longer
        return Found()
    return Found(passages, extract(question, passages) if passages else "")


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
