"""The final prompt for a sample question, with passages of the collection, as it would be sent."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from app.chat.tasks import command_text
from app.errors import DocentError
from app.schemas import PromptChoice, Question
from app.ui import shell
from app.ui.prompting.cards import pre
from app.ui.prompting.fill import fill_in, sources
from prompts.library import Kind

if TYPE_CHECKING:
    from app.chat.preview import Preview
    from app.ui.texts import Texts
    from prompts.library import Part


def box(part: Part, key: str, say: Texts) -> None:
    """Off at first: it searches."""
    if not st.toggle(say("prompts.preview"), key=f"preview-{key}", help=say("prompts.preview_help")):
        return
    options = st.session_state.get("options")
    collection = options.collection if options else shell.runtime().settings.collection
    values = fill_in(part, {}, f"preview-{key}", say)
    asked = _asked(part, values, collection, key, say)
    if missing := part.missing(values):
        shell.note(say.html("prompts.give_first", names=", ".join(missing)))
        return
    try:
        st.html(preview_html(_preview(part, asked, values, collection), say))
    except DocentError as error:
        shell.error_card(error)


def _asked(part: Part, values: dict[str, str], collection: str, key: str, say: Texts) -> str:
    """The sample question."""
    if part.kind is Kind.TASK:
        names = sources(collection)
        chosen = st.multiselect(
            say("prompts.sample_documents"),
            names,
            names[: part.documents],
            select_all=False,
            key=f"docs-{key}",
        )
        return command_text(part.name, chosen, values)
    first = part.examples[0][say.language] if part.examples else say("prompts.sample_question")
    return st.text_input(say("prompts.sample"), first, key=f"sample-{key}")


def _preview(part: Part, asked: str, values: dict[str, str], collection: str) -> Preview:
    runtime = shell.runtime()
    choice = {} if part.kind is Kind.TASK else {part.kind.value: part.name}
    question = Question(text=asked, prompt=PromptChoice(values=values, **choice))
    pipeline = runtime.pipeline(collection, "none", shelf=runtime.prompts.with_draft(part))
    return pipeline.preview(question)


def preview_html(seen: Preview, say: Texts) -> str:
    """Both texts, and how long they are."""
    facts = say("prompts.tokens", tokens=f"{seen.tokens:,}", passages=seen.passages)
    refused = "" if seen.passages else f'<div class="d-note">{say.html("prompts.would_refuse")}</div>'
    system, human = say("prompts.system"), say("prompts.human")
    return (
        f'<div class="d-prompt">{refused}<p class="d-facts">{escape(facts)}</p>'
        f"<h4>{escape(system)}</h4>{pre(seen.system, system)}"
        f"<h4>{escape(human)}</h4>{pre(seen.human, human)}</div>"
    )
