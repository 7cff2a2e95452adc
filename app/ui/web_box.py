"""Adding web pages in the browser: an address, and how far to go from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.errors import UsageError
from app.ui import shell

if TYPE_CHECKING:
    from app.ui.texts import Texts

_DEEPEST = 5
_MOST_PAGES = 2000


def show(collection: str) -> None:
    """A field for the address, folded away until somebody wants it."""
    say = shell.texts()
    with st.expander(say("web.title"), icon=":material/language:"), st.form("web", border=False):
        address = st.text_input(
            say("web.address"), placeholder="https://example.org/handbook/", key="web-address"
        )
        depth, pages = _limits(say)
        sent = st.form_submit_button(say("web.add"))
    if sent and address.strip():
        _start(address, depth, pages, collection)


def _limits(say: Texts) -> tuple[int, int]:
    from ingest.web import MOST_PAGES

    left, right = st.columns(2)
    depth = left.number_input(
        say("web.depth"),
        min_value=0,
        max_value=_DEEPEST,
        value=0,
        help=say("web.depth_help"),
        key="web-depth",
    )
    pages = right.number_input(
        say("web.pages"), min_value=1, max_value=_MOST_PAGES, value=MOST_PAGES, key="web-pages"
    )
    return int(depth), int(pages)


def _start(address: str, depth: int, pages: int, collection: str) -> None:
    from ingest.web import Site

    try:
        site = Site.of(address if "://" in address else f"https://{address.strip()}", depth, pages)
    except UsageError as error:
        shell.error_card(error)
        return
    shell.indexing().start([site], collection)
    st.rerun()
