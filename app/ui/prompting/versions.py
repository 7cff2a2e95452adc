"""The versions of one's own prompt: compared word by word, and brought back as a new version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.ui import shell, versions_box
from app.ui.worddiff_html import diff_html
from prompts import library

if TYPE_CHECKING:
    from app.ui.texts import Texts
    from prompts.library import Kind, Part


def box(kind: Kind, name: str, say: Texts) -> Part | None:
    """Folded away; the version that was just brought back, as the newest one."""
    kept = shell.runtime().history.prompts.versions(kind, name)

    def difference(older: str, newer: str) -> str:
        return _difference(older, newer, say)

    again = versions_box.chosen(kept, difference, "prompt-bring-back", say)
    return None if again is None else _brought_back(kind, name, again, say)


def _difference(older: str, newer: str, say: Texts) -> str:
    """The texts, and what stands above them only where that differs, too."""
    (head, text), (new_head, new_text) = (library.parted(content) for content in (older, newer))
    above = diff_html(head, new_head, say) if head != new_head else ""
    return f'<div class="d-prompt d-versions">{diff_html(text, new_text, say)}{above}</div>'


def _brought_back(kind: Kind, name: str, version: int, say: Texts) -> Part:
    prompts = shell.runtime().prompts
    old = next(part for part in prompts.versions(kind, name) if part.version == version)
    saved = prompts.save(old)
    st.session_state["prompt-saved"] = say("prompts.saved", version=saved.version)
    return saved
