"""Thumbs below an answer, and what is said beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.errors import UsageError
from app.history import REASONS, Verdict
from app.history.feedback import LONGEST_CORRECTION, LONGEST_WORDS
from app.schemas import Role
from app.ui import shell

if TYPE_CHECKING:
    from app.history import Message, Rating


def good(message_id: str) -> None:
    """Thumb up; once more takes it back."""
    _toggle(message_id, Verdict.GOOD)


def bad(message_id: str) -> None:
    """Thumb down, and the question why; once more takes it back."""
    if _toggle(message_id, Verdict.BAD).verdict is Verdict.BAD:
        explain(message_id)


def explain(message_id: str) -> None:
    """Ask why, and what should have been answered."""
    message = _answer(message_id)
    rating = shell.runtime().history.feedback.of([message_id]).get(message_id)
    say = shell.texts()

    @st.dialog(say("rating.title"), width="medium")
    def dialog() -> None:
        _form(message, rating)

    dialog()


def _toggle(message_id: str, verdict: Verdict) -> Rating:
    feedback = shell.runtime().history.feedback
    held = feedback.of([_answer(message_id).id]).get(message_id)
    same = held is not None and held.verdict is verdict
    return feedback.rate(message_id, None if same else verdict)


def _answer(message_id: str) -> Message:
    message = shell.runtime().history.message(message_id)
    if message.role is not Role.ASSISTANT:
        raise UsageError("Only an answer can be rated.")
    return message


def _form(message: Message, rating: Rating | None) -> None:
    say = shell.texts()
    is_good = rating is not None and rating.verdict is Verdict.GOOD
    with st.form("rating", border=False):
        reason = None
        if not is_good:
            reason = st.pills(
                say("rating.reason"),
                REASONS,
                default=rating.reason if rating and rating.reason else None,
                format_func=lambda one: say(f"rating.reason_{one}"),
            )
        words = st.text_area(
            say("rating.words"), rating.words if rating else "", max_chars=LONGEST_WORDS, height=80
        )
        before = (rating.correction if rating else "") or message.content
        correction = st.text_area(
            say("rating.correction"),
            before,
            max_chars=LONGEST_CORRECTION,
            height=240,
            help=say("rating.correction_help"),
        )
        if st.form_submit_button(say("common.save"), type="primary"):
            shell.runtime().history.feedback.explain(
                message.id, reason=reason or "", words=words, correction=correction
            )
            st.rerun()
