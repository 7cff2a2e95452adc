"""An empty chat: how to begin without documents, and questions to begin with once there are some."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from app.ui import only_box, shell, suggest_html, upload_box

if TYPE_CHECKING:
    from app.ui.options import Options
    from app.ui.texts import Texts


def show(options: Options, documents: int) -> None:
    """Draw it."""
    say, collection = shell.texts(), options.collection
    if documents:
        _hero(say("landing.title"), say.plural("landing.subtitle", documents, collection=collection))
        upload_box.outcome(collection, only_trouble=True)
        st.html(suggest_html.start_html(collection, tuple(only_box.held(options)) or options.only, say))
    else:
        _hero(say("landing.first_title"), f"{say('landing.first_text')} {_where_it_goes(say)}")
        upload_box.show(collection)
        command = f"<code>{_ingest_command(collection)}</code>"
        st.html(f'<p class="d-or">{say.html("landing.first_or")}<br>{command}</p>')
    if not shell.runtime().settings.llm_model:
        st.html(f'<div class="d-note d-steps">{_no_model(say)}</div>')


def _where_it_goes(say: Texts) -> str:
    model = shell.runtime().settings.llm_model
    return say("landing.sent", model=model) if model else say("landing.stays")


def _hero(title: str, text: str) -> None:
    mark = base64.b64encode(shell.LOGO.read_bytes()).decode()
    image = f'<img src="data:image/svg+xml;base64,{mark}" alt="">'
    st.html(f'<div class="d-hero">{image}<h1>{escape(title)}</h1><p>{escape(text)}</p></div>')


def _ingest_command(collection: str) -> str:
    named = "" if collection == shell.runtime().settings.collection else f" --collection {collection}"
    return escape(f"python -m ingest ./docs{named}")


def _no_model(say: Texts) -> str:
    return say(
        "landing.no_model",
        file="<code>.env</code>",
        model_line="<code>DOCENT_LLM_MODEL=openai:gpt-4o-mini</code>",
        ollama_line="<code>DOCENT_LLM_MODEL=ollama:qwen3</code>",
    )
