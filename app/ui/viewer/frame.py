"""The frame around everything that the viewer shows, and its error pages."""

from __future__ import annotations

import hashlib
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from app.ui.assets import colours

if TYPE_CHECKING:
    from app.ui.texts import Texts

FOLDER = Path(__file__).parent
STYLE, SCRIPT = "viewer.css", "viewer.js"

POLICY = "; ".join(
    (
        "default-src 'none'",
        "img-src 'self' data:",
        "style-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
"""Nothing from elsewhere, and no script but ours: what a document smuggles in does not run."""


def page(title: str, body: str, up: str, say: Texts, kind: str) -> str:
    """A whole page.

    Args:
        title: plain text, for the tab.
        body: HTML.
        up: leads from the page's address to the folder of the viewer, such as "../".
        kind: "pdf", "text" or "trouble".
    """
    return (
        f'<!DOCTYPE html>\n<html lang="{say.language}" data-kind="{kind}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">'
        f"<title>{escape(title)} · Docent</title>"
        f'<link rel="stylesheet" href="{up}assets/{STYLE}?{version()}">'
        f'<script src="{up}assets/{SCRIPT}?{version()}" defer></script></head>'
        f"<body>{body}</body></html>\n"
    )


def trouble(title: str, text: str, up: str, say: Texts) -> str:
    """A page that says why there is nothing to see, and leads back to the chat."""
    body = (
        f'<main class="trouble"><h1>{escape(title)}</h1><p>{escape(text)}</p>'
        f'<p class="only-alone"><a class="button" href="{up}../">{say.html("viewer.home")}</a></p></main>'
    )
    return page(title, body, up, say, "trouble")


def note(text: str, kind: str = "") -> str:
    """A quiet box; `text` is HTML of our own making."""
    return f'<div class="note {kind}" role="note">{text}</div>'


@cache
def asset(name: str) -> str:
    """The style sheet, below the colours of the other pages, or the script."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    if name != STYLE:
        return text
    return colours() + text


@cache
def version() -> str:
    """Changes with the assets, so that browsers may keep them."""
    return hashlib.sha256((asset(STYLE) + asset(SCRIPT)).encode()).hexdigest()[:12]
