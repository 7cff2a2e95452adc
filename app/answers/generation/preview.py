"""An object that is still being written, as far as it goes: for showing only, because the rest is guessed."""

from __future__ import annotations

from typing import Any


def preview(text: str) -> dict[str, Any]:
    """The object so far; empty where there is none yet."""
    from langchain_core.utils.json import parse_partial_json

    start = text.find("{")
    if start < 0:
        return {}
    try:
        found = parse_partial_json(text[start:])
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
