"""Reading and running the pages in tests."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from app.ui.bridge import WAITING, Action

Visit = Callable[..., AppTest]
"""Opens the pages; its keywords are query parameters."""


def html(page: AppTest) -> str:
    """All HTML of the page, in order."""
    return "\n".join(element.proto.body for element in page.get("html"))


def until(page: AppTest, text: str) -> str:
    """Run the page until it shows `text`."""
    deadline = time.monotonic() + 15
    while text not in html(page) and time.monotonic() < deadline:
        page.run()
    assert text in html(page)
    return html(page)


def act(page: AppTest, name: str, value: str = "") -> AppTest:
    """Click a button of the page's own HTML."""
    assert f'data-act="{name}"' in html(page)
    return post(page, name, value or value_of(page, name))


def post(page: AppTest, name: str, value: str = "") -> AppTest:
    """Have something done that this page has no button for."""
    page.session_state[WAITING] = [Action(name, value)]
    return page.run()


def value_of(page: AppTest, name: str) -> str:
    """The value of the last such button."""
    return re.findall(rf'data-act="{name}" data-value="([^"]*)"', html(page))[-1]
