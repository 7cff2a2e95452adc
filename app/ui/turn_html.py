"""A turn with all that belongs to it, as it stands on the page: message, files, bar, rating."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from app.ui import bar_html, changes_html, rating_html, task_box, turns
from app.ui.live.view import waiting_html

if TYPE_CHECKING:
    from app.history import Attachment, Message, Rating
    from app.ui.texts import Texts


def question(message: Message, versions: Sequence[str], say: Texts, files: Sequence[Attachment] = ()) -> str:
    """
    Args:
        versions: the ids of the question and of its other wordings.
    """
    shown = task_box.question_html(message.content)
    body = turns.question_html(message.content, say, shown, files)
    return _turn(message.id, body + bar_html.question_bar(message, versions, say))


def answer(
    message: Message,
    versions: Sequence[str],
    say: Texts,
    *,
    is_repeated: bool = False,
    rating: Rating | None = None,
) -> str:
    """
    Args:
        versions: the ids of all answers to the question.
        is_repeated: it was made again from a record.
    """
    body = turns.message_html(message, say)
    body += changes_html.repeated_html(message.id, say) if is_repeated else ""
    if message.content.strip() or len(versions) > 1:
        body += bar_html.answer_bar(message, versions, say, rating_html.pressed(rating))
        body += rating_html.said_html(message, rating, say)
    return _turn(message.id, body)


def live(message_id: str, say: Texts) -> str:
    """The place of an answer that is being written, which fills itself."""
    return _turn(
        message_id, f'<div data-live="{escape(message_id)}">{waiting_html(say("chat.searching"))}</div>'
    )


def _turn(message_id: str, body: str) -> str:
    return f'<div class="d-turn" data-message="{escape(message_id)}">{body}</div>'
