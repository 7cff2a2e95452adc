"""The part of a long conversation that is on the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

SIZE = 30
"""How many messages are shown at first, and how many more each time."""

_BEFORE = 6  # messages above one that the address leads to


@dataclass(frozen=True, slots=True)
class Window:
    """Messages `start` up to, but not with, `stop` of a branch.

    Attributes:
        branch: the id of the branch's first message and where it leads; another one is seen from its end.
    """

    branch: str
    start: int
    stop: int


def first(ids: Sequence[str], at: str | None = None) -> Window:
    """The last ones, or those around `at`."""
    branch, count = f"{ids[0] if ids else ''} {at or ''}", len(ids)
    if at is not None and at in ids:
        start = max(0, list(ids).index(at) - _BEFORE)
        return Window(branch, start, min(count, start + SIZE))
    return Window(branch, max(0, count - SIZE), count)


def place(ids: Sequence[str], at: str | None = None) -> Window:
    """What of these messages is to be shown: the last ones, those around `at`, or where the reader went."""
    kept, found, count = st.session_state.get("window"), first(ids, at), len(ids)
    if isinstance(kept, Window) and kept.branch == found.branch and kept.stop <= count:
        # New messages at the end of what is shown are shown too.
        was_at_end = st.session_state.get("window-of") == kept.stop
        found = Window(kept.branch, kept.start, count) if was_at_end else kept
    st.session_state["window"], st.session_state["window-of"] = found, count
    return found


def move(by: int) -> None:
    """Show more: before what is shown (-1), or after it (+1)."""
    kept = st.session_state.get("window")
    if not isinstance(kept, Window):
        return
    start = max(0, kept.start - SIZE) if by < 0 else kept.start
    stop = kept.stop if by < 0 else min(st.session_state["window-of"], kept.stop + SIZE)
    st.session_state["window"] = Window(kept.branch, start, stop)
