"""The model names a conversation once, after its first answer, and never over a name that was given."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.model_server import ModelServer, Reply

from app.chat.generate import Model
from app.chat.jobs import Job, Jobs
from app.chat.titles import name_after
from app.config import Settings
from app.errors import ModelUnavailableError
from app.history import History
from app.llm import chat_model
from app.schemas import Answer, Done, Question, Role, Seconds, Tokens

ASKED = "How many days of leave are there?"
BY_RULES = "How many days of leave are there"


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    opened = History(f"sqlite:///{tmp_path / 'h.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture
def model(model_server: ModelServer) -> Model | None:
    settings = Settings.model_validate(
        {"llm_model": "openai:m", "llm_base_url": model_server.url, "llm_api_key": "k", "llm_retries": 0}
    )
    return chat_model(settings)


def done(text: str) -> Done:
    answer = Answer(
        question="q", standalone="q", answer=text, refused=False, citations=(), model=None, temperature=None,
        seed=None, fingerprint=None, tokens=Tokens(), seconds=Seconds(),
    )  # fmt: skip
    return Done(answer=answer)


def answered(history: History, conversation: str, text: str = ASKED, *, fails: bool = False) -> Job:
    """The answer to a question of this conversation; the job that made it."""
    question = history.append(conversation, Role.USER, text)

    def stream(_: object) -> Iterator[Done]:
        if fails:
            raise ModelUnavailableError("no")
        yield done("25 days [1].")

    job = Jobs(history).start(conversation, Question(text=text), stream, parent_id=question.id)
    assert job.wait(10)
    return job


def named(history: History, job: Job, model: Model | None) -> str:
    name_after(job, history, lambda name: model).join(20)
    return history.conversation(job.conversation_id).title


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("Days of leave", "Days of leave"),
        ('Title: "**Days of leave**."\n\nIt names the subject.', "Days of leave"),
        ("제목: 휴가 일수", "휴가 일수"),
        ("<b>Days</b>", "<b>Days</b>"),
        ("", BY_RULES),
        ("...", BY_RULES),
        ("An employee has twenty-five days of leave each year, as the handbook says.", BY_RULES),
    ],
)
def test_the_first_answer_names_the_conversation(
    history: History, model: Model, model_server: ModelServer, said: str, title: str
):
    model_server.say(said)
    job = answered(history, history.create().id)
    assert named(history, job, model) == title
    sent = str(model_server.bodies[0]["messages"])
    assert ASKED in sent
    assert "25 days." in sent  # without marks


@pytest.mark.parametrize(
    ("said", "title"),
    [("Days of leave\nHere is why I chose it.", "Days of leave"), ("on and on " * 40, BY_RULES)],
)
def test_a_model_that_goes_on_after_the_title_is_not_heard_out(
    history: History, model: Model, model_server: ModelServer, said: str, title: str
):
    model_server.say(Reply(said, wait=threading.Event()))  # it never ends by itself
    assert named(history, answered(history, history.create().id), model) == title


def test_nobody_is_asked_for_a_title_that_is_not_wanted(
    history: History, model: Model, model_server: ModelServer
):
    renamed = answered(history, history.create().id)
    history.rename(renamed.conversation_id, "Mine")
    assert named(history, renamed, model) == "Mine"
    titled = answered(history, history.create(title="Given").id)
    assert named(history, titled, model) == "Given"
    failed = answered(history, history.create().id, fails=True)
    assert named(history, failed, model) == BY_RULES
    second = answered(history, failed.conversation_id, "And in the second year?")
    assert named(history, second, model) == BY_RULES
    assert named(history, answered(history, history.create().id), None) == BY_RULES
    gone = answered(history, history.create().id)
    history.delete(gone.conversation_id)
    name_after(gone, history, lambda name: model).join(20)
    assert model_server.requests == []


def test_a_failure_is_silent(history: History, model: Model, model_server: ModelServer):
    model_server.say(Reply(status=500))
    assert named(history, answered(history, history.create().id), model) == BY_RULES
