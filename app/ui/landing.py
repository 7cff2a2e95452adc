"""An empty chat: how to begin without documents, and questions to begin with once there are some."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from app.errors import DocentError
from app.language import Language, detect_language
from app.ui import shell, upload_box
from app.ui.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Sequence

EXAMPLES = 4

# "4.2 ", "3장 ", "제12조 ": what counts a heading rather than names it.
_NUMBER = re.compile(r"^(?:(?:\d+\.)*\d+[.)]?\s+|제?\s?\d+\s?[편장절조항]\.?\s*)")


def show(collection: str, documents: int, ask: Callable[[str], None]) -> None:
    """Draw it; `ask` is called with the example that was clicked."""
    say = shell.texts()
    if documents:
        _hero(say("landing.title"), say.plural("landing.subtitle", documents, collection=collection))
        upload_box.outcome(collection, only_trouble=True)
        _examples(collection, say, ask)
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


def _examples(collection: str, say: Texts, ask: Callable[[str], None]) -> None:
    questions = examples(_headings(collection), say.language)
    if not questions:
        return
    with st.container(key="examples", gap="small"):
        st.html(f'<p class="d-label">{say.html("landing.examples")}</p>')
        for first in range(0, len(questions), 2):
            row = questions[first : first + 2]
            for number, (column, question) in enumerate(zip(st.columns(2), row, strict=False), first):
                if column.button(shell.plain(question), width="stretch", key=f"example-{number}"):
                    ask(question)


def _headings(collection: str) -> list[str]:
    try:
        return shell.runtime().collection(collection).headings(limit=200)
    except DocentError:  # an index that cannot be read says so when it is asked, not here
        return []


def examples(headings: Sequence[str], language: Language) -> list[str]:
    """Questions about headings that are spread over the documents, each in the heading's own language.

    Those in the reader's `language` come first, and among them the ones that are questions already, as in
    a list of frequent ones.
    """
    named = (_NUMBER.sub("", " ".join(heading.split())) for heading in headings)
    fitting = dict.fromkeys(heading for heading in named if _asks_well(heading))
    best = sorted(fitting, key=lambda it: (detect_language(it) != language, not _is_question(it)))
    best = best[: max(EXAMPLES, len(best) // 3)]
    return [_question(heading) for heading in best[:: max(1, len(best) // EXAMPLES)][:EXAMPLES]]


def _asks_well(heading: str) -> bool:
    letters = sum(character.isalpha() for character in heading)
    shortest = 4 if detect_language(heading) == "ko" else 8
    return shortest <= len(heading) <= 60 and letters >= len(heading) * 0.6


def _is_question(heading: str) -> bool:
    return heading.endswith(("?", "？"))


def _question(heading: str) -> str:
    if _is_question(heading):
        return heading
    return Texts(detect_language(heading))("landing.example", heading=heading)
