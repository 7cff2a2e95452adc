"""Typed answers through jobs, the history, their records and the command line."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from support.model_server import ModelServer, Reply

from app.cli import main
from app.history import Message, Status
from app.reproduce import can_resume, compare
from app.runtime import Runtime
from app.schemas import Event, Partial, Question, Role, Support

Ask = Callable[..., Message]
Again = Callable[[Callable[[threading.Event], Iterator[Event]], Message], Message]


def said(runtime: Runtime, **changes: object) -> str:
    """An object of the timeline, whatever its fields are."""
    [events] = runtime.schemas.find("timeline").fields
    one = {field.name: [] if field.many else None for field in events.fields}
    text = next(field.name for field in events.fields if field.required and field.kind == "text")
    return json.dumps({"events": [one | {text: "Unused days expire on 31 March"} | changes]})


def test_a_typed_answer_is_kept_and_made_again(
    runtime: Runtime, ask: Ask, again: Again, model_server: ModelServer
):
    model_server.say(said(runtime), said(runtime))
    first = ask("Which days matter for leave?", form="timeline")
    assert first.status is Status.DONE
    assert first.answer is not None
    assert first.answer.form == "timeline"
    assert first.answer.typed is not None
    supported = [one for one in first.answer.evidence if one.support is Support.SUPPORTED]
    assert [one.citation.source for one in supported if one.citation] == ["leave.md"]
    assert "[1]" in first.content
    assert not can_resume(first)
    second = again(lambda cancelled: runtime.repeat(first.id, cancelled), first)
    was, now = runtime.history.traces.of(first.id), runtime.history.traces.of(second.id)
    assert was and now and second.answer
    assert (was.held_by, was.repairs, was.parts, was.asked.top_k) == ("json_schema", 0, 1, 20)
    assert {"extract", "schemas/timeline"} <= was.templates.keys()
    assert now.repeats == first.id
    assert second.answer.typed == first.answer.typed
    once, twice = model_server.bodies
    assert once == twice
    outcome = compare(first.answer, second.answer, was, now)
    assert {one.state for one in outcome.findings if one.about != "seed"} == {"same"}


def test_another_schema_and_another_way_are_told(
    runtime: Runtime, ask: Ask, again: Again, model_server: ModelServer
):
    model_server.say(said(runtime), Reply(status=400), Reply(said(runtime), tool_call=True))
    first = ask("Which days matter for leave?", form="timeline")
    second = again(lambda cancelled: runtime.repeat(first.id, cancelled), first)
    was, now = runtime.history.traces.of(first.id), runtime.history.traces.of(second.id)
    assert was and now and first.answer and second.answer
    was = was.model_copy(update={"templates": was.templates | {"schemas/timeline": "another"}})
    found = {one.code: one.values for one in compare(first.answer, second.answer, was, now).findings}
    assert "held_by json_schema → function_calling" in found["settings_changed"]["changes"]
    assert found["templates_changed"]["names"] == "schemas/timeline"


def test_a_job_holds_the_last_partial_object(runtime: Runtime, model_server: ModelServer):
    rest = threading.Event()
    model_server.say(Reply(said(runtime), word_delay=0.03, wait=rest))
    question = Question(text="Which days matter for leave?", form="timeline")
    conversation = runtime.history.create(collection="default")
    asked = runtime.history.append(conversation.id, Role.USER, question.text)
    job = runtime.jobs.start(
        conversation.id, question, lambda stop: runtime.stream(question, None, stop), parent_id=asked.id
    )
    seen = set()
    while len(seen) < 2 and not job.wait(0.01):
        partial = [event for event in job.events if isinstance(event, Partial)]
        assert len(partial) <= 1
        seen |= {json.dumps(event.data) for event in partial}
    rest.set()
    assert job.wait(10)
    assert len(seen) >= 2
    assert [event.kind for event in job.events] == ["condensed", "retrieved", "prepared", "partial", "done"]


def test_a_stopped_typed_answer_keeps_nothing_half(runtime: Runtime, model_server: ModelServer):
    model_server.say(Reply(said(runtime), wait=threading.Event()))
    question = Question(text="Which days matter for leave?", form="timeline")
    conversation = runtime.history.create(collection="default")
    job = runtime.jobs.start(conversation.id, question, lambda stop: runtime.stream(question, None, stop))
    while not any(isinstance(event, Partial) for event in job.events):
        assert not job.wait(0.01)
    job.cancel()
    assert job.wait(5)
    kept = runtime.history.message(job.message_id)
    assert (kept.status, kept.content, kept.answer) == (Status.STOPPED, "", None)


def test_the_command_shows_values_and_their_sources(
    runtime: Runtime,
    model_server: ModelServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    settings = runtime.settings
    monkeypatch.setenv("DOCENT_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("DOCENT_LLM_BASE_URL", model_server.url)
    monkeypatch.setenv("DOCENT_LLM_MODEL", "openai:scripted")
    [events] = runtime.schemas.find("timeline").fields
    day = next(field.name for field in events.fields if field.kind == "date")

    def call(*options: str) -> str:
        command = ["docent", "ask", "Which days matter for leave?", "--schema", "timeline", *options]
        monkeypatch.setattr(sys, "argv", command)
        with pytest.raises(SystemExit) as end:
            main()
        assert not end.value.code
        return capsys.readouterr().out

    model_server.default = Reply(said(runtime, **{day: "2031-12-24"}))
    shown = call()
    assert "Unused days expire on 31 March [1]" in shown
    assert f"{day}: –  (The model gave “2031-12-24”, but that stands nowhere in the documents." in shown
    assert "[1] leave.md" in shown
    printed = json.loads(call("--json"))
    assert printed["typed"]["events"][0][day] is None
    assert printed["evidence"]
    assert f"{day}: 2031-12-24 ?" in call("--keep-unsupported")


def test_without_a_model_simple_fields_are_filled_by_rules(runtime: Runtime):
    question = Question(text="Which number has the invoice of Hana Trading?", model="none")
    folder = runtime.settings.data_dir.parent / "handbook"
    lines = ("Invoice number: A-17", "Invoice date: 2024-03-02", "Seller: Hana Trading", "Total: $6,600.00")
    (folder / "invoice.md").write_text("\n".join(("# Invoice\n", *lines)), encoding="utf-8")
    runtime.ingest([folder])
    answer = runtime.typed_answer(question, "invoice")
    assert answer.typed is not None
    assert (answer.typed["number"], answer.typed["date"]) == ("A-17", "2024-03-02")
    assert {one.source for one in answer.citations} == {"invoice.md"}
    numbers = {one.citation.n for one in answer.evidence if one.citation}
    assert numbers == {one.n for one in answer.citations}
    assert [one.code for one in answer.notices] == ["no_model"]
    assert answer.trace is not None
    assert answer.trace.held_by == "rules"
    other = runtime.typed_answer(Question(text="Who won the chess final?", model="none"), "invoice")
    assert (other.refused, other.typed) == (True, None)
