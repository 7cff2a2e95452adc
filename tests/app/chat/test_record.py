"""The record of an answer: all that shaped it, in every way to ask, and no secret."""

from __future__ import annotations

import json

import pytest
from support.model_server import ModelServer
from support.passages import LEAVE, Found

from app.answers.extraction import typed_answer
from app.answers.schemas.shelf import cited_answer
from app.chat.free import free_answer
from app.chat.pipeline import Pipeline, last_answer
from app.chat.record import Basis, prompt_hash, shaping, without_secrets
from app.config import Settings
from app.llm import chat_model
from app.llm.prices import as_of, cost
from app.schemas import Answer, Mode, Prepared, Question, Role, Sampling, Tokens, Trace, Turn

HISTORY = (
    Turn(role=Role.USER, content="What is paid leave?"),
    Turn(role=Role.ASSISTANT, content="Time off that is paid [1]."),
)
BASIS = Basis("hr", 7, "built-in", 0.15, lambda text: 0.4)


def pipeline(server: ModelServer | None = None, **settings: object) -> Pipeline:
    given = Settings(**({"llm_base_url": server.url} if server else {}) | {"llm_retries": 0, **settings})
    return Pipeline(Found(), chat_model(given), given, basis=BASIS)


def trace_of(answer: Answer) -> Trace:
    assert answer.trace is not None
    return answer.trace


def test_an_answer_in_words_is_recorded_as_it_was_made(model_server: ModelServer):
    model_server.say("How long is paid leave?", "It is 25 days [1]. Korean law says 15 [2].")
    asked = Question(text="And how long?", history=HISTORY, sampling=Sampling(seed=7, top_p=0.5), top_k=3)
    answer = pipeline(model_server).answer(asked)
    trace = trace_of(answer)
    assert (trace.collection, trace.generation, trace.embedding) == ("hr", 7, "built-in")
    assert (trace.threshold, trace.dense_weight) == (0.15, 0.4)
    assert (trace.model, trace.fingerprint, trace.response_id) == (
        "openai:scripted-model",
        "fp_scripted",
        "chatcmpl-1",
    )
    assert trace.sampling == Sampling(temperature=0.0, seed=7, top_p=0.5, max_tokens=1024)
    assert [turn.content for turn in trace.asked.history] == ["What is paid leave?", "Time off that is paid."]
    assert (trace.asked.model, trace.asked.top_k) == ("openai:scripted-model", 3)
    assert trace.standalone == answer.standalone == "How long is paid leave?"
    sent = [[one["role"], one["content"]] for one in model_server.bodies[-1]["messages"]]
    assert [[one.role, one.content] for one in trace.prompt] == sent
    assert trace.prompt_hash == prompt_hash(trace.prompt) and len(trace.prompt_hash) == 64
    assert {"condense", "answer", "roles/default"} <= trace.templates.keys()
    assert trace.tokens == answer.tokens
    assert [(one.n, one.cited, one.rank) for one in trace.chunks] == [(1, 1, 1), (2, 2, 2), (3, None, 3)]
    assert trace.chunks[0].chunk_id == "leave.md#0" and trace.chunks[0].around == ("leave.md#0",)
    assert Trace.model_validate_json(trace.model_dump_json()) == trace


def test_the_parts_of_the_time_add_up(model_server: ModelServer):
    for made in (pipeline(model_server), pipeline()):
        seconds = made.answer(Question(text="How many days of leave?")).seconds
        parts = seconds.timeline
        assert min(parts.condense, parts.search, parts.first_token, parts.rest) > 0
        assert parts.condense + parts.search + parts.first_token + parts.rest == pytest.approx(seconds.total)
        assert parts.search == seconds.retrieve


def test_without_a_model_there_is_no_prompt_and_no_cost():
    answer = pipeline().answer(Question(text="How many days of leave?"))
    trace = trace_of(answer)
    assert (trace.model, trace.asked.model, trace.prompt, trace.prompt_hash) == (None, "none", (), "")
    assert (trace.templates, trace.cost) == ({}, 0.0)
    assert trace.chunks[0].cited == 1
    assert answer.citations[0].quote in LEAVE


