"""Starting an answer: keeps the question, and lets a job write the answer outside of the script."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from app.history import FIRST
from app.schemas import Event, Role
from app.ui import dropped, garbage, shell

if TYPE_CHECKING:
    from app.chat.job import Job
    from app.history import Attachment, Conversation, Message
    from app.ui.options import Options

LONGEST_QUESTION = 20_000
"""Characters; more is refused by the fields themselves."""


def keep(
    text: str, conversation: Conversation | None, options: Options, files: Sequence[Attachment] = ()
) -> Message:
    """Keep a question in `conversation`, or in a new one, before it is answered.

    Args:
        files: what came with the question, which is then about these alone.

    Raises:
        UsageError: the last one is still being answered.
        StoppingError: this server is about to end.
    """
    runtime = shell.runtime()
    runtime.jobs.check_open()
    if conversation is None:
        conversation = runtime.history.create(collection=options.collection, settings=options.kept())
    else:
        runtime.jobs.check_free(conversation.id)
    asked = runtime.history.append(conversation.id, Role.USER, text)
    if files:
        runtime.history.attachments.keep(asked.id, files)
    return asked


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
    runtime, options = shell.runtime(), settled(asked.conversation_id, options)
    files = dropped.attached(asked.id)
    options = options.model_copy(update={"free": options.free and not files})
    told = runtime.memory.recall(asked.conversation_id, asked.parent_id, options.mode)
    question = options.question(asked.content, told.turns).model_copy(update={"summary": told.summary})
    run = dropped.index(files, options.collection)

    def stream(cancelled: threading.Event) -> Iterator[Event]:
        if files:
            return dropped.stream(asked, files, run, question, options.collection, cancelled)
        return runtime.stream(question, options.collection, cancelled)

    job = runtime.jobs.start(asked.conversation_id, question, stream, parent_id=asked.id, shown=shown)
    garbage.settle_after(job)
    if runtime.settings.auto_titles:
        from app.chat.titles import name_after

        name_after(job, runtime.history, runtime.language_model)
    return job


def is_quick(options: Options) -> bool:
    """Whether the answer is written without a model, and so is there at once."""
    return (options.model or shell.runtime().settings.llm_model or "none") == "none"


def settled(conversation_id: str, options: Options) -> Options:
    """With a seed that is drawn once for a conversation, which keeps it."""
    drawn, history = options.settled(), shell.runtime().history
    if drawn != options:
        kept = history.conversation(conversation_id).settings
        history.configure(conversation_id, settings={**kept, "drawn": drawn.drawn})
    return drawn
