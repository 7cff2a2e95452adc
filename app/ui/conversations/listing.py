"""The list of conversations as it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.ui.conversations.list_html import Look, list_html
from app.ui.texts import LANGUAGES

if TYPE_CHECKING:
    from datetime import tzinfo

    from app.runtime import Runtime
    from app.ui.texts import Texts

MOST = 500
"""How many conversations are listed; older ones are found by searching."""


def now(runtime: Runtime, say: Texts, current: str, chosen: str, zone: tzinfo | None) -> str:
    """HTML; see `Look` for what is given, which may be anything."""
    # The jobs are asked for first: what ends in between is a conversation without a dot.
    busy = runtime.jobs.busy()
    held = runtime.history.listed(MOST + 1)
    look = Look(say, current, busy, chosen if chosen in LANGUAGES else "", zone, is_cut=len(held) > MOST)
    return list_html(held[:MOST], look)
