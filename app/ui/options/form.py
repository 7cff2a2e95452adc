"""The form of the answer: words, or an object of a schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.ui import shell
from app.ui.options.values import TEXT

if TYPE_CHECKING:
    from app.ui.options.values import Options
    from app.ui.texts import Texts


def section(current: Options, key: str, say: Texts) -> Options:
    titles = {TEXT: say("form.text")} | _titles(say)
    forms = list(titles)
    form = st.selectbox(
        say("options.form"),
        forms,
        forms.index(current.form) if current.form in forms else 0,
        format_func=lambda name: titles[name],
        help=say("options.form_help"),
        disabled=current.free,
        key=f"form-{key}",
    )
    keep = current.keep_unsupported
    if form != TEXT and not current.free:
        keep = st.toggle(
            say("options.keep_unsupported"),
            keep,
            help=say("options.keep_unsupported_help"),
            key=f"keep-{key}",
        )
    return current.model_copy(update={"form": form, "keep_unsupported": keep})


def _titles(say: Texts) -> dict[str, str]:
    return {schema.name: schema.title(say.language) for schema in shell.runtime().schemas.all()}
