"""Widgets that show what is kept, also after it was changed elsewhere on the page."""

from __future__ import annotations

import streamlit as st


def following(key: str, value: object) -> str:
    """The key for a widget that is drawn with `value`: another one after something else has changed that.

    Streamlit remembers by its key what a widget showed, and would go on showing it after a preset, say, has
    changed the value behind it. To write to that memory instead does not do: a widget in a closed popover
    would not learn of it, and tell its oldest value when it is opened.
    """
    last, number = st.session_state.get(f"{key}-drawn", (value, 0))
    shown = st.session_state.get(_named(key, number), value)
    if value not in (last, shown):
        number += 1
    st.session_state[f"{key}-drawn"] = value, number
    return _named(key, number)


def _named(key: str, number: int) -> str:
    return f"{key}-{number}" if number else key
