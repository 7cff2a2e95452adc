"""From kept messages to the turns that a model is told: questions that were answered, with their answers."""

from __future__ import annotations

from collections.abc import Sequence

from app.history import Message, Status
from app.schemas import Mode, Role, Turn

Exchange = tuple[Message, Message]
"""A question and its answer."""


def exchanges(messages: Sequence[Message]) -> list[Exchange]:
    """The questions of a branch that have a finished answer."""
    found: list[Exchange] = []
    question: Message | None = None
    for message in messages:
        if message.role is Role.USER:
            question = message
        elif question is not None and message.status is Status.DONE:
            found.append((question, message))
            question = None
    return found


def as_turns(found: Sequence[Exchange]) -> tuple[Turn, ...]:
    """What the chain is told of them."""
    return tuple(
        turn
        for question, answer in found
        for turn in (
            Turn(role=Role.USER, content=question.content),
            Turn(role=Role.ASSISTANT, content=answer.content, mode=mode_of(answer)),
        )
    )


def mode_of(answer: Message) -> Mode:
    """What an answer stands on."""
    return Mode((answer.record or {}).get("mode", Mode.DOCUMENTS))
