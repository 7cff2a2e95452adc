"""Rated answers with what the model saw when it wrote them, put together by their question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.history import History, Message, Rating, Tree, Verdict
from app.schemas import Role

Prompt = tuple[tuple[str, str], ...]
"""Messages as (role, text): system, user and assistant, the last one of the user."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """A rated answer.

    Attributes:
        prompt: what it answers.
        text: the answer as it was.
        better: what should have been answered; "" where nobody said.
        good: the thumb; None where it was taken back.
    """

    prompt: Prompt
    text: str
    better: str
    good: bool | None

    @property
    def best(self) -> str:
        """What a model had better say: the correction, else an answer that was liked; "" for none."""
        return self.better or (self.text if self.good else "")


@dataclass(frozen=True, slots=True)
class Case:
    """A question with the answers to it that were rated."""

    question: str
    opinions: tuple[Opinion, ...]


def cases(history: History) -> Iterator[Case]:
    """All questions with rated answers, the newest rating first."""
    ratings = {rating.message_id: rating for rating in history.feedback.all()}
    grouped: dict[tuple[str, str | None], list[Message]] = {}
    for message in history.load(list(ratings)):
        if message.role is Role.ASSISTANT and message.content.strip():
            grouped.setdefault((message.conversation_id, message.parent_id), []).append(message)
    for (conversation, question), answers in grouped.items():
        if question is not None:
            yield _case(history, history.tree(conversation), question, answers, ratings)


def _case(
    history: History, tree: Tree, question: str, answers: list[Message], ratings: dict[str, Rating]
) -> Case:
    path = history.load([node.id for node in tree.branch(question)])
    opinions = (_opinion(history, path, answer, ratings[answer.id]) for answer in answers)
    return Case(path[-1].content if path else "", tuple(opinions))


def _opinion(history: History, path: list[Message], answer: Message, rating: Rating) -> Opinion:
    good = None if rating.verdict is None else rating.verdict is Verdict.GOOD
    return Opinion(_said(path), answer.content.strip(), rating.correction.strip(), good)


def _said(path: list[Message]) -> Prompt:
    """The turns before an answer, where what the model saw was not kept."""
    return tuple((message.role.value, message.content) for message in path if message.content.strip())
