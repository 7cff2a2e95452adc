"""What the buttons of tables do: open one or one of its cells, stop it, bring it up to date, delete it."""

from __future__ import annotations

import streamlit as st

from app.errors import NotFoundError
from app.ui import shell
from app.ui.tables import cell_dialog, new_box


def open_(name: str) -> None:
    shell.go("tables", table=name)


def all_(_: str) -> None:
    """Back to the list of all tables."""
    shell.go("tables")


def cell(value: str) -> None:
    """Open a value; `TABLE/ROW/PATH`, where a path may have slashes itself."""
    name, _, rest = value.partition("/")
    row, _, path = rest.partition("/")
    if not row.isdecimal() or len(row) > 15:
        raise NotFoundError(f"There is no cell {value[:80]!r}.")
    cell_dialog.show(name, int(row), path)


def stop(name: str) -> None:
    shell.extractions().stop(name)


def update(name: str) -> None:
    """Ask about what is new, changed, or failed before."""
    shell.extractions().start(new_box.again(name))


def seen(name: str) -> None:
    """Put away what came of the last run."""
    shell.extractions().forget(name)


def delete(name: str) -> None:
    """Ask, and then delete a table with everything in it."""
    say = shell.texts()
    with shell.runtime().tables.open(name) as table:
        title, collection = table.plan.title(say.language), table.plan.collection

    @st.dialog(say("tables.delete_title"))
    def confirm() -> None:
        st.html(f"<p>{say.html('tables.delete_ask', title=title, collection=collection)}</p>")
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button(say("common.cancel"), key="keep-table"):
                st.rerun()
            if st.button(say("tables.delete"), type="primary", key="confirm-delete-table"):
                shell.runtime().tables.delete(name)
                shell.extractions().forget(name)
                shell.go("tables")

    confirm()
