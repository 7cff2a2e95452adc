"""The place to ask: a question, files, or both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from app.ui import asking, uploads


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent: a question, files, or both."""

    text: str
    files: Sequence[uploads.Upload] = ()


def field(placeholder: str) -> Sent | None:
    """Draw it; what was just sent, if anything was."""
    sent = st.chat_input(
        placeholder,
        max_chars=asking.LONGEST_QUESTION,
        accept_file="multiple",
        file_type=[suffix.lstrip(".") for suffix in uploads.SUFFIXES],
        key="question",
    )
    if not sent:
        return None
    return Sent(sent, ()) if isinstance(sent, str) else Sent(sent.text.strip(), sent.files)
