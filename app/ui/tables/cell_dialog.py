"""A value of a table, opened: what it stands on, what the documents say since, and a field to write in."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.errors import DocentError, NotFoundError
from app.tables.columns import columns
from app.tables.conflicts import conflicts
from app.tables.editing import as_typed, typed
from app.tables.paths import is_within, value_at
from app.ui import shell
from app.ui.tables.evidence_html import evidence_html
from app.ui.tables.wording import NOTHING, value_text

if TYPE_CHECKING:
    from app.answers.schemas.fields import Field
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
        st.html(f'<p class="d-proof-row">{escape(row.document.source)}</p>{_changed(row, column, say)}')
        if not column.is_list:
            _editor(name, row, column, say)
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


# -- writing -------------------------------------------------------------------------------------------------


def _changed(row: Row, column: Column, say: Texts) -> str:
    """What was edited, and what the document said before and says now."""
    edit = row.edits.get(column.path)
    if edit is None:
        return ""
    was = value_text(edit.was, column.field, say) or NOTHING
    told = say.html("tables.edited", was=was)
    if edit.conflict:
        now = value_text(edit.found, column.field, say) or NOTHING
        told += f" {say.html('tables.edit_conflict', now=now)}"
    return f'<div class="d-note">{told}</div>'


def _editor(name: str, row: Row, column: Column, say: Texts) -> None:
    field, path, key = column.field, column.path, f"{name}/{row.id}/{column.path}"
    edit = row.edits.get(path)
    with st.form(f"cell-{key}", border=False):
        given = _input(field, value_at(row.data, path), key, say)
        with st.container(horizontal=True):
            if st.form_submit_button(say("common.save"), type="primary", key=f"save-{key}"):
                _save(name, row.id, path, field, given)
            if edit and edit.conflict and st.form_submit_button(say("tables.keep_edit"), key=f"keep-{key}"):
                _change(name, "keep_edit", row.id, path)
            if edit and st.form_submit_button(say("tables.undo_edit"), key=f"undo-{key}"):
                _change(name, "undo_edit", row.id, path)
            if row.kept and st.form_submit_button(say("tables.delete_row"), key=f"row-{key}"):
                _change(name, "delete_row", row.id)


def _input(field: Field, value: Any, key: str, say: Texts) -> str:
    label = say("tables.several" if field.many else f"tables.write_{_kind(field)}")
    if field.choices and not field.many:
        known = ["", *field.choices]
        current = as_typed(value)
        known += [current] if current not in known else []
        return str(st.selectbox(label, known, known.index(current), key=f"value-{key}"))
    if field.kind == "sentence" or len(as_typed(value)) > 80:
        return str(st.text_area(label, as_typed(value), key=f"value-{key}"))
    return str(st.text_input(label, as_typed(value), key=f"value-{key}"))


def _kind(field: Field) -> str:
    return field.kind if field.kind in ("date", "boolean") else "text"


def _save(name: str, row: int, path: str, field: Field, text: str) -> None:
    try:
        value = typed(field, text)
    except DocentError as error:
        shell.error_card(error)
        return
    _change(name, "edit", row, path, value)


def _change(name: str, method: str, *arguments: Any) -> None:
    """Do it, and draw the page anew without the dialog; what goes wrong is told in it."""
    try:
        with shell.runtime().tables.open(name) as table:
            getattr(table, method)(*arguments)
    except DocentError as error:
        shell.error_card(error)
        return
    st.rerun()
