"""The fold in a conversation that shows the summary of all that stands above it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from app.ui.bar_html import icon
from app.ui.safe_markdown import safe_markdown

if TYPE_CHECKING:
    from app.history import Message, Summary
    from app.ui.texts import Texts


def summary_html(message: Message, summary: Summary, say: Texts) -> str:
    """A quiet fold with the text, how it came about, and a button to change it.

    Args:
        message: the last one that the summary covers.
    """
    title = say.html("memory.title" if summary.text else "memory.left_out")
    mark = f' <span class="d-summary-mark">{say.html("memory.edited")}</span>' if summary.edited else ""
    body = safe_markdown(summary.text, {}) if summary.text else ""
    return (
        f'<details class="d-summary"><summary>{icon("history")}<span>{title}</span>{mark}</summary>'
        f'<div class="d-summary-text">{body}</div>'
        f'<p class="d-summary-about">{escape(made_by(summary, say))}</p>'
        f'<button type="button" data-act="summary" data-value="{escape(message.id)}">'
        f"{icon('edit')}<span>{say.html('memory.edit')}</span></button></details>"
    )


def made_by(summary: Summary, say: Texts) -> str:
    """How many messages it stands for, and who wrote it."""
    if summary.edited:
        who = say("memory.by_you")
    elif summary.model:
        who = say("memory.by_model", model=summary.model)
    else:
        who = say("memory.by_sentences")
    return f"{say('memory.covers', count=summary.covers)} {who}"
