"""A collection of two handbooks, and conversations about it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.model_server import ModelServer

from app.config import load_settings
from app.history import Message
from app.runtime import Runtime, build
from app.schemas import Event, Question, Role

LEAVE = "# Leave\n\nEvery employee has 25 days of paid leave a year. Unused days expire on 31 March.\n"
SICK = "# Sick leave\n\nEvery employee has 60 days of paid sick leave with a certificate.\n"
KOREAN = "# 휴가 규정\n\n연차 휴가는 1년에 15일입니다. 병가는 진단서를 내면 60일까지 쓸 수 있습니다.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "handbook"
    made.mkdir()
    (made / "leave.md").write_text(LEAVE, encoding="utf-8")
    (made / "sick.md").write_text(SICK, encoding="utf-8")
    (made / "휴가.md").write_text(KOREAN, encoding="utf-8")
    return made


@pytest.fixture
def runtime(tmp_path: Path, folder: Path, model_server: ModelServer) -> Iterator[Runtime]:
    settings = load_settings(
        data_dir=tmp_path / "data", llm_model="openai:scripted", llm_base_url=model_server.url, llm_retries=0
    )
    with build(settings) as made:
        made.ingest([folder])
        yield made


Ask = Callable[..., Message]


@pytest.fixture
def ask(runtime: Runtime) -> Ask:
    """Ask in a conversation of its own, by a job as the pages do; the answer's message when it is done."""

    def asked(text: str, *, stop: Callable[[str], bool] | None = None, **changes: object) -> Message:
        question = Question.model_validate({"text": text, **changes})
        conversation = runtime.history.create(collection=runtime.settings.collection)
        said = runtime.history.append(conversation.id, Role.USER, text)

        def stream(cancelled: threading.Event) -> Iterator[Event]:
            return runtime.stream(question, None, cancelled)

        job = runtime.jobs.start(conversation.id, question, stream, parent_id=said.id)
        while stop is not None and not job.wait(0.02):
            if stop(job.text):
                job.cancel()
                break
        assert job.wait(30)
        return runtime.history.message(job.message_id)

    return asked


Again = Callable[[Callable[[threading.Event], Iterator[Event]], Message], Message]


@pytest.fixture
def again(runtime: Runtime) -> Again:
    """Another answer beside one, from a stream; its message when it is done."""

    def run(stream: Callable[[threading.Event], Iterator[Event]], beside: Message) -> Message:
        question = Question(text="q")
        job = runtime.jobs.start(beside.conversation_id, question, stream, parent_id=beside.parent_id)
        assert job.wait(30)
        return runtime.history.message(job.message_id)

    return run
