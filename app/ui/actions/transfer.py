"""Conversations in from files, and ratings out as data sets."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from app.errors import DocentError
from app.ui import bridge, shell
from app.ui.actions.copies import open_conversation
from app.ui.rating_html import lead

if TYPE_CHECKING:
    from app.transfer import Imported
    from app.tuning import Case, Layout
    from app.ui.texts import Texts

_SUFFIXES = ["json", "md", "markdown", "txt"]


def import_(_: str = "") -> None:
    """Open the place for files with conversations."""
    from app.transfer import LARGEST_MB

    say = shell.texts()
    # Files of an earlier time must not be there again.
    opened = st.session_state["imports"] = st.session_state.get("imports", 0) + 1

    @st.dialog(say("transfer.title"), width="medium")
    def dialog() -> None:
        st.html(lead(say("transfer.about")))
        limit = say("transfer.limit", size=LARGEST_MB)
        st.html(f'<style>.st-key-import-box {{ --d-limit: "{limit}"; }}</style>')
        with st.container(key="import-box"):
            files = st.file_uploader(
                say("transfer.files"),
                _SUFFIXES,
                accept_multiple_files=True,
                max_upload_size=LARGEST_MB,
                key=f"import-files-{opened}",
            )
        if st.button(say("transfer.do"), type="primary", disabled=not files, key="import-do"):
            try:
                _show(_imported([(file.name, file.getvalue()) for file in files]))
            except DocentError as error:
                shell.error_card(error)

    dialog()


def _imported(files: list[tuple[str, bytes]]) -> Imported:
    """All of all files, or nothing."""
    from app.transfer import add, read

    runtime = shell.runtime()
    found = [whole for name, data in files for whole in read(name, data)]
    return add(runtime.history, found, runtime.settings.collection)


def _show(found: Imported) -> None:
    """Have the next run open the first one: from within a dialog, what was on the page would stay there."""
    st.session_state["imported"] = found
    bridge.post("imported")
    st.rerun()


def imported(_: str = "") -> None:
    """Open the first of what was imported just now, and say how many there are."""
    say, imported = shell.texts(), st.session_state.pop("imported", None)
    if imported is None:
        return
    told = [say.plural("transfer.added", len(imported.added))] if imported.added else []
    told += [say.plural("transfer.known", len(imported.known))] if imported.known else []
    st.toast(shell.plain(" ".join(told)), icon=":material/download_done:", duration="long")
    first = (*imported.added, *imported.known)[0]
    open_conversation(first.id)


def ratings(_: str = "") -> None:
    """Open what was thought of answers, as files to tune a model with."""
    from app.tuning import LAYOUTS, cases

    say = shell.texts()

    @st.dialog(say("tuning.title"), width="medium")
    def dialog() -> None:
        found = list(cases(shell.runtime().history))
        opinions = [one for case in found for one in case.opinions]
        st.html(lead(say("tuning.about" if opinions else "tuning.empty")))
        if not opinions:
            return
        good, bad = (sum(one.good is verdict for one in opinions) for verdict in (True, False))
        corrected = sum(bool(one.better) for one in opinions)
        st.html(lead(say("tuning.counts", good=good, bad=bad, corrected=corrected)))
        layout = st.radio(
            say("tuning.layout"), list(LAYOUTS), format_func=lambda one: say(f"tuning.layout_{one}")
        )
        conversational = st.toggle(say("tuning.messages"), value=True, help=say("tuning.messages_help"))
        _download(found, layout, conversational, say)

    dialog()


def _download(found: list[Case], layout: Layout, conversational: bool, say: Texts) -> None:
    from app.tuning import write

    count = write(found, layout, conversational=conversational)[1]
    st.download_button(
        say.plural("tuning.download", count),
        partial(_data, found, layout, conversational),
        f"docent-{layout}.jsonl",
        "application/jsonl",
        icon=":material/download:",
        disabled=not count,
        on_click="ignore",
        type="primary",
    )


def _data(found: list[Case], layout: Layout, conversational: bool) -> bytes:
    from app.tuning import write

    return write(found, layout, conversational=conversational)[0]
