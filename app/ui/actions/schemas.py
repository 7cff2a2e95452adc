"""What the buttons of schemas do: open, use in the chat, copy, edit, delete; and those of the builder."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.errors import UsageError
from app.ui import shell
from app.ui.options import Options
from app.ui.typed import builder, cards, drafts


def open_(name: str) -> None:
    """Show all that is known of a schema."""
    schema, say = shell.runtime().schemas.find(name), shell.texts()

    @st.dialog(shell.plain(schema.title(say.language)), width="medium")
    def dialog() -> None:
        st.html(cards.details_html(schema, say) + cards.acts_html(schema, say))
        if schema.definition is not None:
            with st.container(horizontal=True):
                builder.downloads(schema.definition, say)

    dialog()


def use(name: str) -> None:
    """Go to a new chat whose answers have this form."""
    schema = shell.runtime().schemas.find(name)
    options = st.session_state.get("options") or Options.initial(shell.runtime().settings)
    st.session_state["options"] = options.model_copy(update={"form": schema.name, "free": False})
    shell.go("chat")


def edit(name: str) -> None:
    """Open the builder: over one's own schema, or over a copy of another one."""
    schema = shell.runtime().schemas.find(name)
    if schema.version is None:
        drafts.begin_copy(schema)
    else:
        drafts.begin_edit(schema)
    shell.go("schemas")


def delete(name: str) -> None:
    """Put one's own schema away; the page then offers to bring it back."""
    schema = shell.runtime().schemas.find(name)
    if schema.version is None:
        raise UsageError(f"{schema.name!r} is not one of your own and stays.")
    shell.runtime().history.schemas.delete(schema.name)
    st.session_state["schema-deleted"] = schema.name


def restore(name: str) -> None:
    shell.runtime().history.schemas.restore(name)


# -- the builder -----------------------------------------------------------------------------------------


def field(id_: str) -> None:
    """Open the form of a field."""
    _then(lambda: drafts.select(id_))


def add(id_: str) -> None:
    _then(lambda: drafts.add(id_))


def up(id_: str) -> None:
    _then(lambda: drafts.move(id_, -1))


def down(id_: str) -> None:
    _then(lambda: drafts.move(id_, 1))


def remove(id_: str) -> None:
    _then(lambda: drafts.remove(id_))


def _then(change: Callable[[], None]) -> None:
    """What was typed up to the click is taken up first: the form may be another one afterwards."""
    if drafts.is_open():
        builder.take_up(shell.texts())
        change()
