"""Answers in the making: viewers come and go, nothing is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.passages import Found

from app.chat.jobs import Jobs
from app.chat.pipeline import Pipeline
from app.config import Settings
from app.errors import ModelUnavailableError, NotFoundError, UsageError
from app.history import History, Status
from app.schemas import Answer, Condensed, Done, Event, Notice, Question, Role, Seconds, Token, Tokens

QUESTION = Question(text="How many days?")


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    opened = History(f"sqlite:///{tmp_path / 'h.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture
def jobs(history: History) -> Iterator[Jobs]:
    made = Jobs(history)
    yield made
    made.close()


def done(text: str, *notices: str) -> Done:
    answer = Answer(
        question="q", standalone="q", answer=text, refused=False, citations=(), model=None, temperature=None,
        seed=None, fingerprint=None, tokens=Tokens(), seconds=Seconds(),
        notices=tuple(Notice(code=code) for code in notices),
    )  # fmt: skip
    return Done(answer=answer)


class Script:
    """A stream that waits for `go` before its last words; `closed` tells that it was closed or ended."""

    def __init__(self, error: Exception | None = None) -> None:
        self.go = threading.Event()
        self.closed = threading.Event()
        self.error = error

    def __call__(self, cancelled: threading.Event) -> Iterator[Event]:
        try:
            yield Condensed(standalone="q")
            yield Token(text="25 ")
            yield Token(text="days")
            while not self.go.wait(0.01):
                if cancelled.is_set():
                    yield done("25 days", "stopped")
                    return
            if self.error is not None:
                raise self.error
            yield Token(text=" [1].")
            yield done("25 days [1]. Checked.")
        finally:
            self.closed.set()


def until(job, wanted: str) -> None:
    """Look on until the text so far is this."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if job.text == wanted:
            return
        time.sleep(0.01)
    pytest.fail(f"{job.text!r} never became {wanted!r}")


def test_the_finished_answer_is_kept(history: History, jobs: Jobs):
    conversation = history.create()
    asked = history.append(conversation.id, Role.USER, QUESTION.text)
    script = Script()
    job = jobs.start(conversation.id, QUESTION, script, parent_id=asked.id)
    assert jobs.running(conversation.id) == (job,) and jobs.job(job.message_id) is job
    script.go.set()
    assert job.wait(10)
    assert jobs.running(conversation.id) == () and jobs.job(job.message_id) is None
    reply = history.messages(conversation.id)[-1]
    assert (reply.id, reply.parent_id, reply.role) == (job.message_id, asked.id, Role.ASSISTANT)
    assert (reply.content, reply.status) == ("25 days [1]. Checked.", Status.DONE)
    assert reply.answer == job.answer
    assert job.error is None


def test_whoever_looks_later_sees_everything(history: History, jobs: Jobs):
    script = Script()
    job = jobs.start(history.create().id, QUESTION, script)
    until(job, "25 days")
    seen = job.version
    script.go.set()
    assert job.wait(10) and job.version > seen
    assert [event.kind for event in job.events] == ["condensed", "token", "token", "token", "done"]


def test_what_was_said_so_far_is_kept_also_while_nothing_more_comes(history: History, jobs: Jobs):
    conversation = history.create()
    script = Script()
    job = jobs.start(conversation.id, QUESTION, script)
    until(job, "25 days")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        reply = history.messages(conversation.id)[-1]
        if reply.content == "25 days":
            break
        time.sleep(0.01)
    assert (reply.content, reply.status) == ("25 days", Status.STREAMING)
    script.go.set()


def test_stop_keeps_the_partial_answer(history: History, jobs: Jobs):
    conversation = history.create()
    job = jobs.start(conversation.id, QUESTION, Script())
    until(job, "25 days")
    job.cancel()
    assert job.wait(10)
    reply = history.messages(conversation.id)[-1]
    assert (reply.content, reply.status) == ("25 days", Status.STOPPED)
    assert reply.answer is not None


def test_an_error_keeps_the_partial_answer_and_says_why(history: History, jobs: Jobs):
    conversation = history.create()
    script = Script(ModelUnavailableError("The server is gone.", model="openai:x", partial="25 days"))
    script.go.set()
    job = jobs.start(conversation.id, QUESTION, script)
    assert job.wait(10)
    assert isinstance(job.error, ModelUnavailableError)
    reply = history.messages(conversation.id)[-1]
    assert (reply.content, reply.status, reply.answer) == ("25 days", Status.ERROR, None)
    assert reply.error is not None
    assert (reply.error.code, reply.error.message) == ("model_unavailable", "The server is gone.")
    assert reply.error.values["model"] == "openai:x"


