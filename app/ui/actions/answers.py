"""What can be done with an answer: stop it, have it made anew, save it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.errors import NotFoundError
from app.schemas import Role
from app.ui import asking, export_box, shell
from app.ui.options import Options

if TYPE_CHECKING:
    from app.history import Message


def asked(_: str) -> None:
    """A question went past the page's script; the page that is drawn now knows it."""


def finished(_: str) -> None:
    """The browser has seen the end of an answer; the page that is drawn now shows it."""


def stop(message_ids: str) -> None:
    """End answers that are being written; what there is of them stays."""
    found = [job for one in message_ids.split() if (job := shell.runtime().jobs.job(one))]
    for job in found:
        job.cancel()
    for job in found:
        job.wait(1)


def regenerate(message_id: str) -> None:
    """Answer the question of this answer once more, beside it, with the options of now."""
    asked = question_of(message_id)
    asking.answer(asked, options_of(asked.conversation_id))


def retry(message_id: str) -> None:
    """The same for a question that has no answer."""
    regenerate(message_id)


def without_model(message_id: str) -> None:
    asked = question_of(message_id)
    asking.answer(asked, options_of(asked.conversation_id).model_copy(update={"model": "none"}))


def export(message_id: str) -> None:
    """Open the downloads of one answer."""
    answer = shell.runtime().history.message(message_id)
    export_box.answer_dialog(question_of(message_id), answer, shell.texts())


def question_of(message_id: str) -> Message:
    """The question that a message is, or answers.

    Raises:
        NotFoundError: there is none.
    """
    message = shell.runtime().history.message(message_id)
    if message.role is Role.USER:
        return message
    if message.parent_id is None:
        raise NotFoundError(f"The message {message_id!r} answers no question.")
    return question_of(message.parent_id)


def options_of(conversation_id: str) -> Options:
    """What a conversation is asked with now."""
    conversation = shell.runtime().history.conversation(conversation_id)
    return Options.of(conversation, shell.runtime().settings)
