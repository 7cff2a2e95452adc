"""The health of a collection on the documents page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.ui import shell
from app.ui.health_html import CSS, document, sections
from ingest.health import health

if TYPE_CHECKING:
    from app.ui.texts import Texts

_TABS = {"files": "health.tab_files", "health": "health.tab"}


def is_chosen(say: Texts) -> bool:
    """Let people choose between the files and their health; whether it is the latter."""
    chosen = st.segmented_control(
        say("health.view"),
        list(_TABS),
        default="files",
        format_func=lambda tab: say(_TABS[tab]),
        label_visibility="collapsed",
        required=True,
        key="documents-view",
    )
    return chosen == "health"


def show(collection: str, say: Texts) -> None:
    """The report, and a button that saves it."""
    found = health(shell.runtime().collection(collection))
    st.html(CSS)
    st.html(sections(found, say, shell.timezone()))
    st.download_button(
        say("health.save"),
        document(found, say),
        file_name=f"{collection}.html",
        mime="text/html",
        icon=":material/download:",
        on_click="ignore",
        key="health-save",
    )
