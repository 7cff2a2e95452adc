"""What a checker of accessibility, axe-core, finds on a page."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SERIOUS = {"serious", "critical"}


def findings(page: Page, within: str | None = None) -> list[str]:
    """Rule and first place of what is serious.

    Args:
        within: a selector; None looks at the whole page.
    """
    found = Axe().run(page, within, {"resultTypes": ["violations"]}).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in SERIOUS]
