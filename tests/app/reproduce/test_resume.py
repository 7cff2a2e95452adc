"""An answer that broke off, gone on with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.model_server import ModelServer, Reply

from app.errors import UsageError
from app.history import Message, Status
from app.reproduce import begun, can_resume
from app.runtime import Runtime
from app.schemas import Event, Mode, Role

Ask = Callable[..., Message]
Again = Callable[[Callable[[threading.Event], Iterator[Event]], Message], Message]

QUESTION = "How many days of paid leave does every employee have?"


def resumed(runtime: Runtime, again: Again, first: Message) -> Message:
    return again(lambda cancelled: runtime.resume(first.id, cancelled), first)


def test_an_answer_goes_on_where_the_connection_broke(
    runtime: Runtime, ask: Ask, again: Again, model_server: ModelServer
):
    sick = passage(runtime, ask, model_server, "sick.md")
    leave = 3 - sick
    model_server.say(
        Reply(f"Sick leave is 60 days [{sick}]. Every employee has 25 days of paid", drop_after=11),
        f"25 days of paid leave a year [{leave}]. Unused days expire [{leave}].",
    )
    first = ask(QUESTION)
    assert (first.status, first.content) == (
        Status.ERROR,
        "Sick leave is 60 days [1]. Every employee has 25 days",
    )
    second = resumed(runtime, again, first)
    assert second.status is Status.DONE and second.parent_id == first.parent_id
    assert second.content == (
        "Sick leave is 60 days [1]. Every employee has 25 days of paid leave a year [2]. "
        "Unused days expire [2]."
    )
    assert second.answer is not None
    assert [one.source for one in second.answer.citations] == ["sick.md", "leave.md"]
    kept = runtime.history.message(first.id)
    assert (kept.status, kept.content) == (first.status, first.content)  # nothing is lost if it fails
    trace = runtime.history.traces.of(second.id)
    assert trace is not None and trace.continues == first.id


def passage(runtime: Runtime, ask: Ask, model_server: ModelServer, source: str) -> int:
    """The number that a document has in the prompt of the question."""
    model_server.say("I see [1].")
    trace = runtime.history.traces.of(ask(QUESTION).id)
    assert trace is not None and len(trace.chunks) == 2
    return next(one.n for one in trace.chunks if one.source == source)


def test_the_model_is_sent_the_same_prompt_its_words_and_a_request(
    runtime: Runtime, ask: Ask, again: Again, model_server: ModelServer
):
    model_server.say(Reply("Every employee has 25 days [2] of", drop_after=6), "leave.")
    first = ask(QUESTION)
    resumed(runtime, again, first)
    before, after = (body["messages"] for body in model_server.bodies)
    assert after[: len(before)] == before
    *_, said, asked = after
    assert said == {"role": "assistant", "content": "Every employee has 25 days [2]"}
    assert asked["role"] == "user" and "25 days [2]" in asked["content"]


def test_a_stopped_answer_goes_on_with_its_marks(
    runtime: Runtime, ask: Ask, again: Again, model_server: ModelServer
):
    rest = threading.Event()
    number = passage(runtime, ask, model_server, "leave.md")
    model_server.say(
        Reply(f"Every employee has 25 days of paid leave a year [{number}]. Unused days expire", wait=rest),
        "expire on 31 March.",
    )
    first = ask(QUESTION, stop=lambda text: text.endswith("days"))
    rest.set()
    assert first.status is Status.STOPPED and can_resume(first)
    second = resumed(runtime, again, first)
    assert second.content.startswith("Every employee has 25 days of paid leave a year [1]. Unused days")
    assert second.content.count("[1]") >= 1 and second.status is Status.DONE
    assert second.answer is not None and second.answer.citations[0].source == "leave.md"


def test_an_answer_that_was_cut_by_its_length_can_go_on(
    runtime: Runtime, ask: Ask, again: Again, model_server: ModelServer
):
    model_server.say(Reply("Every employee has 25 days", finish="length"), "of leave [1].")
    first = ask(QUESTION)
    assert first.status is Status.DONE and can_resume(first)
    assert resumed(runtime, again, first).content.startswith("Every employee has 25 days")


def test_free_chat_goes_on(runtime: Runtime, ask: Ask, again: Again, model_server: ModelServer):
    model_server.say(Reply("Once upon a time there", drop_after=4), "a time there was a king.")
    first = ask("Tell me a tale", mode=Mode.FREE)
    assert first.content == "Once upon a time"
    second = resumed(runtime, again, first)
    assert second.content == "Once upon a time there was a king."
    assert second.answer is not None and second.answer.mode is Mode.FREE


def test_what_fails_again_keeps_what_there_was(
    runtime: Runtime, ask: Ask, again: Again, model_server: ModelServer
):
    model_server.say(Reply("Every employee has 25", drop_after=3), Reply(status=500))
    first = ask(QUESTION)
    second = resumed(runtime, again, first)
    assert (second.status, second.content) == (Status.ERROR, "Every employee has")
    assert can_resume(second)
    model_server.say("has 25 days of paid leave a year [1].")
    third = resumed(runtime, again, second)
    assert third.content.startswith("Every employee has 25 days of paid leave")


def test_an_interrupted_answer_goes_on_after_a_restart(
    runtime: Runtime, ask: Ask, again: Again, model_server: ModelServer
):
    model_server.say(Reply("Every employee has 25", drop_after=3), "has 25 days [1].")
    first = ask(QUESTION)
    runtime.history.update_message(first.id, status=Status.STREAMING)
    runtime.history.interrupt_running()
    first = runtime.history.message(first.id)
    assert first.status is Status.INTERRUPTED and can_resume(first)
    assert resumed(runtime, again, first).content.startswith("Every employee has 25 days")


def test_an_answer_whose_documents_have_changed_says_so(
    runtime: Runtime, ask: Ask, model_server: ModelServer, folder: Path
):
    model_server.say(Reply("Every employee has 25", drop_after=3))
    first = ask(QUESTION)
    (folder / "leave.md").write_text("# Leave\n\nEvery employee has 30 days.\n")
    runtime.ingest([folder])
    with pytest.raises(UsageError, match=r"documents.*changed.*leave\.md"):
        runtime.resume(first.id)


def test_without_a_model_an_answer_is_made_anew(runtime: Runtime, ask: Ask, again: Again):
    first = ask(QUESTION, model="none")
    runtime.history.update_message(first.id, content="Every employee", status=Status.INTERRUPTED)
    second = resumed(runtime, again, first)
    assert second.content == first.content


def test_whole_answers_and_questions_do_not_go_on(runtime: Runtime, ask: Ask):
    first = ask(QUESTION, model="none")
    assert first.parent_id is not None
    for wrong in (first.id, first.parent_id):
        with pytest.raises(UsageError):
            begun(runtime.history, wrong)
    empty = runtime.history.append(first.conversation_id, Role.ASSISTANT, "", status=Status.INTERRUPTED)
    assert not can_resume(empty)
