"""The sidebar: new conversation, other pages, the list of conversations, the language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.ui import shell
from app.ui.conversations import listing

if TYPE_CHECKING:
    from app.ui.texts import Texts

# Pages beside the chat, each with its icon.
PAGES = {
    "search": ":material/search:",
    "documents": ":material/folder_open:",
    "tables": ":material/table:",
    "prompts": ":material/edit_note:",
    "schemas": ":material/data_object:",
}


def show(page: str) -> None:
    """Draw the sidebar; `page` is the name of the one it stands beside."""
    say = shell.texts()
    _navigation(say, page)
    current = st.query_params.get("c", "") if page == "chat" else ""
    chosen = st.query_params.get("lang", "")
    with st.container(key="conversations", gap=None):
        st.html(listing.now(shell.runtime(), say, current, chosen, shell.timezone()))
    shell.choose_language(_foot(say))


def _foot(say: Texts) -> str:
    """What is needed now and then."""
    acts = (("import", "transfer.open"), ("ratings", "tuning.open"))
    made = "".join(
        f'<button type="button" class="d-link" data-act="{act}" data-value="">{say.html(key)}</button>'
        for act, key in acts
    )
    return f'<p class="d-foot">{made}</p>'


def _navigation(say: Texts, page: str) -> None:
    with st.container(key="nav", gap=None):
        if st.button(
            say("nav.new"), icon=":material/edit_square:", type="tertiary", width="stretch", key="new-chat"
        ):
            shell.go("chat")
        for name, icon in PAGES.items():
            with st.container(key="here" if name == page else f"there-{name}"):
                if st.button(say(f"nav.{name}"), icon=icon, type="tertiary", width="stretch", key=name):
                    shell.go(name)
