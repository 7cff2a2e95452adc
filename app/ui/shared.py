"""A conversation that was shared: read only, as it was then, with its sources and evidence."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from app.errors import NotFoundError
from app.schemas import Role
from app.ui import bar_html, shell, turns, window

if TYPE_CHECKING:
    from app.history import Message, Share
    from app.ui.texts import Texts

ON_QUESTION = ("copy",)
ON_ANSWER = ("copy", "export")


def show(token: str) -> None:
    """Draw what this link leads to; a friendly word where that is nothing any more."""
    say = shell.texts()
    history = shell.runtime().history
    try:
        share = history.shares.find(token)
        ids = [node.id for node in history.tree(share.conversation_id).branch(share.leaf)]
    except NotFoundError:
        shell.note(say.html("share.gone"))
        return
    shown = window.place(ids)
    st.html(_head(share, say))
    if shown.start:
        st.html(bar_html.step("earlier", shown.start, say))
    for message in history.load(ids[shown.start : shown.stop]):
        st.html(_turn(message, say))
    if shown.stop < len(ids):
        st.html(bar_html.step("later", len(ids) - shown.stop, say))
    st.html(bar_html.offers([("adopt", say("share.adopt"))], token))


def _head(share: Share, say: Texts) -> str:
    day = f"{share.created.astimezone(shell.timezone()):%Y-%m-%d}"
    title = escape(share.title or say("chat.untitled"))
    return f'<div class="d-shared"><h1>{title}</h1><p>{say.html("share.read_only", day=day)}</p></div>'


def _turn(message: Message, say: Texts) -> str:
    if message.role is Role.USER:
        body = turns.question_html(message.content, say) + _bar(message, "question", ON_QUESTION, say)
    else:
        body = turns.message_html(message, say) + _bar(message, "answer", ON_ANSWER, say)
    return f'<div class="d-turn" data-message="{escape(message.id)}">{body}</div>'


def _bar(message: Message, kind: str, acts: Iterable[str], say: Texts) -> str:
    if not message.content.strip():
        return ""
    buttons = "".join(bar_html.button(act, message.id, say, text=message.content) for act in acts)
    label = say.html(f"bar.of_{kind}")
    return f'<div class="d-bar d-bar-{kind}" role="group" aria-label="{label}">{buttons}</div>'