def test_free_chat_is_recorded_without_documents(model_server: ModelServer):
    given = pipeline(model_server)
    question = Question(text="Tell me a joke", mode=Mode.FREE)
    trace = trace_of(last_answer(free_answer(given.model, given.settings, question)))
    assert (trace.collection, trace.generation, trace.chunks) == ("", None, ())
    assert trace.templates.keys() == {"free"}
    assert trace.prompt[-1].content == "Tell me a joke"


def test_a_typed_answer_is_recorded_with_its_form(model_server: ModelServer):
    model_server.say(json.dumps({"answer": "It is 25 days [1].", "citations": [1], "confidence": 0.9}))
    answer = typed_answer(pipeline(model_server), Question(text="How many days?"), cited_answer())
    trace = trace_of(answer)
    assert trace.asked.form == "cited_answer"
    assert trace.templates.keys() == {"extract", "schemas/cited_answer"}
    assert trace.prompt and trace.response_id == "chatcmpl-1"
    assert trace.chunks and trace.tokens.total == answer.tokens.total > 0
    assert answer.seconds.timeline.total == pytest.approx(answer.seconds.total)


def test_what_an_answer_will_stand_on_is_told_before_its_first_word(model_server: ModelServer):
    kinds = []
    for event in pipeline(model_server).stream(Question(text="How many days of leave?")):
        kinds.append(event.kind)
        if isinstance(event, Prepared):
            assert [one.n for one in event.trace.chunks] == [1, 2, 3]
    assert kinds.index("prepared") < kinds.index("token")


def test_a_new_mark_says_which_passage_it_stands_for(model_server: ModelServer):
    model_server.say("First this [3]. Then that [1]. And this again [3].")
    events = pipeline(model_server).stream(Question(text="How many days of leave?"))
    cited = [event.cites for event in events if event.kind == "token" and event.cites]
    assert cited == [{1: 3}, {2: 1}]


def test_no_secret_is_recorded(model_server: ModelServer):
    secrets = {"llm_api_key": "sk-secret-1", "openai_api_key": "sk-secret-2", "groq_api_key": "sk-secret-3"}
    address = model_server.url.replace("http://", "http://user:sk-secret-4@") + "?key=sk-secret-5"
    url = "postgresql://docent:sk-secret-6@db/x"
    given = pipeline(
        None, embedding_base_url=address, history_url=url, llm_base_url=model_server.url, **secrets
    )
    answer = given.answer(Question(text="How many days of leave?"))
    assert "sk-secret" not in answer.model_dump_json()
    assert trace_of(answer).settings["embedding_base_url"].startswith("http://127.0.0.1")
    assert without_secrets("https://a:b@host/v1?key=1#x") == "https://host/v1"
    assert {"top_k", "dense_weight", "mmr", "history_tokens", "embedding_model"} <= shaping(Settings()).keys()


@pytest.mark.parametrize(
    ("model", "settings", "expected"),
    [
        (None, {}, 0.0),
        ("openai:gpt-4o-mini", {}, 0.15 + 0.60),
        ("openai:gpt-4o-mini-2024-07-18", {}, 0.15 + 0.60),
        ("openai:never-heard-of", {}, None),
        ("openai:gpt-4o-mini", {"price_prompt": 1.0, "price_completion": 2.0}, 3.0),
        ("openai:gpt-4o-mini", {"price_prompt": 1.0}, 1.0),
        ("ollama:qwen3", {}, 0.0),
        ("openai:qwen3", {"llm_base_url": "http://10.0.0.5:8000/v1"}, 0.0),
        ("openai:gpt-4o-mini", {"llm_base_url": "https://models.example.com/v1"}, None),
        ("no such model", {}, None),
    ],
)
def test_a_cost_is_told_where_it_is_known(
    model: str | None, settings: dict[str, object], expected: float | None
):
    million = Tokens(prompt=1_000_000, completion=1_000_000, total=2_000_000)
    found = cost(model, million, Settings(openai_api_key="k", **settings))
    assert found == (None if expected is None else pytest.approx(expected))


def test_unknown_numbers_of_tokens_cost_an_unknown_sum():
    assert cost("openai:gpt-4o-mini", Tokens(), Settings(openai_api_key="k")) is None
    assert as_of().year >= 2025
