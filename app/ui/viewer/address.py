"""Addresses of the viewer: relative, so that they hold below whatever path the chat is served at."""

from __future__ import annotations

from urllib.parse import quote

from app.language import Language
from app.originals.originals import CITED, Among


def address(message_id: str, n: int, language: Language, *, among: Among = CITED) -> str:
    """Of what the mark `[n]` of an answer points to.

    Args:
        message_id: or the name of a table.
        among: see `Originals.cited`.
    """
    place = f"{n}" if among == CITED else f"{among}/{n}"
    return f"source/{quote(message_id, safe='')}/{place}?lang={language}"
