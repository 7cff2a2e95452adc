"""One table on its page: its state, its rows while they come, conflicts, failures, and downloads."""

from __future__ import annotations

from collections.abc import Collection
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from app.tables import DocumentStatus
from app.tables.conflicts import Conflict, conflicts
from app.ui import shell
from app.ui.tables import downloads, state_html
from app.ui.tables.conflicts_html import conflicts_html
from app.ui.tables.table_html import table_html
from app.ui.tables.wording import heading

if TYPE_CHECKING:
    from app.tables import Table
    from app.ui.tables.running import Run
    from app.ui.texts import Texts

ROWS_A_PAGE = 50
SECONDS_BETWEEN_LOOKS = 1.0


def show(name: str, say: Texts) -> None:
    """Draw it.

    Raises:
        NotFoundError: there is no such table.
    """
    run = shell.extractions().run_of(name)
    if run is not None and name not in shell.runtime().tables.names():
        _begin(run)
        return
    with shell.runtime().tables.open(name) as table:
        plan = table.plan
        back = say.html("tables.all")
        st.html(
            f'<p class="d-to-tables"><button type="button" class="d-link" data-act="table-all" data-value="">'
            f'← {back}</button></p><h1 class="d-title d-wide">'
            f"{escape(heading(plan, say))}</h1>"
            f"{_filters(table, say)}"
        )
        if _is_running(name):
            _watch(name)
            return
        _still(table, say)


def _filters(table: Table, say: Texts) -> str:
    from app.chat.retrieve.query import shown

    where = table.plan.where
    return f'<p class="d-subtle">{say.html("tables.only", filters=shown(where))}</p>' if where else ""


def _is_running(name: str) -> bool:
    run = shell.extractions().run_of(name)
    return (run is not None and run.running) or shell.runtime().tables.is_being_filled(name)


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def _begin(run: Run) -> None:
    """A run whose table is not there yet; or never will be."""
    say = shell.texts()
    if run.table in shell.runtime().tables.names():
        st.rerun()
    if run.running:
        _progress(run, say)
    else:
        st.html(state_html.ended_html(run.table, run, say) or f"<p>{say.html('tables.none')}</p>")


def _progress(run: Run, say: Texts) -> None:
    stopping = run.cancelled.is_set()
    st.html(state_html.running_html(run.progress, stopping, say))
    if not stopping:
        st.html(state_html.stop_html(run.table, say))


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def _watch(name: str) -> None:
    """Progress, and the last rows that came."""
    if not _is_running(name):
        st.rerun()
    say = shell.texts()
    run = shell.extractions().run_of(name)
    if run is not None and run.running:
        _progress(run, say)
    else:
        st.html(state_html.elsewhere_html(say))
    with shell.runtime().tables.open(name) as table:
        counts, notes = table.counts(), table.notes()
        st.html(state_html.counts_html(counts, notes.get("filler", ""), say))
        first = max(0, counts["rows"] - ROWS_A_PAGE)
        if counts["rows"]:
            st.html(table_html(name, table.plan, table.rows(first, ROWS_A_PAGE), first + 1, (), say))


def _still(table: Table, say: Texts) -> None:
    name, counts = table.name, table.counts()
    st.html(state_html.counts_html(counts, table.notes().get("filler", ""), say))
    with st.container(key="table-tools", horizontal=True, vertical_alignment="center"):
        if st.button(say("tables.update"), icon=":material/refresh:", key="table-update"):
            _update(name)
        downloads.show(name, table.plan, say)
        st.html(
            f'<button type="button" class="d-link d-danger" data-act="table-delete" data-value="{name}">'
            f"{say.html('tables.delete')}</button>"
        )
    found = _conflicts(table)
    told = (
        state_html.ended_html(name, shell.extractions().run_of(name), say),
        state_html.failures_html(table.documents(DocumentStatus.FAILED), say),
        conflicts_html(table, found, say),
    )
    if any(told):
        st.html("".join(told))
    _rows(table, counts["rows"], {(row, one.path) for one in found for row in one.values}, say)


def _update(name: str) -> None:
    from app.ui.tables.new_box import again

    shell.extractions().start(again(name))
    st.rerun()


def _rows(table: Table, count: int, disputed: Collection[tuple[int, str]], say: Texts) -> None:
    if not count:
        shell.note(say.html("tables.no_rows"))
        return
    place = st.container()
    pages = -(-count // ROWS_A_PAGE)
    page = st.pagination(pages, key=f"table-page-{table.name}") if pages > 1 else 1
    first = (page - 1) * ROWS_A_PAGE
    with place:
        st.html(table_html(table.name, table.plan, table.rows(first, ROWS_A_PAGE), first + 1, disputed, say))


def _conflicts(table: Table) -> list[Conflict]:
    """Looked for again when something was written."""
    key = (table.name, shell.runtime().tables.version(table.name))
    known: tuple[object, list[Conflict]] | None = st.session_state.get("table-conflicts")
    if known is None or known[0] != key:
        known = st.session_state["table-conflicts"] = (key, conflicts(table))
    return known[1]
