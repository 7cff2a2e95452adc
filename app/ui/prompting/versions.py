"""The versions of one's own prompt: compared word by word, and brought back as a new version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.ui import shell
from app.ui.worddiff_html import diff_html
from prompts import library

if TYPE_CHECKING:
    from app.history import OwnPrompt
    from app.ui.texts import Texts
    from prompts.library import Kind, Part


def box(kind: Kind, name: str, say: Texts) -> Part | None:
    """Folded away; the version that was just brought back, as the newest one."""
    kept = shell.runtime().history.prompts.versions(kind, name)
    if len(kept) < 2:
        return None
    with st.expander(say.plural("prompts.versions", len(kept)), icon=":material/history:"):
        left, right = st.columns(2)
        older = _choose(kept, 1, "older", left, say)
        newer = _choose(kept, 0, "newer", right, say)
        st.html(_difference(older.content, newer.content, say))
        again = st.button(
            say("prompts.bring_back", version=older.version),
            icon=":material/restore:",
            disabled=older.content == kept[0].content,
            key="prompt-bring-back",
        )
    return _brought_back(kind, name, older.version, say) if again else None


def _difference(older: str, newer: str, say: Texts) -> str:
    """The texts, and what stands above them only where that differs, too."""
    (head, text), (new_head, new_text) = (library.parted(content) for content in (older, newer))
    above = diff_html(head, new_head, say) if head != new_head else ""
    return f'<div class="d-prompt d-versions">{diff_html(text, new_text, say)}{above}</div>'


def _choose(kept: list[OwnPrompt], at: int, which: str, column: object, say: Texts) -> OwnPrompt:
    zone = shell.timezone()
    with column:  # type: ignore[attr-defined]
        chosen = st.selectbox(
            say(f"prompts.{which}"),
            range(len(kept)),
            at,
            format_func=lambda i: say(
                "prompts.version_of",
                version=kept[i].version,
                time=kept[i].created.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
            ),
            key=f"version-{which}-{kept[0].version}",
        )
    return kept[chosen]


def _brought_back(kind: Kind, name: str, version: int, say: Texts) -> Part:
    prompts = shell.runtime().prompts
    old = next(part for part in prompts.versions(kind, name) if part.version == version)
    saved = prompts.save(old)
    st.session_state["prompt-saved"] = say("prompts.saved", version=saved.version)
    return saved
