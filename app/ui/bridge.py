"""The bridge between the page's own HTML and the script that draws it: what was clicked arrives as an Action.

An element with `data-act="name"` and `data-value="value"` is a button; `scripts/docent.js` carries the click
here, and `app.ui.actions` does what it asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

POSTED = "posted-action"

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


def show(data: Mapping[str, Any]) -> Action | None:
    """Mount the bridge, and take what came over it since the last time.

    Args:
        data: what the browser's side is told; JSON, found there as `docent.data`.
    """
    with st.container(key="bridge"):
        told = _component()(key="docent", data=dict(data), on_act_change=_nothing)
    act = st.session_state.pop(POSTED, None) or told.get("act")
    if not isinstance(act, Mapping) or not isinstance(act.get("name"), str):
        return None
    return Action(act["name"], str(act.get("value", "")), str(act.get("early", "")))


def post(name: str, value: str = "") -> None:
    """Have an action done by the next run, as if it had been clicked."""
    st.session_state[POSTED] = {"name": name, "value": value}


def _nothing() -> None:
    """Without a callback, a trigger is not told of."""


@st.cache_resource(show_spinner=False)
def _component() -> Any:
    return st.components.v2.component("docent-bridge", js=_SCRIPT)
