"""Several answers to one question: have them made, see two of them side by side, keep one."""

from __future__ import annotations

from app.ui import compare as comparing
from app.ui import shell
from app.ui.actions.answers import options_of, question_of
from app.ui.variations import dialog, next_question


def variations(message_id: str) -> None:
    """Open the dialog that has a question answered in several ways."""
    asked = question_of(message_id)
    dialog.for_question(asked, options_of(asked.conversation_id), shell.texts())


def several(key: str) -> None:
    """Open the same dialog for the next question of a conversation, or of a new one."""
    dialog.for_next_question(key, next_question.options(key), shell.texts())


def one_answer(_: str) -> None:
    """The next question is asked once, after all."""
    next_question.forget()


def compare(message_id: str) -> None:
    """See two answers to this question, or to that of this answer, side by side."""
    comparing.open_(question_of(message_id).id)


def keep(message_id: str) -> None:
    """The conversation goes on from this answer."""
    history = shell.runtime().history
    history.show(history.message(message_id).conversation_id, message_id)
    comparing.close()


def close(_: str) -> None:
    comparing.close()
