"""The bridge between the page's own HTML and the script that draws it: what was clicked arrives as an Action.

An element with `data-act="name"` and `data-value="value"` is a button; `scripts/docent.js` carries the click
here, and `app.ui.actions` does what it asks for. No click is lost and none is done twice, though Streamlit
breaks a run off, and forgets what began it, when the next request comes: the browser numbers its clicks,
sends one at a time until it is told that it was heard, and the next when the page was drawn after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

WAITING = "waiting-actions"
_HEARD = "heard-click"
_DRAWN = "pages-drawn"

# A line break tells the framework that this is no name of a file.
_SCRIPT = "export default (component) =>\n  window.docent?.connect(component);"


@dataclass(frozen=True, slots=True)
class Action:
    """What was clicked; all of it may be forged.

    Attributes:
        value: mostly the id of a message or a conversation.
        early: the conversation that a question made past the page's script; the page is to be that one's.
    """

    name: str
    value: str = ""
    early: str = ""


def show(data: Mapping[str, Any]) -> None:
    """Mount the bridge, and note what came over it since the last time.

    Args:
        data: what the browser's side is told; JSON, found there as `docent.data`.
    """
    with st.container(key="bridge"):
        _hear(_component()(key="docent", data=dict(data), on_act_change=_nothing).get("act"))
        # Said before anything is done or drawn, which may take long.
        st.html(f'<i data-heard="{st.session_state.get(_HEARD, 0)}"></i>')


def _hear(click: object) -> None:
    n = click.get("n") if isinstance(click, Mapping) else None
    if not isinstance(click, Mapping) or not isinstance(n, int) or n <= st.session_state.get(_HEARD, 0):
        return
    st.session_state[_HEARD] = n
    post(*(str(click.get(part, "")) for part in ("name", "value", "early")))


def take() -> Action | None:
    """The first action that waits; each is to be done on a page that was drawn after the one before."""
    waiting = st.session_state.get(WAITING)
    return waiting.pop(0) if waiting else None


def is_waiting() -> bool:
    """Whether there is more to do."""
    return bool(st.session_state.get(WAITING))


def post(name: str, value: str = "", early: str = "") -> None:
    """Have an action done by the next run, or later in this one, as if it had been clicked."""
    st.session_state.setdefault(WAITING, []).append(Action(name, value, early))


def drawn() -> None:
    """Tell the browser's side that the page is there as the last click wants it."""
    st.session_state[_DRAWN] = count = st.session_state.get(_DRAWN, 0) + 1
    with st.container(key="drawn"):
        st.html(f'<i data-drawn="{count}"></i>')


def _nothing() -> None:
    """Without a callback, a trigger is not told of."""


@st.cache_resource(show_spinner=False)
def _component() -> Any:
    return st.components.v2.component("docent-bridge", js=_SCRIPT)
