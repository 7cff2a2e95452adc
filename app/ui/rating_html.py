"""What was said of an answer, as HTML below it: a word of thanks, why, and the corrected answer."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from app.history import Verdict
from app.ui import source_cards
from app.ui.safe_markdown import safe_markdown

if TYPE_CHECKING:
    from app.history import Message, Rating
    from app.ui.texts import Texts


def lead(text: str) -> str:
    """What a dialog is about, in its first lines."""
    return f'<p class="d-lead">{escape(text)}</p>'


def pressed(rating: Rating | None) -> dict[str, bool]:
    """The state of both thumbs."""
    return {verdict.value: rating is not None and rating.verdict is verdict for verdict in Verdict}


def said_html(message: Message, rating: Rating | None, say: Texts) -> str:
    """Empty for an answer that nobody rated."""
    if rating is None:
        return ""
    edit = (
        f'<button type="button" class="d-link" data-act="explain" data-value="{escape(message.id)}">'
        f"{say.html('rating.edit' if rating.correction or rating.words else 'rating.more')}</button>"
    )
    why = _why(rating, say)
    if not rating.correction:
        return f'<p class="d-rating">{why or say.html("rating.thanks")} {edit}</p>'
    return (
        f'<details class="d-correction"><summary>{say.html("rating.corrected")}</summary>'
        f'<div class="d-answer">{_correction(message, rating, say)}</div>'
        f'<p class="d-rating">{why} {edit}</p></details>'
    )


def _correction(message: Message, rating: Rating, say: Texts) -> str:
    """Its marks open the sources of the answer."""
    answer = message.answer
    marks = source_cards.marks(answer.citations, message.id, say) if answer else {}
    return safe_markdown(rating.correction, marks)


def _why(rating: Rating, say: Texts) -> str:
    reason = say(f"rating.reason_{rating.reason}") if rating.reason else ""
    return escape(" – ".join(filter(None, [reason, rating.words])))
