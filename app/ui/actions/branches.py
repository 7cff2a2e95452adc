"""Moving in a conversation: other versions of a message, an edited question, what came before and after."""

from __future__ import annotations

import streamlit as st

from app.errors import UsageError
from app.schemas import Role
from app.ui import asking, shell, window
from app.ui.actions.answers import options_of


def version(message_id: str) -> None:
    """Show the branch through this message."""
    history = shell.runtime().history
    message = history.message(message_id)
    history.show(message.conversation_id, message_id)


def edit(message_id: str) -> None:
    """Ask a question in other words; the conversation goes on from there, and the old branch stays."""
    message = shell.runtime().history.message(message_id)
    if message.role is not Role.USER:
        raise UsageError("Only a question can be edited.")
    say = shell.texts()

    @st.dialog(say("edit.title"), width="medium")
    def dialog() -> None:
        with st.form("edit", border=False):
            text = st.text_area(say("edit.label"), message.content, max_chars=asking.LONGEST_QUESTION)
            st.html(f'<p class="d-hint-line">{say.html("edit.hint")}</p>')
            if st.form_submit_button(say("edit.ask"), type="primary") and text.strip():
                asking.edited(message, text, options_of(message.conversation_id))
                st.rerun()

    dialog()


def earlier(_: str) -> None:
    window.move(-1)


def later(_: str) -> None:
    window.move(+1)
