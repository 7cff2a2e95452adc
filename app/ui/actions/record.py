"""What can be done with the record of an answer: look at it, make the answer again, go on with it."""

from __future__ import annotations

import threading
from collections.abc import Container, Iterator, Mapping
from typing import TYPE_CHECKING

import streamlit as st

from app.errors import DocentError, NotFoundError
from app.history import Status
from app.reproduce import begun, can_resume, compare, recorded
from app.schemas import Event, Role
from app.ui import changes_html, details_html, shell
from app.ui.actions import answers

if TYPE_CHECKING:
    from app.history import Message
    from app.schemas import Chunk, Trace

WAITED_FOR = "repeated-answer"
"""In the session: the answer that this page had made again, whose differences it shows when it is done."""


def details(message_id: str) -> None:
    """Open the record of an answer."""
    runtime, say = shell.runtime(), shell.texts()
    message = _answer(message_id)
    trace = runtime.history.traces.of(message.id)
    chunks = _chunks(trace) if trace else {}

    @st.dialog(say("record.title"), width="large")
    def dialog() -> None:
        st.html(details_html.details_html(message, trace, chunks, say))

    dialog()


def repeat(message_id: str) -> None:
    """Make an answer again from its record, beside it."""
    runtime = shell.runtime()
    message = _answer(message_id)
    trace = recorded(runtime.history, message.id)

    def stream(cancelled: threading.Event) -> Iterator[Event]:
        return runtime.repeat(message.id, cancelled)

    job = runtime.jobs.start(message.conversation_id, trace.asked, stream, parent_id=message.parent_id)
    st.session_state[WAITED_FOR] = job.message_id


def go_on(message_id: str) -> None:
    """Go on with an answer that broke off, beside it; one that cannot go on is made anew."""
    runtime = shell.runtime()
    message = _answer(message_id)
    if not can_resume(message) or runtime.history.traces.of(message.id) is None:
        answers.regenerate(message.id)
        return
    trace = begun(runtime.history, message.id).trace
    runtime.resume(message.id)  # what stands in the way is told before anything begins

    def stream(cancelled: threading.Event) -> Iterator[Event]:
        return runtime.resume(message.id, cancelled)

    runtime.jobs.start(message.conversation_id, trace.asked, stream, parent_id=message.parent_id)


def changes(message_id: str) -> None:
    """Show how an answer that was made again differs from the first one, and why."""
    runtime, say = shell.runtime(), shell.texts()
    after, now = _answer(message_id), recorded(runtime.history, message_id)
    if now.repeats is None:
        raise NotFoundError(f"The answer {message_id!r} repeats no other one.")
    before, was = runtime.history.message(now.repeats), recorded(runtime.history, now.repeats)
    if before.answer is None or after.answer is None:
        raise NotFoundError("One of the two answers was not finished, so they cannot be compared.")
    html = changes_html.changes_html(
        before.answer, after.answer, compare(before.answer, after.answer, was, now), say
    )

    @st.dialog(say("record.changes_title"), width="large")
    def dialog() -> None:
        st.html(html)

    dialog()


def show_waited_for(running: Container[str]) -> None:
    """The differences of the answer that this page had made again, once it is not among those that run."""
    message_id = st.session_state.get(WAITED_FOR)
    if message_id is None or message_id in running:
        return
    del st.session_state[WAITED_FOR]
    if shell.runtime().history.message(message_id).status is Status.DONE:
        changes(message_id)


def _answer(message_id: str) -> Message:
    message = shell.runtime().history.message(message_id)
    if message.role is not Role.ASSISTANT:
        raise NotFoundError(f"The message {message_id!r} is no answer.")
    return message


def _chunks(trace: Trace) -> Mapping[str, Chunk]:
    """The passages as the collection has them now, as far as it can be opened."""
    if not trace.collection:
        return {}
    try:
        return shell.runtime().collection(trace.collection).chunks([one.chunk_id for one in trace.chunks])
    except DocentError:
        return {}
