"""The panel below the question: a popover with one section after the other.

A section draws its widgets and gives the options back with what they say:
`section(current, key, say) -> Options`, where `key` tells the widgets of one conversation from those of
another. To add one, write it in a module of its own and put it into `SECTIONS`.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.ui import shell
from app.ui.options import form, model, passages, sampling, scope
from app.ui.options.labels import summary
from app.ui.options.values import Options
from app.ui.texts import Texts

Section = Callable[[Options, str, Texts], Options]

SECTIONS: tuple[Section, ...] = (
    scope.section,
    form.section,
    model.section,
    sampling.section,
    passages.section,
)


def panel(current: Options, key: str, on_change: Callable[[Options], None]) -> None:
    """A popover with all options; `on_change` gets the new ones as soon as one is changed.

    Args:
        key: tells the widgets of one conversation from those of another.
    """
    say = shell.texts()
    with st.popover(shell.plain(summary(current, say)), icon=":material/tune:", type="tertiary"):
        chosen = current
        for section in SECTIONS:
            chosen = section(chosen, key, say)
    if chosen != current:
        on_change(chosen)
