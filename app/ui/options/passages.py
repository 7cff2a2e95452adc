"""How many passages an answer may stand on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.ui.options.widgets import following

if TYPE_CHECKING:
    from app.ui.options.values import Options
    from app.ui.texts import Texts

MOST_PASSAGES = 20


def section(current: Options, key: str, say: Texts) -> Options:
    top_k = st.slider(
        say("options.top_k"),
        1,
        max(MOST_PASSAGES, current.top_k),
        current.top_k,
        help=say("options.top_k_help"),
        key=following(f"top-k-{key}", current.top_k),
    )
    return current.model_copy(update={"top_k": top_k})
