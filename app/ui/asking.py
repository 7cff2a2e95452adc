"""Starting an answer: keeps the question, and lets a job write the answer outside of the script."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from app.history import FIRST, Status
from app.schemas import Event, Mode, Role, Turn
from app.ui import dropped, shell

if TYPE_CHECKING:
    from app.chat.jobs import Job
    from app.history import Attachment, Conversation, Message
    from app.ui.options import Options

LONGEST_QUESTION = 20_000
"""Characters; more is refused by the fields themselves."""


def ask(
    text: str, conversation: Conversation | None, options: Options, files: Sequence[Attachment] = ()
) -> str:
    """Ask in `conversation`, or in a new one; returns its id.

    Args:
        files: what came with the question, which is then about these alone.

    Raises:
        UsageError: it is still being answered.
    """
    runtime = shell.runtime()
    if conversation is None:
        conversation = runtime.history.create(collection=options.collection, settings=options.kept())
    else:
        runtime.jobs.check_free(conversation.id)
    asked = runtime.history.append(conversation.id, Role.USER, text)
    if files:
        runtime.history.attachments.keep(asked.id, files)
    answer(asked, options)
    return conversation.id


def edited(asked: Message, text: str, options: Options) -> Job:
    """Ask a question in other words, beside the old one."""
    runtime = shell.runtime()
    runtime.jobs.check_free(asked.conversation_id)
    parent = asked.parent_id or FIRST
    fresh = runtime.history.append(asked.conversation_id, Role.USER, text, parent_id=parent)
    if files := dropped.attached(asked.id):
        runtime.history.attachments.keep(fresh.id, files)
    return answer(fresh, options)


def answer(asked: Message, options: Options, *, shown: bool = True) -> Job:
    """Answer a question that was kept; once more, if there is an answer already."""
    runtime = shell.runtime()
    earlier = runtime.history.messages(asked.conversation_id, asked.id)[:-1]
    files = dropped.attached(asked.id)
    options = options.model_copy(update={"free": options.free and not files})
    question = options.question(asked.content, turns_of(earlier))
    run = dropped.index(files, options.collection)

    def stream(cancelled: threading.Event) -> Iterator[Event]:
        if files:
            return dropped.stream(asked, files, run, question, options.collection, cancelled)
        return runtime.stream(question, options.collection, cancelled)

    return runtime.jobs.start(asked.conversation_id, question, stream, parent_id=asked.id, shown=shown)


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
    return Mode((message.record or {}).get("mode", Mode.DOCUMENTS))
