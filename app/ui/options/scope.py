"""What is asked: a collection or a part of it, or the model alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.ui import filter_box, shell
from app.ui.options.labels import without_model

if TYPE_CHECKING:
    from app.ui.options.values import Options
    from app.ui.texts import Texts


def section(current: Options, key: str, say: Texts) -> Options:
    free = _free(current, key, say)
    collections = sorted({*shell.runtime().collections(), current.collection})
    collection = st.selectbox(
        say("options.collection"), collections, collections.index(current.collection), key=f"collection-{key}"
    )
    filters = filter_box.choose(current.filters, collection, f"filters-{key}", say)
    return current.model_copy(update={"free": free, "collection": collection, "filters": filters})


def _free(current: Options, key: str, say: Texts) -> bool:
    """The switch of free chat; there is none where it is forbidden, and it rests without a model."""
    if not shell.runtime().settings.free_chat:
        return False
    usable = not without_model(current.model)
    return st.toggle(
        say("options.free"),
        value=current.free,
        help=say("options.free_help" if usable else "options.free_needs_model"),
        disabled=not usable and not current.free,
        key=f"free-{key}",
    )