def test_an_unforeseen_error_is_logged_and_told(history: History, jobs: Jobs, caplog):
    script = Script(ZeroDivisionError("oh"))
    script.go.set()
    job = jobs.start(history.create().id, QUESTION, script)
    assert job.wait(10)
    assert "ZeroDivisionError" in str(job.error)
    assert "An answer failed" in caplog.text


def test_an_error_while_beginning_is_told_too(history: History, jobs: Jobs):
    def broken(_: threading.Event) -> Iterator[Event]:
        raise NotFoundError("Nothing is indexed.")

    conversation = history.create()
    job = jobs.start(conversation.id, QUESTION, broken)
    assert job.wait(10)
    assert isinstance(job.error, NotFoundError)
    assert history.messages(conversation.id)[-1].status is Status.ERROR


def test_a_conversation_has_one_job_at_a_time(history: History, jobs: Jobs):
    one, other = history.create(), history.create()
    script, second = Script(), Script()
    job = jobs.start(one.id, QUESTION, script)
    with pytest.raises(UsageError, match="still being answered"):
        jobs.start(one.id, QUESTION, Script())
    assert len(history.messages(one.id)) == 1
    jobs.start(other.id, QUESTION, second)
    script.go.set()
    assert job.wait(10)
    again = jobs.start(one.id, QUESTION, script)
    assert again.wait(10)
    second.go.set()


def test_a_deleted_conversation_harms_nothing(history: History, jobs: Jobs):
    conversation = history.create()
    script = Script()
    job = jobs.start(conversation.id, QUESTION, script)
    history.delete(conversation.id)
    script.go.set()
    assert job.wait(10)
    assert job.error is None
    with pytest.raises(NotFoundError):
        jobs.start(conversation.id, QUESTION, script)
    assert jobs.running(conversation.id) == () and jobs.job(job.message_id) is None


def test_close_stops_and_keeps(history: History):
    jobs = Jobs(history)
    conversation = history.create()
    script = Script()
    job = jobs.start(conversation.id, QUESTION, script)
    until(job, "25 days")
    jobs.close()
    assert job.done
    assert script.closed.is_set()
    assert history.messages(conversation.id)[-1].status is Status.STOPPED


def test_what_a_dead_process_left_is_marked_at_start(history: History):
    conversation = history.create()
    history.append(conversation.id, Role.ASSISTANT, "half", status=Status.STREAMING)
    Jobs(history).close()
    assert history.messages(conversation.id)[-1].status is Status.INTERRUPTED


def test_with_a_real_pipeline(history: History, jobs: Jobs):
    pipeline = Pipeline(Found(), None, Settings())
    conversation = history.create()
    job = jobs.start(conversation.id, QUESTION, lambda cancelled: pipeline.stream(QUESTION, cancelled))
    assert job.wait(30)
    reply = history.messages(conversation.id)[-1]
    assert reply.answer is not None
    assert "25 days" in reply.content


def test_one_question_may_be_given_several_answers_at_once(history: History, jobs: Jobs):
    conversation = history.create()
    asked = history.append(conversation.id, Role.USER, QUESTION.text)
    scripts = [Script(), Script()]
    made = [jobs.start(conversation.id, QUESTION, one, parent_id=asked.id, shown=False) for one in scripts]
    assert set(jobs.running(conversation.id)) == set(made)
    with pytest.raises(UsageError, match="still being answered"):
        jobs.check_free(conversation.id)
    for script in scripts:
        script.go.set()
    assert all(job.wait(10) for job in made)
    siblings = history.tree(conversation.id).siblings(made[0].message_id)
    assert [node.status for node in siblings] == [Status.DONE, Status.DONE]


def test_who_listens_is_told_of_each_change_until_they_stop(history: History, jobs: Jobs):
    script, heard = Script(), []
    job = jobs.start(history.create().id, QUESTION, script)
    forget = job.listen(lambda: heard.append(job.version))
    until(job, "25 days")
    script.go.set()
    assert job.wait(10)
    assert heard == sorted(set(heard)) and heard[-1] == job.version
    forget()
