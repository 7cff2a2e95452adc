"""A table as files: one is made when its button is clicked, and not before."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from app.export import suggested_name
from app.tables.exports import FORMATS, exported
from app.ui import shell

if TYPE_CHECKING:
    from app.language import Language
    from app.tables import Plan, Tables
    from app.ui.texts import Texts


def show(name: str, plan: Plan, say: Texts) -> None:
    """The menu of downloads."""
    with st.popover(say("tables.download"), icon=":material/download:"):
        for format, kind in FORMATS.items():
            st.download_button(
                say("tables.download_as", format=kind.label),
                partial(_made, shell.runtime().tables, name, format, say.language),
                suggested_name(f"{plan.title(say.language)} {plan.collection}", format, say.language),
                kind.mime,
                help=say(f"tables.about_{format}"),
                key=f"table-{format}-{name}",
                on_click="ignore",  # a run that is shown goes on
                type="tertiary",
            )


def _made(tables: Tables, name: str, format: str, language: Language) -> bytes:
    """Runs outside of the page's script, so it must not ask Streamlit for anything."""
    with tables.open(name) as table:
        return exported(table, format, language)
