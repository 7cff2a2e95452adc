"""What is done with conversations: open, rename, pin, put into a folder, delete and bring back."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from app.ui import export_box, shell
from app.ui.texts import LANGUAGES

if TYPE_CHECKING:
    from app.ui.texts import Texts


def new(_: str) -> None:
    """An empty chat."""
    shell.go("chat")


def page(name: str) -> None:
    """Another page."""
    if name in st.session_state["pages"]:
        shell.go(name)


def open_(place: str) -> None:
    """A conversation; "CONVERSATION MESSAGE" opens it at a message, whichever branch that is on."""
    conversation, _, message = place.partition(" ")
    if not message:
        shell.go("chat", c=conversation)
    shell.runtime().history.show(conversation, message)
    shell.go("chat", c=conversation, m=message)


def language(code: str) -> None:
    """Show the pages in this language from now on."""
    if code in LANGUAGES:
        st.query_params["lang"] = code
        st.session_state["language-choice"] = code
        st.rerun()


def rename(conversation_id: str) -> None:
    conversation = shell.runtime().history.conversation(conversation_id)
    say = shell.texts()

    @st.dialog(say("nav.rename_title"))
    def dialog() -> None:
        with st.form("rename", border=False):
            title = st.text_input(say("nav.rename_label"), conversation.title, max_chars=80)
            if st.form_submit_button(say("common.save"), type="primary") and title.strip():
                shell.runtime().history.rename(conversation.id, title)
                st.rerun()

    dialog()


def pin(conversation_id: str) -> None:
    """Keep it above the others, or no longer."""
    history = shell.runtime().history
    history.pin(conversation_id, not history.conversation(conversation_id).pinned)


def move(conversation_id: str) -> None:
    """Ask for the folder, and put it there."""
    history, say = shell.runtime().history, shell.texts()
    conversation = history.conversation(conversation_id)

    @st.dialog(say("conversations.move_title"))
    def dialog() -> None:
        with st.form("move", border=False):
            # An empty choice takes it out of its folder.
            folders = history.folders()
            folder = st.selectbox(
                say("conversations.folder"),
                folders,
                index=folders.index(conversation.folder) if conversation.folder else None,
                placeholder=say("conversations.folder_hint"),
                accept_new_options=True,
            )
            st.html(f'<p class="d-hint-line">{say.html("conversations.move_hint")}</p>')
            if st.form_submit_button(say("common.save"), type="primary"):
                history.move(conversation.id, folder or "")
                st.rerun()

    dialog()


def export(conversation_id: str) -> None:
    """Open the downloads of a conversation."""
    conversation = shell.runtime().history.conversation(conversation_id)
    export_box.conversation_dialog(conversation, shell.texts())


def delete(conversation_id: str) -> None:
    """Put it away, with the answers that are under way; the browser offers to undo it."""
    for job in shell.runtime().jobs.running(conversation_id):
        job.cancel()
    shell.runtime().history.delete(conversation_id)
    if st.query_params.get("c") == conversation_id:
        shell.go("chat")


def restore(place: str) -> None:
    """Bring it back; "CONVERSATION open" opens it, too."""
    conversation, _, opened = place.partition(" ")
    shell.runtime().history.restore(conversation)
    if opened:
        shell.go("chat", c=conversation)


def deleted(_: str) -> None:
    """A list of what can be brought back."""
    say = shell.texts()

    @st.dialog(say("command.deleted"))
    def dialog() -> None:
        st.html(_deleted_html(say))

    dialog()


def _deleted_html(say: Texts) -> str:
    from app.history import KEPT_DAYS

    gone = shell.runtime().history.deleted()
    if not gone:
        return f'<p class="d-said">{say.html("conversations.none_deleted", days=KEPT_DAYS)}</p>'
    rows = "".join(
        f'<li><span class="d-row-title">{escape(one.title or say("chat.untitled"))}</span>'
        f'<button type="button" class="d-back" data-act="restore" data-value="{escape(one.id)} open">'
        f"{say.html('conversations.restore')}</button></li>"
        for one in gone
    )
    about = say.html("conversations.deleted_hint", days=KEPT_DAYS)
    return f'<p class="d-said">{about}</p><ul class="d-deleted">{rows}</ul>'
