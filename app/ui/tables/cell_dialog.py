"""A value of a table, opened: what it stands on, and fields to write in."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from app.errors import DocentError, NotFoundError
from app.tables.columns import columns
from app.tables.conflicts import conflicts
from app.tables.paths import is_within, value_at
from app.ui import shell
from app.ui.tables import writing
from app.ui.tables.evidence_html import evidence_html
from app.ui.tables.wording import NOTHING, value_text

if TYPE_CHECKING:
    from app.tables import Row, Table
    from app.tables.columns import Column
    from app.ui.texts import Texts


def show(name: str, row_id: int, path: str) -> None:
    """Open the dialog.

    Raises:
        NotFoundError: there is no such table, row or column.
    """
    say = shell.texts()
    with shell.runtime().tables.open(name) as table:
        plan, row = table.plan, table.row(row_id)
        column = next((one for one in columns(plan.fields) if one.path == path), None)
        if column is None:
            raise NotFoundError(f"The table {name!r} has no column {path!r}.", table=name)
        body = _body(table, row, column, say)

    @st.dialog(shell.plain(column.title(say.language)), width="medium")
    def dialog() -> None:
        st.html(f'<p class="d-proof-row">{escape(row.document.source)}</p>')
        writing.show(name, row, column, say)
        st.html(body)

    dialog()


# -- what it stands on ---------------------------------------------------------------------------------------


def _body(table: Table, row: Row, column: Column, say: Texts) -> str:
    found = {path: one for path, one in row.evidence.items() if is_within(path, column.path)}
    several = _titles(row, column, say) if column.is_list or column.field.many else None
    html = evidence_html(table.name, found, row.cells, _contexts(table, [row]), say, several)
    if not found:
        html = f'<p class="d-subtle">{say.html("tables.no_evidence")}</p>'
    return html + _others(table, row, column, say)


def _others(table: Table, row: Row, column: Column, say: Texts) -> str:
    """What other documents say of the same."""
    disputed = [one for one in conflicts(table) if one.path == column.path and row.id in one.values]
    rows = [table.row(id_) for one in disputed for id_ in one.values if id_ != row.id]
    contexts = _contexts(table, rows)
    told = ""
    for other in rows:
        value = value_text(value_at(other.data, column.path), column.field, say)
        found = {path: one for path, one in other.evidence.items() if path == column.path}
        told += f"<h4>{escape(other.document.source)}: {escape(value)}</h4>"
        told += evidence_html(table.name, found, other.cells, contexts, say)
    return f'<section class="d-others"><h3>{say.html("tables.others")}</h3>{told}</section>' if told else ""


def _titles(row: Row, column: Column, say: Texts) -> dict[str, str]:
    """Above each card of a list: its place in it, the name of the value, and the value."""
    names = {one.path: one for one in columns(column.field.fields)} if column.is_list else {}
    found = {}
    for path in row.evidence:
        if is_within(path, column.path):
            place, _, inner = path.removeprefix(f"{column.path}.").partition(".")
            within = names.get(inner)
            value = value_text(value_at(row.data, path), within.field if within else column.field, say)
            named = f"{within.title(say.language)}: " if within else ""
            number = f"{int(place) + 1}. " if place.isdecimal() else ""
            found[path] = f"{number}{named}{value or NOTHING}"
    return found


def _contexts(table: Table, rows: list[Row]) -> dict[str, str]:
    """The passages that are cited, as far as the collection still has them."""
    ids = {one.citation.chunk_id for row in rows for one in row.evidence.values() if one.citation}
    try:
        held = shell.runtime().collection(table.plan.collection)
    except DocentError:
        return {}
    return {id_: chunk.text for id_, chunk in held.chunks(list(ids)).items()}
