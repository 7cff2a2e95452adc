"""The sidebar: new conversation, documents, the list of conversations by day, the language."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from itertools import groupby
from typing import TYPE_CHECKING

import streamlit as st

from app.ui import export_box, shell

if TYPE_CHECKING:
    from app.history import Conversation
    from app.ui.texts import Texts

ROWS = 40
"""How many conversations are listed at first, and how many more each time."""

# Days ago, at most -> the heading; what is older comes under nav.older.
_AGES = ((0, "nav.today"), (1, "nav.yesterday"), (7, "nav.week"), (30, "nav.month"))


# Pages beside the chat, each with its icon.
_PAGES = {"search": ":material/search:", "documents": ":material/folder_open:"}


def show(page: str) -> None:
    """Draw the sidebar; `page` is the name of the one it stands beside."""
    say = shell.texts()
    _navigation(say, page)
    current = st.query_params.get("c") if page == "chat" else None
    with st.container(key="conversations", gap=None):
        _conversations(say, current)
    shell.choose_language()


def _navigation(say: Texts, page: str) -> None:
    with st.container(key="nav", gap=None):
        if st.button(
            say("nav.new"), icon=":material/edit_square:", type="tertiary", width="stretch", key="new-chat"
        ):
            shell.go("chat")
        for name, icon in _PAGES.items():
            with st.container(key="here" if name == page else f"there-{name}"):
                if st.button(say(f"nav.{name}"), icon=icon, type="tertiary", width="stretch", key=name):
                    shell.go(name)


def _conversations(say: Texts, current: str | None) -> None:
    limit = st.session_state.setdefault("conversations-shown", ROWS)
    found = shell.runtime().history.conversations(limit=limit + 1)
    if not found:
        st.html(f'<p class="d-none">{say.html("nav.empty")}</p>')
    zone = shell.timezone()
    today = datetime.now(zone).date()
    for heading, group in groupby(found[:limit], lambda c: age(c.updated, today, zone)):
        st.html(f'<p class="d-day">{say.html(heading)}</p>')
        for conversation in group:
            _row(conversation, say, conversation.id == current)
    if len(found) > limit and st.button(say("nav.more"), type="tertiary", key="more"):
        st.session_state["conversations-shown"] = limit + ROWS
        st.rerun()


def age(moment: datetime, today: date, zone: tzinfo | None) -> str:
    """The key of the heading that a conversation of this moment comes under."""
    days = (today - moment.astimezone(zone).date()) // timedelta(days=1)
    return next((heading for most, heading in _AGES if days <= most), "nav.older")


def _row(conversation: Conversation, say: Texts, is_current: bool) -> None:
    title = conversation.title or say("chat.untitled")
    if not is_current:
        _open_button(conversation, title)
        return
    with st.container(key="current", horizontal=True, vertical_alignment="center", gap=None):
        _open_button(conversation, title)
        action = st.menu_button(
            say("nav.actions"),
            ["rename", "export", "delete"],
            format_func=lambda name: say(f"nav.{name}"),
            type="tertiary",
            icon=":material/more_horiz:",
            key=f"menu-{conversation.id}",
        )
    if action == "rename":
        _rename(conversation, say)
    elif action == "export":
        export_box.conversation_dialog(conversation, say)
    elif action == "delete":
        _delete(conversation, say)


def _open_button(conversation: Conversation, title: str) -> None:
    if st.button(shell.plain(title), type="tertiary", width="stretch", key=f"open-{conversation.id}"):
        shell.go("chat", c=conversation.id)


def _rename(conversation: Conversation, say: Texts) -> None:
    @st.dialog(say("nav.rename_title"))
    def dialog() -> None:
        with st.form("rename", border=False):
            title = st.text_input(say("nav.rename_label"), conversation.title, max_chars=80)
            if st.form_submit_button(say("common.save"), type="primary") and title.strip():
                shell.runtime().history.rename(conversation.id, title)
                st.rerun()

    dialog()


def _delete(conversation: Conversation, say: Texts) -> None:
    @st.dialog(say("nav.delete_title"))
    def dialog() -> None:
        st.html(f"<p>{say.html('nav.delete_ask', title=conversation.title)}</p>")
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button(say("common.cancel"), key="cancel-delete"):
                st.rerun()
            if st.button(say("nav.delete"), type="primary", key="confirm-delete"):
                _forget(conversation)
                shell.go("chat")

    dialog()


def _forget(conversation: Conversation) -> None:
    """Delete it, with the answer that may be under way."""
    for job in shell.runtime().jobs.running(conversation.id):
        job.cancel()
    shell.runtime().history.delete(conversation.id)
