"""Texts that people write in the language of the page, beside those in the other language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prompts.library import Words

if TYPE_CHECKING:
    from app.ui.texts import Texts


def said(given: object, say: Texts) -> str:
    """A text of a draft in the language of the page."""
    try:
        return Words.model_validate(given or "")[say.language]
    except ValueError:
        return ""


def both(given: object, typed: str, say: Texts) -> object:
    """What was typed; the other language keeps what it had of its own."""
    if isinstance(given, dict) and given.get("en") != given.get("ko"):
        return {**given, say.language: typed}
    return typed
