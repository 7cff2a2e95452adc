"""The chat: the turns of a conversation, the answer that is being written, and the place to ask."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app.errors import DocentError, NotFoundError
from app.history import Status
from app.schemas import Role
from app.ui import asking, export_box, landing, live_answer, shell, turns
from app.ui.options import Options, panel

if TYPE_CHECKING:
    from app.chat.jobs import Job
    from app.history import Conversation, Message
    from app.ui.texts import Texts

LONGEST_QUESTION = 20_000
"""Characters; more is refused by the field itself."""

_FOLLOW = Path(__file__).with_name("follow.js").read_text(encoding="utf-8")
_PANEL = Path(__file__).with_name("viewer").joinpath("panel.js").read_text(encoding="utf-8").rstrip()


def show() -> None:
    """Draw the page."""
    say = shell.texts()
    conversation = _conversation()
    options = _options(conversation)
    # The job is asked for first: what ends in between is in the messages then.
    job = shell.runtime().jobs.running(conversation.id) if conversation else None
    messages = shell.runtime().history.messages(conversation.id) if conversation else []
    documents = _documents(options.collection)
    if messages:
        _make_viewer_ready(messages)
        _turns(messages, say, live=job.message_id if job else None)
        if job is None and _unanswered(messages[-1]):
            _try_again(messages, options, say)
    else:
        landing.show(options.collection, documents, lambda text: _ask(text, conversation, options))
    place = st.empty()
    _composer(conversation, messages, options, say, job=job, empty=not documents)
    if job is not None:  # last, because it holds the script until the answer is there
        live_answer.follow(job, place, say, form=options.form, free=options.free)
        st.rerun()


def _conversation() -> Conversation | None:
    """The one that the address names; a friendly word instead of an error if it is gone."""
    wanted = st.query_params.get("c")
    if not wanted:
        return None
    try:
        return shell.runtime().history.conversation(wanted)
    except NotFoundError:
        shell.note(shell.texts()("chat.gone"))
        return None


def _options(conversation: Conversation | None) -> Options:
    settings = shell.runtime().settings
    if conversation is None:
        return st.session_state.get("options") or Options.initial(settings)
    return Options.restored({**conversation.settings, "collection": conversation.collection}, settings)


def _documents(collection: str) -> int:
    try:
        return shell.runtime().collection(collection).counts()[0]
    except NotFoundError:
        return 0
    except DocentError as error:
        shell.error_card(error)
        return 0


# -- turns -----------------------------------------------------------------------------------------------


def _turns(messages: list[Message], say: Texts, live: str | None) -> None:
    """All turns but the answer that is being written, which has its own place."""
    question = messages[0]
    for message, following in zip_longest(messages, messages[1:]):
        if message.role is Role.USER:
            question = message
            st.html(turns.question_html(message.content, say))
        elif message.id != live and not _gave_way(message, following):
            st.html(turns.message_html(message, say))
            export_box.answer_menu(question, message, say)


def _gave_way(message: Message, following: Message | None) -> bool:
    """Whether this attempt got no word out and was tried again."""
    retried = following is not None and following.role is Role.ASSISTANT
    return retried and not message.content.strip()


def _unanswered(last: Message) -> bool:
    return last.role is Role.USER or last.status in {Status.ERROR, Status.INTERRUPTED, Status.STREAMING}


def _try_again(messages: list[Message], options: Options, say: Texts) -> None:
    with st.container(horizontal=True, key="again"):
        if st.button(say("common.retry"), icon=":material/refresh:", key="retry"):
            asking.again(messages, options)
            st.rerun()
        failure = messages[-1].error
        blames_model = failure is not None and failure.code.startswith("model") and options.model != "none"
        if blames_model and st.button(say("chat.without_model"), type="tertiary", key="without-model"):
            asking.again(messages, options.model_copy(update={"model": "none"}))
            st.rerun()


# -- asking ----------------------------------------------------------------------------------------------


def _composer(
    conversation: Conversation | None,
    messages: list[Message],
    options: Options,
    say: Texts,
    *,
    job: Job | None,
    empty: bool,
) -> None:
    with st.bottom, st.container(key="composer", gap=None):
        with st.container(key="follow"):
            st.html(_to_the_end(messages), unsafe_allow_javascript=True)
            st.html(_viewer(say), unsafe_allow_javascript=True)
        if job is not None:
            with st.container(key="stop", horizontal_alignment="center"):
                st.button(
                    say("chat.stop"),
                    icon=":material/stop:",
                    on_click=job.cancel,
                    key="stop-button",
                )
        state = "busy" if job is not None else "free" if options.free else "empty" if empty else ""
        if options.free:
            st.html(f'<p class="d-free-mark" role="status">{say.html("chat.free_on")}</p>')
        text = st.chat_input(
            say(f"chat.placeholder_{state}" if state else "chat.placeholder"),
            max_chars=LONGEST_QUESTION,
            disabled=state in ("busy", "empty"),
            key="question",
        )
        if text:  # before the options are looked at, which may begin the script anew
            _ask(text, conversation, options)
        with st.container(key="composer-row", horizontal=True, vertical_alignment="center"):
            panel(options, conversation.id if conversation else "new", _keep(conversation))
            hint = say.html("chat.hint_free" if options.free else "chat.hint")
            st.html(f'<p class="d-hint">{hint}</p>')


def _to_the_end(messages: list[Message]) -> str:
    """Keeps the newest turn in view; it runs again only when it reads differently: after each question."""
    last = next((message.id for message in reversed(messages) if message.role is Role.USER), "")
    return f"<script>/* {last} */ {_FOLLOW}</script>"


def _make_viewer_ready(messages: list[Message]) -> None:
    """Once there are pages that a click may open."""
    cited = (one.source for message in messages if message.answer for one in message.answer.citations)
    if any(source.lower().endswith(".pdf") for source in cited):
        shell.runtime().originals.warm()


def _viewer(say: Texts) -> str:
    """Opens sources beside the chat."""
    words = {"panel": say("viewer.panel"), "close": say("viewer.close")}
    return f"<script>{_PANEL}({json.dumps(words)})</script>"


def _ask(text: str, conversation: Conversation | None, options: Options) -> None:
    st.session_state["options"] = options.for_another()
    st.query_params["c"] = asking.ask(text, conversation, options)
    st.rerun()


def _keep(conversation: Conversation | None) -> Callable[[Options], None]:
    def keep(options: Options) -> None:
        if conversation is None:
            st.session_state["options"] = options
        else:
            shell.runtime().history.configure(
                conversation.id, collection=options.collection, settings=options.kept()
            )
        st.rerun()

    return keep
