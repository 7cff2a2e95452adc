"""Which language model answers, if any."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.ui import shell
from app.ui.options.labels import model_label

if TYPE_CHECKING:
    from app.ui.options.values import Options
    from app.ui.texts import Texts


def section(current: Options, key: str, say: Texts) -> Options:
    models = _choices(current.model, say)
    model = st.selectbox(
        say("options.model"),
        models,
        models.index(current.model),
        format_func=lambda name: model_label(name, say),
        accept_new_options=True,
        help=say("options.model_help"),
        key=f"model-{key}",
    )
    return current.model_copy(update={"model": model or ""})


def _choices(current: str, say: Texts) -> list[str]:
    """Each label once: the browser tells choices apart by their labels."""
    models = dict.fromkeys([current, "", *shell.runtime().models(), "none"])
    by_label = {model_label(model, say): model for model in reversed(models)}
    return [model for model in models if by_label[model_label(model, say)] == model]
