"""Writing in a table: a form for a value, and one for each entry of a list."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.errors import DocentError
from app.tables.columns import columns, items
from app.tables.editing import as_typed, typed
from app.tables.paths import is_within, value_at
from app.ui import shell
from app.ui.tables.wording import NOTHING, value_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.answers.schemas.fields import Field
    from app.tables import Row
    from app.tables.columns import Column
    from app.ui.texts import Texts

# Path of a value -> its column.
Values = dict[str, "Column"]


def show(name: str, row: Row, column: Column, say: Texts) -> None:
    """What was written before, and the fields to write in; of a list, those of the entry that is chosen."""
    values: Values = {column.path: column}
    if column.is_list:
        entries = items(row.data, column.path)
        inner = [one for one in columns(column.field.fields) if one.field.kind != "object"]
        if not entries or not inner:
            return
        path, _ = entries[_chosen(name, row, column, inner, say)]
        values = {f"{path}.{one.path}": one for one in inner}
    if told := "".join(_changed(row, path, one, say, named=column.is_list) for path, one in values.items()):
        st.html(told)
    _form(name, row, values, say, named=column.is_list)


def _chosen(name: str, row: Row, column: Column, inner: Sequence[Column], say: Texts) -> int:
    """The place of the entry to write in."""
    entries = [entry for _, entry in items(row.data, column.path)]

    def label(place: int) -> str:
        told = (value_text(value_at(entries[place], one.path), one.field, say) for one in inner)
        return f"{place + 1}. {next(filter(None, told), NOTHING)}"

    key = f"entry-{name}/{row.id}/{column.path}"
    return int(st.selectbox(say("tables.entry"), range(len(entries)), format_func=label, key=key))


def _changed(row: Row, path: str, column: Column, say: Texts, *, named: bool) -> str:
    """What was edited, and what the document said before and says now."""
    edit = row.edits.get(path)
    if edit is None:
        return ""
    told = say.html("tables.edited", was=value_text(edit.was, column.field, say) or NOTHING)
    if edit.conflict:
        now = value_text(edit.found, column.field, say) or NOTHING
        told += f" {say.html('tables.edit_conflict', now=now)}"
    title = f"<b>{escape(column.title(say.language))}:</b> " if named else ""
    return f'<div class="d-note">{title}{told}</div>'


def _form(name: str, row: Row, values: Values, say: Texts, *, named: bool) -> None:
    key = f"{name}/{row.id}/{next(iter(values))}"
    edits = {path: edit for path, edit in row.edits.items() if any(is_within(path, one) for one in values)}
    disputed = [path for path, edit in edits.items() if edit.conflict]
    with st.form(f"cell-{key}", border=False):
        given = {
            path: _input(one, value_at(row.data, path), f"{name}/{row.id}/{path}", say, named=named)
            for path, one in values.items()
        }
        with st.container(horizontal=True):
            if st.form_submit_button(say("common.save"), type="primary", key=f"save-{key}"):
                _save(name, row, values, given)
            if disputed and st.form_submit_button(say("tables.keep_edit"), key=f"keep-{key}"):
                _change(name, [("keep_edit", row.id, path) for path in disputed])
            if edits and st.form_submit_button(say("tables.undo_edit"), key=f"undo-{key}"):
                _change(name, [("undo_edit", row.id, path) for path in edits])
            if row.kept and st.form_submit_button(say("tables.delete_row"), key=f"row-{key}"):
                _change(name, [("delete_row", row.id)])


def _input(column: Column, value: Any, key: str, say: Texts, *, named: bool) -> str:
    field, text = column.field, as_typed(value)
    label = say("tables.several" if field.many else f"tables.write_{_kind(field)}")
    if named:
        title = shell.plain(column.title(say.language))
        is_plain = not field.many and _kind(field) == "text"
        label = title if is_plain else f"{title} · {label}"
    if field.choices and not field.many:
        known = list(dict.fromkeys(["", *field.choices, text]))
        return str(st.selectbox(label, known, known.index(text), key=f"value-{key}"))
    if field.kind == "sentence" or len(text) > 80:
        return str(st.text_area(label, text, key=f"value-{key}"))
    return str(st.text_input(label, text, key=f"value-{key}"))


def _kind(field: Field) -> str:
    return field.kind if field.kind in ("date", "boolean") else "text"


def _save(name: str, row: Row, values: Values, given: Mapping[str, str]) -> None:
    """Keep what is written otherwise than before."""
    try:
        fresh = {
            path: typed(one.field, given[path])
            for path, one in values.items()
            if given[path] != as_typed(value_at(row.data, path))
        }
    except DocentError as error:
        shell.error_card(error)
        return
    _change(name, [("edit", row.id, path, value) for path, value in fresh.items()])


def _change(name: str, steps: Sequence[tuple[Any, ...]]) -> None:
    """Do them, and draw the page anew without the dialog; what goes wrong is told in it."""
    try:
        with shell.runtime().tables.open(name) as table:
            for method, *arguments in steps:
                getattr(table, method)(*arguments)
    except DocentError as error:
        shell.error_card(error)
        return
    st.rerun()
