"""The sidebar: new conversation, other pages, the list of conversations, the language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.ui import bridge, shell
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
        _button(say, "new", ":material/edit_square:", key="new-chat", act="new")
        for name, icon in PAGES.items():
            with st.container(key="here" if name == page else f"there-{name}"):
                _button(say, name, icon, key=name, act="page", value=name)


def _button(say: Texts, name: str, icon: str, *, key: str, act: str, value: str = "") -> None:
    """It posts an action: a run that is broken off would forget that the button was clicked."""
    st.button(
        say(f"nav.{name}"),
        icon=icon,
        type="tertiary",
        width="stretch",
        key=key,
        on_click=bridge.post,
        args=(act, value),
    )
