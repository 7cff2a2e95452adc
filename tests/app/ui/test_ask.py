"""A question that goes past the page's script, and the stream of its answer."""

from __future__ import annotations

import json
import threading

import pytest
from runtime_double import RuntimeDouble, answer
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.history import Status
from app.schemas import Role
from app.ui.live import ask, routes
from app.ui.options import Options

PAGE = {"origin": "http://testserver", "content-type": "application/json"}


@pytest.fixture
def client(runtime: RuntimeDouble) -> TestClient:
    return TestClient(Starlette(routes=[*ask.routes(), *routes.routes(lambda: runtime)]))


def asked(client: TestClient, text: str, conversation: str = "", **options: object) -> dict[str, str]:
    given = {"conversation": conversation, "text": text, "options": options}
    told = client.post("/ask", json=given, headers=PAGE)
    assert told.status_code == 200, told.text
    return told.json()


def test_a_question_begins_a_conversation_and_is_on_the_page_with_its_answer(
    client: TestClient, runtime: RuntimeDouble
):
    told = asked(client, "How many <b>days</b>?", collection="default", temperature=0.7)
    [question, reply] = runtime.history.messages(told["conversation"])
    assert (question.content, reply.id) == ("How many <b>days</b>?", told["answer"])
    assert "&lt;b&gt;days" in told["html"] and "<b>days" not in told["html"]
    assert "<strong>15 days</strong>" in told["html"] and f'data-message="{reply.id}"' in told["html"]
    assert runtime.asked[0].sampling.temperature == 0.7
    kept = runtime.history.conversation(told["conversation"])
    assert Options.of(kept, runtime.settings).temperature == 0.7


def test_the_next_one_goes_on_with_the_options_of_the_conversation(
    client: TestClient, runtime: RuntimeDouble
):
    first = asked(client, "How many days?", collection="default", temperature=0.7)
    runtime.jobs.job(first["answer"])
    second = asked(client, "And then?", first["conversation"], temperature=0.1)
    assert second["conversation"] == first["conversation"]
    assert len(runtime.history.messages(first["conversation"])) == 4
    assert runtime.asked[1].sampling.temperature == 0.7
    assert runtime.asked[1].history[0].content == "How many days?"


def test_what_takes_longer_is_streamed_to_its_last_word(client: TestClient, runtime: RuntimeDouble):
    runtime.held.set()
    told = asked(client, "How many days?", collection="default")
    assert f'data-live="{told["answer"]}"' in told["html"]
    threading.Timer(0.2, runtime.held.clear).start()
    stream = client.get(f"/live/{told['answer']}").text
    painted = [
        json.loads(part.split("data: ")[1])["html"] for part in stream.split("\n\n") if "event: paint" in part
    ]
    assert "15 days" in painted[-1]
    assert "event: done" in stream
    assert runtime.history.message(told["answer"]).status is Status.DONE


def test_while_an_answer_is_written_the_next_question_is_told_to_wait(
    client: TestClient, runtime: RuntimeDouble
):
    runtime.held.set()
    told = asked(client, "How many days?", collection="default")
    given = {"conversation": told["conversation"], "text": "And?"}
    again = client.post("/ask?lang=ko", json=given, headers=PAGE)
    assert again.status_code == 409 and again.json()["problem"]
    assert len(runtime.history.messages(told["conversation"])) == 2


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"origin": "http://evil.example", "content-type": "application/json"}, '{"text": "x"}', 403),
        ({"content-type": "application/json"}, '{"text": "x"}', 403),
        ({"origin": "http://testserver", "content-type": "text/plain"}, '{"text": "x"}', 403),
        (PAGE, '{"text": ""}', 400),
        (PAGE, '{"text": "x", "role": "assistant"}', 400),
        (PAGE, "no json", 400),
        (PAGE, json.dumps({"text": "x" * 20_001}), 400),
        (PAGE, json.dumps({"text": "x" * 300_000}), 413),
        (PAGE, '{"text": "x", "conversation": "gone"}', 409),
    ],
)
def test_what_is_no_question_of_our_page_is_not_asked(
    client: TestClient, runtime: RuntimeDouble, headers: dict[str, str], body: str, status: int
):
    told = client.post("/ask", content=body, headers=headers)
    assert told.status_code == status and told.json()["problem"]
    assert runtime.history.conversations() == [] and runtime.asked == []


def test_options_that_do_not_fit_give_way_to_the_settings(client: TestClient, runtime: RuntimeDouble):
    asked(client, "How many days?", temperature="hot", collection=["x"], free=True)
    assert runtime.asked[0].sampling.temperature == runtime.settings.temperature


def test_an_answer_that_fails_is_told_on_the_page(client: TestClient, runtime: RuntimeDouble):
    runtime.script = lambda question: answer(question.text, "Nothing.", refused=True, citations=())
    told = asked(client, "What is the capital?", collection="default")
    assert runtime.history.messages(told["conversation"])[1].role is Role.ASSISTANT
    assert "Nothing." in told["html"]
