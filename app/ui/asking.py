"""Starting an answer: keeps the question, and lets a job write the answer outside of the script."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from app.history import Status
from app.schemas import Done, Event, Mode, Question, Role, Turn
from app.ui import shell

if TYPE_CHECKING:
    from app.history import Conversation, Message
    from app.ui.options import Options


def ask(text: str, conversation: Conversation | None, options: Options) -> str:
    """Ask in `conversation`, or in a new one; returns its id."""
    history, options = shell.runtime().history, settled(conversation, options)
    if conversation is None:
        conversation = history.create(collection=options.collection, settings=options.kept())
    earlier = history.messages(conversation.id)
    asked = history.append(conversation.id, Role.USER, text, parent_id=earlier[-1].id if earlier else None)
    _start(asked, options, options.question(text, turns_of(earlier)))
    return conversation.id


def again(messages: Sequence[Message], options: Options) -> None:
    """Answer the last question once more."""
    history = shell.runtime().history
    options = settled(history.conversation(messages[-1].conversation_id), options)
    last = max(i for i, message in enumerate(messages) if message.role is Role.USER)
    asked = messages[last]
    _start(asked, options, options.question(asked.content, turns_of(messages[:last])))


def settled(conversation: Conversation | None, options: Options) -> Options:
    """With a seed that is drawn once for a conversation, which keeps it."""
    drawn = options.settled()
    if drawn != options and conversation is not None:
        shell.runtime().history.configure(conversation.id, settings=drawn.kept())
    return drawn


def turns_of(messages: Sequence[Message]) -> tuple[Turn, ...]:
    """What the chain is told of a conversation: questions that were answered, with their answers."""
    found: list[Turn] = []
    question: Message | None = None
    for message in messages:
        if message.role is Role.USER:
            question = message
        elif question is not None and message.status is Status.DONE:
            found += [
                Turn(role=Role.USER, content=question.content),
                Turn(role=Role.ASSISTANT, content=message.content, mode=_mode(message)),
            ]
            question = None
    return tuple(found)


def _mode(message: Message) -> Mode:
    return message.answer.mode if message.answer is not None else Mode.DOCUMENTS


def _start(asked: Message, options: Options, question: Question) -> None:
    runtime = shell.runtime()

    def stream(cancelled: threading.Event) -> Iterator[Event]:
        if options.form and not options.free:
            yield Done(answer=runtime.typed_answer(question, options.form, options.collection))
        else:
            yield from runtime.stream(question, options.collection, cancelled)

    runtime.jobs.start(asked.conversation_id, question, stream, parent_id=asked.id)
