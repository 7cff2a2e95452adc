"""Choosing a task in the chat: what to do, with which documents, and what the task asks for."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from itertools import repeat
from typing import TYPE_CHECKING

import streamlit as st

from app.chat.tasks import command_text, read
from app.prompting import LIBRARY
from app.ui import shell
from app.ui.options.labels import without_model
from app.ui.prompting.cards import needs_model
from app.ui.prompting.fill import fill_in, sources
from prompts.library import Kind, names

if TYPE_CHECKING:
    from app.ui.options import Options
    from app.ui.texts import Texts
    from prompts.library import Part


def button(options: Options, ask: Callable[[str], None], say: Texts) -> None:
    """Opens the dialog; so does a task that was chosen on the page of prompts.

    Args:
        ask: is called with the question that the task makes.
    """
    wanted = st.session_state.pop("task", "")
    if st.button(say("task.open"), icon=":material/task_alt:", type="tertiary", key="tasks") or wanted:
        _dialog(options, wanted, ask, say)


def _dialog(options: Options, wanted: str, ask: Callable[[str], None], say: Texts) -> None:
    @st.dialog(say("task.title"), width="medium")
    def dialog() -> None:
        parts = {part.name: part for part in shell.runtime().prompts.all(Kind.TASK)}
        known = sorted(parts, key=lambda name: (needs_model(parts[name]), name != "summarise"))
        name = st.selectbox(
            say("task.which"),
            known,
            known.index(wanted) if wanted in known else 0,
            format_func=lambda one: parts[one].title[say.language],
            key="task-name",
        )
        part = parts[name]
        st.caption(shell.plain(part.description[say.language]))
        text = _filled(part, options.collection, say)
        if needs_model(part) and without_model(options.model):
            st.html(f'<div class="d-note">{say.html("prompts.needs_model_more")}</div>')
        elif text is not None and st.button(say("task.start"), type="primary", key="task-start"):
            ask(text)

    dialog()


def _filled(part: Part, collection: str, say: Texts) -> str | None:
    """The question, once all is given that the task needs."""
    there = sources(collection)
    chosen = st.multiselect(
        say.plural("task.documents", part.documents),
        there,
        there if len(there) == part.documents else [],
        placeholder=say("task.choose"),
        select_all=False,
        key=f"task-documents-{part.name}",
    )
    values = fill_in(part, {}, "task", say)
    beside = st.text_input(say("task.beside"), key="task-beside", placeholder=say("task.beside_hint"))
    if len(chosen) < part.documents or part.missing(values):
        st.caption(say.plural("task.needed", part.documents))
        return None
    return command_text(called(part, say), chosen, values, beside)


def as_data(say: Texts) -> list[dict[str, str]]:
    """The library's tasks for the list that opens after a slash: names, and how each begins."""
    parts = map(LIBRARY.find, repeat(Kind.TASK), names(Kind.TASK))
    return [
        {"name": one.name, "title": one.title[say.language], "text": f"/{called(one, say)} @"}
        for one in parts
    ]


def called(part: Part, say: Texts) -> str:
    """The name that a task is asked for by: its language is that of the answer."""
    title = part.title[say.language].replace(" ", "_")
    return title if say.language == "ko" and part.version is None else part.name


def question_html(text: str) -> str | None:
    """A task as it is shown among the turns; None for any other question."""
    if not text.startswith("/"):
        return None
    command = read(text, lambda name: shell.runtime().prompts.find(Kind.TASK, name))
    if command is None:
        return None
    title = command.part.title[shell.texts().language]
    chips = "".join(f"<li>{escape(one)}</li>" for one in command.documents)
    values = "".join(f"<li>{escape(value)}</li>" for value in command.values.values())
    beside = f"<p>{escape(command.text)}</p>" if command.text else ""
    return f'<strong>{escape(title)}</strong><ul class="d-chips">{chips}{values}</ul>{beside}'
