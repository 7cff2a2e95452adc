"""The script that `launch.command` starts: the pages with what the server adds around them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from starlette.middleware import Middleware

from app.ui import assets
from app.ui.conversations import routes as conversations
from app.ui.first_page import BrowserRules, FirstPage
from app.ui.live import routes as live
from app.ui.viewer import routes as viewer

if TYPE_CHECKING:
    from app.runtime import Runtime


def _runtime() -> Runtime:
    """The one that the pages work with; the first of both to need it makes it."""
    from app.ui import shell

    return shell.runtime()


_BASE = str(st.get_option("server.baseUrlPath") or "")

app = st.App(
    Path(__file__).with_name("main.py"),
    routes=[
        *assets.routes(_BASE),
        *live.routes(_runtime, _BASE),
        *conversations.routes(_runtime, _BASE),
        *viewer.routes(_runtime, _BASE),
    ],
    middleware=[Middleware(BrowserRules), Middleware(FirstPage)],
)
