"""The next question may be asked in several ways: a button and a line at the composer."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from app.ui import bar_html, compare, shell
from app.ui.actions.answers import options_of
from app.ui.options import Options
from app.ui.variations.start import start

if TYPE_CHECKING:
    from app.history import Message
    from app.ui.texts import Texts
    from app.ui.variations.plan import Plan

NEW = "new"
"""In place of the id of a conversation that is not begun yet."""

_HELD = "next-question"


def hold(key: str, plan: Plan) -> None:
    """Ask the next question so.

    Args:
        key: id of the conversation, or `NEW`.
    """
    st.session_state[_HELD] = key, plan


def forget() -> None:
    st.session_state.pop(_HELD, None)


def is_held(key: str) -> bool:
    """Whether the next question of this conversation is asked in several ways."""
    return _held(key) is not None


def begin(key: str) -> Callable[[Message, Options], object] | None:
    """How the next question of this conversation is to be answered; None is once, as usual."""
    plan = _held(key)
    if plan is None:
        return None

    def begin_(asked: Message, options: Options) -> None:
        start(asked, plan, options)
        compare.open_(asked.id)

    return begin_


def options(key: str) -> Options:
    """What the next question of this conversation is asked with.

    Raises:
        NotFoundError: there is no such conversation.
    """
    if key != NEW:
        return options_of(key)
    return st.session_state.get("options") or Options.initial(shell.runtime().settings)


def button(key: str, say: Texts) -> None:
    """Below the composer: opens the dialog that asks in which ways."""
    told = escape(say("variations.next"))
    st.html(
        f'<button type="button" class="d-act" data-act="several" data-value="{escape(key)}" '
        f'aria-label="{told}" title="{told}">{bar_html.icon("splitscreen_right")}</button>',
        width="content",
    )


def show(key: str, say: Texts) -> None:
    """Above the composer: that the next question is asked in several ways, and which."""
    plan = _held(key)
    if plan is None:
        return
    told = say("variations.dismiss")
    st.html(
        f'<p class="d-next" role="status">{bar_html.icon("splitscreen_right")}'
        f"<span>{say.html('variations.waiting', plan=plan.label(say))}</span>"
        f'<button type="button" data-act="one-answer" aria-label="{escape(told)}" title="{escape(told)}">'
        f"{bar_html.icon('close')}</button></p>"
    )


def _held(key: str) -> Plan | None:
    here, plan = st.session_state.get(_HELD, ("", None))
    return plan if here == key else None
