"""What the buttons of prompts do: open one, use it in the chat, copy, edit, delete and bring it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.errors import UsageError
from app.ui import shell
from app.ui.options import Options
from app.ui.prompting import cards, drafts
from prompts.library import Kind, as_markdown

if TYPE_CHECKING:
    from prompts.library import Part


def open_(reference: str) -> None:
    """Show all that is known of a prompt."""
    part, say = _part(reference), shell.texts()

    @st.dialog(shell.plain(part.title[say.language]), width="medium")
    def dialog() -> None:
        st.html(cards.details_html(part, say) + cards.acts_html(part, say))
        st.download_button(
            say("prompts.download"),
            as_markdown(part),
            f"{part.kind}-{part.name}.md",
            "text/markdown",
            icon=":material/download:",
            on_click="ignore",
            type="tertiary",
            key="dialog-download",
        )

    dialog()


def use(reference: str) -> None:
    """Go to a new chat that begins with this part; a task asks there what it is about."""
    part = _part(reference)
    if part.kind is Kind.TASK:
        st.session_state["task"] = part.name
    else:
        options = st.session_state.get("options") or Options.initial(shell.runtime().settings)
        choice = options.prompt.model_copy(update={part.kind.value: part.name})
        st.session_state["options"] = options.model_copy(update={"prompt": choice})
    shell.go("chat")


def edit(reference: str) -> None:
    """Open the editor: over one's own prompt, or over a copy of one of the library."""
    part = _part(reference)
    if part.version is None:
        drafts.begin_copy(part)
    else:
        drafts.begin_edit(part)
    shell.go("prompts")


def delete(reference: str) -> None:
    """Put one's own prompt away; the page then offers to bring it back."""
    part = _part(reference)
    if part.version is None:
        raise UsageError(f"{part.name!r} is of the library and stays.")
    shell.runtime().history.prompts.delete(part.kind, part.name)
    st.session_state["prompt-deleted"] = cards.reference(part)


def restore(reference: str) -> None:
    kind, _, name = reference.partition("/")
    shell.runtime().history.prompts.restore(kind, name)


def _part(reference: str) -> Part:
    kind, _, name = reference.partition("/")
    if kind not in list(Kind):
        raise UsageError(f"There is no prompt {reference[:80]!r}.")
    return shell.runtime().prompts.find(Kind(kind), name)
