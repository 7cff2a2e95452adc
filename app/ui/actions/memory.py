"""Changing the summary of earlier turns: in other words, as it was, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.errors import DocentError, NotFoundError
from app.ui import shell
from app.ui.actions.answers import options_of
from app.ui.summary_html import made_by

if TYPE_CHECKING:
    from app.history import Summary

_LONGEST = 20_000


def summary(message_id: str) -> None:
    """Open the summary that ends with this message.

    Raises:
        NotFoundError: there is none.
    """
    runtime, say = shell.runtime(), shell.texts()
    conversation = runtime.history.message(message_id).conversation_id
    found = runtime.memory.summary([message_id], options_of(conversation).mode)
    if found is None:
        raise NotFoundError(f"The message {message_id!r} has no summary.")

    @st.dialog(say("memory.title"), width="medium")
    def dialog() -> None:
        st.html(f'<p class="d-hint-line">{say.html("memory.about")}</p>')
        text = st.text_area(
            say("memory.label"), found.text, max_chars=_LONGEST, height=260, key=f"summary-{message_id}"
        )
        st.caption(shell.plain(made_by(found, say)))
        with st.container(horizontal=True, gap="small"):
            if st.button(say("common.save"), type="primary"):
                _keep(found, text)
            if found.edited and st.button(say("memory.restore")):
                _keep(found, None)
            if found.text and st.button(say("memory.leave_out"), type="tertiary"):
                _keep(found, "")

    dialog()


def _keep(found: Summary, words: str | None) -> None:
    """What the user chose; what cannot be kept is told in the dialog, which stays open."""
    if words is not None and words.strip() == found.text.strip():
        st.rerun()
    try:
        shell.runtime().memory.edit(found, words)
    except DocentError as error:
        shell.error_card(error)
        return
    st.rerun()
