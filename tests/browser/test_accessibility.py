"""What a checker of accessibility finds on each page: axe-core, in light and dark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from support.accessible import findings

from app.config import load_settings
from app.runtime import build

pytestmark = pytest.mark.browser

Serve = Callable[..., str]
Open = Callable[..., Page]


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_no_page_has_a_serious_finding(serve: Serve, open_page: Open, tmp_path: Path, scheme: str):
    (tmp_path / "handbook.md").write_text("# Leave\n\nEvery employee has 25 days of paid leave a year.\n")
    with build(load_settings(data_dir=tmp_path / "data")) as runtime:
        runtime.ingest([tmp_path / "handbook.md"])
    page = open_page(color_scheme=scheme)
    address = serve()
    page.goto(address)
    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    assert findings(page) == []

    page.get_by_test_id("stChatInputTextArea").fill("How many days of paid leave are there?")
    page.get_by_test_id("stChatInputTextArea").press("Enter")
    expect(page.locator(".d-facts")).to_be_visible()
    page.locator(".d-source summary").click()
    assert findings(page) == []

    page.locator(".d-turn").first.hover()
    page.get_by_role("button", name="Edit and ask again").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert findings(page) == []

    for name in ("documents", "search"):
        page.goto(f"{address}/{name}")
        expect(page.locator(".d-title")).to_be_visible()
        assert findings(page) == []
