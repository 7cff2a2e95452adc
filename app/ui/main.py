"""The script that Streamlit runs at each interaction: frame, navigation and error boundary."""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib import import_module

import streamlit as st

from app.ui import actions, bridge, shell, sidebar
from app.ui.page_data import page_data

log = logging.getLogger(__name__)


def main() -> None:
    st.set_page_config(page_title="Docent", page_icon=str(shell.LOGO), layout="centered")
    st.logo(str(shell.LOGO))
    try:
        _page()
    except Exception as error:
        log.warning("a page failed", exc_info=True)
        shell.error_card(error)
    bridge.drawn()


def _page() -> None:
    shell.settle_address()
    say = shell.texts()
    pages = {
        "chat": st.Page(_show("chat"), title="Docent", default=True),
        "documents": st.Page(
            _show("documents"), title=f"{say('nav.documents')} · Docent", url_path="documents"
        ),
        "search": st.Page(_show("search"), title=f"{say('nav.search')} · Docent", url_path="search"),
        "prompts": st.Page(_show("prompts"), title=f"{say('nav.prompts')} · Docent", url_path="prompts"),
        "tables": st.Page(_show("tables"), title=f"{say('nav.tables')} · Docent", url_path="tables"),
        "schemas": st.Page(_show("schemas"), title=f"{say('nav.schemas')} · Docent", url_path="schemas"),
    }
    st.session_state["pages"] = pages
    page = st.navigation(list(pages.values()), position="hidden")
    shell.styles()
    bridge.show(page_data(say, pages))
    shell.show_callback_error()
    if (action := bridge.take()) is not None:
        actions.perform(action)
    with st.sidebar:
        sidebar.show(next((name for name, one in pages.items() if one is page), "chat"))
    page.run()
    if bridge.is_waiting():
        st.rerun()


def _show(name: str) -> Callable[[], None]:
    """A page that is read when it is first visited."""

    def show() -> None:
        import_module(f"app.ui.{name}_page").show()

    return show


main()
