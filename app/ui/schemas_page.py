"""The page of schemas: what typed answers may be asked for, or the builder of one of one's own."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

import streamlit as st

from app.answers.schemas.notation import LARGEST_FILE
from app.errors import UsageError
from app.ui import shell
from app.ui.typed import cards, drafts
from app.ui.typed.builder import builder

if TYPE_CHECKING:
    from app.answers.schemas import Schema
    from app.ui.texts import Texts


def show() -> None:
    """Draw the page."""
    say = shell.texts()
    if drafts.is_open():
        builder(say)
        return
    st.html(f'<h1 class="d-title">{say.html("schemas.title")}</h1>')
    st.html(f'<p class="d-lead">{say.html("schemas.lead")}</p>')
    if gone := st.session_state.pop("schema-deleted", None):
        st.html(cards.undo_html(gone, say))
    search = _tools(say)
    shelf = shell.runtime().schemas
    found = [
        one for one in shelf.all() if all(word in cards.words(one) for word in search.casefold().split())
    ]
    if not found:
        shell.note(say.html("schemas.nothing", search=search))
    _sections(found, say)
    st.html(cards.unusable_html(shelf.unusable(), say) or "<span></span>")
    if deleted := shell.runtime().history.schemas.deleted():
        st.html(cards.deleted_html(deleted, say))


def _sections(found: list[Schema], say: Texts) -> None:
    for source in cards.SOURCES:
        if of := [one for one in found if one.source == source]:
            st.html(cards.section_html(source, of, say))


def _tools(say: Texts) -> str:
    """What is looked for; beside it, how to add one."""
    with st.container(key="prompts-tools", horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(
            say("schemas.search"),
            placeholder=say("schemas.search"),
            label_visibility="collapsed",
            key="schemas-search",
        )
        if st.button(say("schemas.new"), icon=":material/add:", key="schemas-new"):
            drafts.begin_new()
            st.rerun()
        with st.popover(say("schemas.import"), icon=":material/upload:"):
            _import(say)
    return search.strip()


def _import(say: Texts) -> None:
    """A file becomes a draft, so that what is wrong with it is mended in the builder."""
    file = st.file_uploader(say("schemas.file"), type=["yaml", "yml", "json"], key="schemas-file")
    if file is None:
        return
    try:
        if file.size > LARGEST_FILE:
            raise UsageError(say("schemas.file_large", limit=LARGEST_FILE // 1000))
        drafts.begin_file(file.getvalue(), PurePath(file.name).stem)
    except UsageError as error:
        shell.error_card(error)
        return
    st.rerun()
