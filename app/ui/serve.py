"""The script that `launch.command` starts: the pages with what the server adds around them."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import streamlit as st
from starlette.datastructures import Headers
from starlette.middleware import Middleware

from app.ui import assets, document_routes, probes
from app.ui.conversations import routes as conversations
from app.ui.ending import Ending
from app.ui.first_page import BrowserRules, FirstPage
from app.ui.live import ask
from app.ui.live import routes as live
from app.ui.viewer import routes as viewer

if TYPE_CHECKING:
    from starlette.types import Scope

    from app.runtime import Runtime
    from app.ui.indexing import Indexing
    from app.ui.suggesting import Suggestions


log = logging.getLogger(__name__)


def _runtime() -> Runtime:
    """The one that the pages work with; the first of both to need it makes it."""
    from app.ui import shell

    return shell.runtime()


def _indexing() -> Indexing:
    from app.ui import shell

    return shell.indexing()


def _suggestions() -> Suggestions:
    from app.ui import shell

    return shell.suggestions()


def _early(scope: Scope) -> str:
    """The chat before the framework has drawn it; where that fails, the framework draws it all the same."""
    from app.ui.early_html import early_html

    if scope["path"].strip("/") != _BASE.strip("/"):
        return ""
    asked = dict(parse_qsl(scope["query_string"].decode("latin-1")))
    try:
        return early_html(_runtime(), asked, Headers(scope=scope).get("accept-language"))
    except Exception:
        log.warning("the page could not be made early", exc_info=True)
        return ""


_BASE = str(st.get_option("server.baseUrlPath") or "")

_ending = Ending(_runtime)

app = st.App(
    Path(__file__).with_name("main.py"),
    lifespan=_ending.lifespan,
    routes=[
        *probes.routes(_runtime, _ending.is_near, _BASE),
        *assets.routes(_BASE),
        *live.routes(_runtime, _BASE),
        *ask.routes(_BASE),
        *conversations.routes(_runtime, _BASE),
        *viewer.routes(_runtime, _BASE),
        *document_routes.routes(_runtime, _indexing, _suggestions, _ending.is_near, _BASE),
    ],
    middleware=[Middleware(BrowserRules), Middleware(FirstPage, early=_early)],
)
