"""Addresses of the viewer: relative, so that they hold below whatever path the chat is served at."""

from __future__ import annotations

from app.language import Language


def address(message_id: str, n: int, language: Language, *, closest: bool = False) -> str:
    """Of what the mark `[n]` of an answer points to.

    Args:
        closest: the n-th of the closest passages that a refusal names, instead.
    """
    place = f"closest/{n}" if closest else f"{n}"
    return f"source/{message_id}/{place}?lang={language}"
