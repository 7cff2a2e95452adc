"""The page of prompts: the library and people's own by kind, or the editor of one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.errors import UsageError
from app.ui import shell
from app.ui.prompting import cards, drafts, editor
from prompts.library import Kind

if TYPE_CHECKING:
    from app.ui.texts import Texts
    from prompts.library import Part

ALL = "all"
_LARGEST_FILE = 100_000


def show() -> None:
    """Draw the page."""
    say = shell.texts()
    if drafts.is_open():
        editor.show(say)
        return
    st.html(f'<h1 class="d-title">{say.html("prompts.title")}</h1>')
    st.html(f'<p class="d-lead">{say.html("prompts.lead")}</p>')
    _put_away(say)
    search, kind = _narrowed(say)
    found = [(one, _fitting(one, search, say)) for one in Kind if kind in (ALL, one)]
    if not any(parts for _, parts in found):
        shell.note(say.html("prompts.nothing", search=search))
    for one, parts in found:
        if parts:
            st.html(cards.section_html(one, parts, say))
    _deleted(say)


def _narrowed(say: Texts) -> tuple[str, str]:
    """What is looked for, and the kind that is shown; beside them, how to add one."""
    with st.container(key="prompts-tools", horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(
            say("prompts.search"),
            placeholder=say("prompts.search"),
            label_visibility="collapsed",
            key="prompts-search",
        )
        if st.button(say("prompts.new"), icon=":material/add:", key="prompts-new"):
            drafts.begin_new()
            st.rerun()
        with st.popover(say("prompts.import"), icon=":material/upload:"):
            _import(say)
    kind = st.segmented_control(
        say("prompts.kind"),
        [ALL, *Kind],
        default=ALL,
        format_func=lambda one: say(f"prompts.kind_{one}"),
        label_visibility="collapsed",
        required=True,
        key="prompts-kind",
    )
    return search.strip(), str(kind)


def _fitting(kind: Kind, search: str, say: Texts) -> list[Part]:
    """Own ones first: they are looked for more often."""
    wanted = search.casefold().split()
    parts = sorted(shell.runtime().prompts.all(kind), key=lambda part: part.version is None)
    return [part for part in parts if all(word in cards.words(part) for word in wanted)]


def _import(say: Texts) -> None:
    """A file becomes a draft, so that what is wrong with it is mended in the editor."""
    file = st.file_uploader(say("prompts.file"), type=["md"], key="prompts-file")
    if file is None:
        return
    if file.size > _LARGEST_FILE:
        shell.error_card(UsageError(say("prompts.file_large", limit=_LARGEST_FILE // 1000)))
        return
    drafts.begin_file(file.getvalue().decode("utf-8", "replace"))
    st.rerun()


def _put_away(say: Texts) -> None:
    """What was just deleted, with the way back."""
    if gone := st.session_state.pop("prompt-deleted", None):
        st.html(cards.undo_html(gone, say))


def _deleted(say: Texts) -> None:
    if gone := shell.runtime().history.prompts.deleted():
        st.html(cards.deleted_html(gone, say))
