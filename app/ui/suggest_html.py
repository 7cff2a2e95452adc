"""Suggested questions as buttons, or the place where the browser puts them once they are made."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from app.ui.texts import Texts


def questions_html(questions: Sequence[str], kind: str, say: Texts) -> str:
    """Buttons that ask; "" where there is nothing to ask.

    Args:
        kind: "next" after an answer, "start" to begin with.
    """
    if not questions:
        return ""
    buttons = "".join(
        f'<button type="button" data-act="ask" data-value="{escape(one)}">{escape(one)}</button>'
        for one in questions
    )
    label = say.html(f"suggest.{kind}")
    group = f'class="d-suggest d-suggest-{kind}" role="group" aria-label="{label}"'
    return f"<div {group}><p>{label}</p>{buttons}</div>"


def after_html(message_id: str, kept: Sequence[str] | None, say: Texts) -> str:
    """What may be asked after an answer; where that is not known yet, the browser asks for it."""
    if kept is not None:
        return questions_html(kept, "next", say)
    return f'<div data-suggest="suggestions/after/{quote(message_id)}?lang={say.language}"></div>'


def start_html(collection: str, files: Sequence[str], say: Texts) -> str:
    """The place for questions to begin with."""
    asked = urlencode({"lang": say.language, "files": ",".join(files)})
    waiting = f'<p class="d-suggest-wait">{say.html("suggest.making")}</p>'
    return f'<div data-suggest="suggestions/start/{quote(collection)}?{escape(asked)}">{waiting}</div>'
