"""The page of tables: all of them and how to make one, or one of them."""

from __future__ import annotations

import streamlit as st

from app.ui import shell
from app.ui.tables import list_html, new_box, view


def show() -> None:
    """Draw the page."""
    say = shell.texts()
    if name := st.query_params.get("table", ""):
        view.show(name, say)
        return
    st.html(f'<h1 class="d-title">{say.html("tables.title")}</h1>')
    st.html(f'<p class="d-lead">{say.html("tables.lead")}</p>')
    st.html(list_html.tables_html(shell.runtime().tables, shell.extractions(), say))
    new_box.show(say)
