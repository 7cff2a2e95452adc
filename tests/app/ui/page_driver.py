"""Reading and running the pages in tests."""

from __future__ import annotations

import time
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

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
