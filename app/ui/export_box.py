"""Downloads of an answer and of a conversation: a file is made when its button is clicked, and not before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from app.export import FORMATS, Turn, export, suggested_name, turn_in, turns_of
from app.transfer import write as archive
from app.ui import shell

if TYPE_CHECKING:
    from app.history import Conversation, History, Message
    from app.language import Language
    from app.ui.texts import Texts

_ICONS = {"md": ":material/markdown:", "docx": ":material/description:", "pdf": ":material/picture_as_pdf:"}


def answer_dialog(question: Message, answer: Message, say: Texts) -> None:
    """The downloads of one answer."""

    @st.dialog(say("export.answer_title"))
    def dialog() -> None:
        with st.container(horizontal=True, gap="small"):
            _buttons(lambda: [turn_in(question, answer)], question.content, answer.id, say)

    dialog()


def conversation_dialog(conversation: Conversation, say: Texts) -> None:
    """The downloads of a whole conversation, as it is when one is clicked."""
    history = shell.runtime().history

    @st.dialog(say("export.title"))
    def dialog() -> None:
        st.html(f'<p class="d-said">{say.html("export.about")}</p>')
        with st.container(horizontal=True, gap="small"):
            turns = partial(_turns, history.messages, conversation.id)
            _buttons(turns, conversation.title, conversation.id, say, conversation.collection)
            st.download_button(
                "JSON",
                partial(_archived, history, conversation.id),
                suggested_name(conversation.title, "json", say.language),
                "application/json",
                key=f"export-json-{conversation.id}",
                icon=":material/data_object:",
                help=say("export.json_help"),
                on_click="ignore",
                type="tertiary",
            )

    dialog()


def _archived(history: History, conversation_id: str) -> bytes:
    return archive([history.wholes.get(conversation_id)])


def _turns(messages: Callable[[str], Sequence[Message]], conversation_id: str) -> list[Turn]:
    return turns_of(messages(conversation_id))


def _buttons(
    turns: Callable[[], Sequence[Turn]], title: str, key: str, say: Texts, collection: str = ""
) -> None:
    for name, kind in FORMATS.items():
        st.download_button(
            kind.label,
            partial(_made, turns, name, say.language, title, collection),
            suggested_name(title, name, say.language),
            kind.mime,
            key=f"export-{name}-{key}",
            icon=_ICONS[name],
            on_click="ignore",  # an answer that is being written goes on
            type="tertiary",
        )


def _made(
    turns: Callable[[], Sequence[Turn]], format: str, language: Language, title: str, collection: str
) -> bytes:
    """Runs outside of the page's script, so it must not ask Streamlit for anything."""
    return export(turns(), format, language, title=title, collection=collection).data
