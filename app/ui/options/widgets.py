"""Widgets that show what is kept, also after it was changed elsewhere on the page."""

from __future__ import annotations

import streamlit as st


def following(key: str, value: object) -> str:
    """`key` itself, for a widget that shows `value` until a hand changes it.

    Streamlit remembers what a widget with a key showed, and would show that although a preset, say, has
    changed the value behind it.
    """
    last = f"{key}-follows"
    if key not in st.session_state or st.session_state.get(last) != value:
        st.session_state[key] = value
    st.session_state[last] = value
    return key
