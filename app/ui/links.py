"""Links out of the pages: only to web addresses, in a tab of their own."""

from __future__ import annotations

from html import escape

_SCHEMES = ("https://", "http://")


def is_address(source: str) -> bool:
    """Whether a source is a page of the web; anything else is a file."""
    return source.startswith(_SCHEMES)


def linked(source: str, text: str) -> str:
    """HTML of `text` (plain), as a link where the source is a page of the web."""
    if not is_address(source):
        return escape(text)
    return f'<a href="{escape(source)}" target="_blank" rel="noopener noreferrer">{escape(text)}</a>'
