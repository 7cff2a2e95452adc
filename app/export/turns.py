"""What an export is made from: questions with their answers, of a conversation or of one answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import TYPE_CHECKING

from app.errors import NotFoundError
from app.history import Failure, Status
from app.schemas import Role

if TYPE_CHECKING:
    from app.history import Message
    from app.schemas import Answer


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what became of it.

    Attributes:
        answer: the finished answer.
        written: what there is of an answer that is not finished.
        status: None where there is no answer at all.
        asked: None where it is not known.
    """

    question: str
    answer: Answer | None = None
    written: str = ""
    status: Status | None = Status.DONE
    error: Failure | None = None
    asked: datetime | None = None


def turn_of(answer: Answer) -> Turn:
    """The turn of an answer that is in no conversation."""
    stopped = any(notice.code == "stopped" for notice in answer.notices)
    return Turn(answer.question, answer, answer.answer, Status.STOPPED if stopped else Status.DONE)


def turn_in(question: Message, answer: Message | None) -> Turn:
    """The turn that two messages of a conversation make."""
    if answer is None:
        return Turn(question.content, status=None, asked=question.created)
    return Turn(
        question.content, answer.answer, answer.content, answer.status, answer.error, question.created
    )


def turns_of(messages: Sequence[Message]) -> list[Turn]:
    """The turns of a conversation, oldest first.

    A question that was tried again has a turn for each attempt that got a word out, and for the last one.
    """
    turns: list[Turn] = []
    question: Message | None = None
    for message, following in zip_longest(messages, messages[1:]):
        more = following is not None and following.role is Role.ASSISTANT
        if message.role is Role.USER:
            question = message
            if not more:
                turns.append(turn_in(question, None))
        elif question is not None and (message.content.strip() or not more):
            turns.append(turn_in(question, message))
    return turns


def one_of(turns: Sequence[Turn], number: int) -> Turn:
    """The answer with this number, from 1.

    Raises:
        NotFoundError: there are not so many.
    """
    if not 1 <= number <= len(turns):
        count = f"{len(turns)} answers" if len(turns) != 1 else "one answer"
        raise NotFoundError(f"There is no answer {number} in this conversation; it has {count}.")
    return turns[number - 1]
