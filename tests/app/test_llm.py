"""Chat models by name, over a real connection: what is sent, and what each failure becomes."""

from __future__ import annotations

import logging
import threading

import pytest
from langchain_core.messages import AIMessageChunk
from langchain_core.prompts import ChatPromptTemplate
from pydantic import SecretStr
from support.model_server import ModelServer, Reply

from app.config import Settings
from app.errors import (
    ConfigurationError,
    ModelAuthError,
    ModelError,
    ModelRateLimitError,
    ModelRejectedError,
    ModelUnavailableError,
)
from app.llm import ChatModel, chat_model
from app.schemas import Notice, Sampling

KEY = "sk-very-secret-key-0123456789"


def model(server: ModelServer, name: str | None = None, **settings: object) -> ChatModel:
    given = {"llm_base_url": server.url, "llm_api_key": KEY, "llm_model": "openai:some", "llm_retries": 0}
    found = chat_model(Settings(**(given | settings)), name)
    assert found is not None
    return found


def ask(asked: ChatModel, **sampling: object) -> tuple[AIMessageChunk, list[Notice]]:
    told: list[Notice] = []
    return asked.invoke("Hello?", sampling=Sampling(**sampling), tell=told.append), told


# -- names -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "name", "endpoint", "address"),
    [
        ({"openai_api_key": KEY}, "openai:gpt-4o-mini", "openai:gpt-4o-mini", "https://api.openai.com/v1"),
        ({"groq_api_key": KEY}, "groq:llama-3.3", "groq:llama-3.3", "https://api.groq.com/openai/v1"),
        ({}, "ollama:qwen3", "ollama:qwen3", "http://localhost:11434/v1"),
        ({}, "ollama:qwen3:8b", "ollama:qwen3:8b", "http://localhost:11434/v1"),
        ({"llm_base_url": "http://h:1/v1/"}, "openai:x", "openai:x", "http://h:1/v1"),
        ({"llm_base_url": "http://h:1/v1"}, "qwen3:8b", "openai:qwen3:8b", "http://h:1/v1"),
        ({"llm_base_url": "http://h:1/v1"}, "org/model", "openai:org/model", "http://h:1/v1"),
        (
            {"llm_base_url": "http://gpu:1/v1", "llm_model": "ollama:a"},
            "ollama:b", "ollama:b", "http://gpu:1/v1",
        ),
        (
            {"llm_base_url": "http://h:1/v1", "llm_model": "openai:y", "groq_api_key": KEY},
            "groq:x", "groq:x", "https://api.groq.com/openai/v1",
        ),
    ],
)  # fmt: skip
def test_a_name_leads_to_a_server(settings: dict[str, object], name: str, endpoint: str, address: str):
    for given in (
        chat_model(Settings(**settings), name),
        chat_model(Settings(**{"llm_model": name} | settings), name),
    ):
        assert given is not None
        assert (given.endpoint.name, given.endpoint.base_url) == (endpoint, address)


@pytest.mark.parametrize(
    ("settings", "name"),
    [({}, None), ({}, "none"), ({"llm_model": "none"}, None), ({"llm_model": "openai:x"}, "none")],
)
def test_no_model_is_none(settings: dict[str, object], name: str | None):
    assert chat_model(Settings(**settings), name) is None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("opnai:gpt-4o", "Did you mean 'openai'"),
        ("klingon:x", "openai, groq, ollama"),
        ("gpt-4o", "openai, groq, ollama"),
        ("openai:", "names no model"),
    ],
)
def test_a_wrong_name_is_said(name: str, said: str):
    with pytest.raises(ConfigurationError, match=said) as raised:
        chat_model(Settings(openai_api_key=KEY), name)
    assert f"DOCENT_LLM_MODEL={name!r}" in str(raised.value)


@pytest.mark.parametrize("address", ["localhost:8000", "ftp://h/v1", "http://", "nonsense"])
def test_a_wrong_address_is_said(address: str):
    with pytest.raises(ConfigurationError, match="DOCENT_LLM_BASE_URL"):
        chat_model(Settings(llm_base_url=address))


@pytest.mark.parametrize(
    ("name", "variable"), [("openai:gpt-4o-mini", "OPENAI_API_KEY"), ("groq:llama", "GROQ_API_KEY")]
)
def test_a_missing_key_names_variable_and_file(name: str, variable: str):
    with pytest.raises(ModelAuthError, match=variable) as raised:
        chat_model(Settings(llm_model=name))
    assert ".env" in str(raised.value)


def test_a_wrong_fallback_names_its_variable():
    settings = Settings(llm_model="ollama:x", llm_fallback_model="klingon:x")
    with pytest.raises(ConfigurationError, match="DOCENT_LLM_FALLBACK_MODEL='klingon:x'"):
        chat_model(settings)


def test_keys_go_only_to_their_own_server(model_server: ModelServer):
    settings = Settings(
        llm_base_url=model_server.url, llm_api_key="home", groq_api_key="groq", openai_api_key="openai"
    )
    keys = {}
    for name in ("openai:x", "groq:x", "ollama:x"):
        made = chat_model(settings, name)
        assert made is not None
        keys[name] = made.endpoint.key
    assert keys == {"openai:x": SecretStr("home"), "groq:x": SecretStr("groq"), "ollama:x": None}


def test_without_a_name_the_first_model_of_the_server_is_taken(model_server: ModelServer):
    found = chat_model(Settings(llm_base_url=model_server.url))
    assert found is not None
    assert model_server.requests == []
    reply, _ = ask(found)
    assert reply.response_metadata["answered_by"] == "openai:scripted-model"
    assert model_server.bodies[0]["model"] == "scripted-model"
    assert "no-key" in model_server.requests[-1].headers["authorization"]


def test_a_server_without_models_is_said(model_server: ModelServer):
    model_server.models = []
    with pytest.raises(ModelRejectedError, match="lists no model"):
        ask(model(model_server, llm_model=""))


# -- check -------------------------------------------------------------------------------------------------


def test_check_says_what_answers(model_server: ModelServer):
    model_server.models = ["some", "qwen3:latest"]
    assert model(model_server).check() == f"openai:some at {model_server.url}"
    assert model(model_server, "openai:qwen3").check()
    assert chat_model(Settings(llm_base_url=model_server.url)).check().startswith("openai:some at")  # type: ignore[union-attr]


def test_check_finds_a_model_that_is_not_there(model_server: ModelServer):
    with pytest.raises(ModelRejectedError, match="scripted-model"):
        model(model_server).check()


def test_check_finds_a_server_that_is_not_there():
    with pytest.raises(ModelUnavailableError, match="127"):
        chat_model(Settings(llm_base_url="http://127.0.0.1:9/v1", llm_model="openai:x")).check()  # type: ignore[union-attr]


# -- what is sent, what comes back -------------------------------------------------------------------------


def test_an_answer_with_all_that_is_known_about_it(model_server: ModelServer):
    model_server.say("One two three.")
    reply, told = ask(model(model_server), temperature=0.5, seed=7, top_p=0.9, max_tokens=33)
    assert reply.text == "One two three."
    assert reply.usage_metadata is not None
    assert reply.usage_metadata["total_tokens"] == 14
    assert reply.response_metadata["system_fingerprint"] == "fp_scripted"
    assert reply.response_metadata["finish_reason"] == "stop"
    assert reply.response_metadata["answered_by"] == "openai:some"
    assert reply.response_metadata["sampling"] == Sampling(temperature=0.5, seed=7, top_p=0.9, max_tokens=33)
    body = model_server.bodies[0]
    sent = {key: body[key] for key in ("model", "temperature", "seed", "top_p", "max_tokens", "stream")}
    assert sent == {
        "model": "some", "temperature": 0.5, "seed": 7, "top_p": 0.9, "max_tokens": 33, "stream": True,
    }  # fmt: skip
    assert body["stream_options"] == {"include_usage": True}
    assert told == []


def test_what_is_not_set_is_not_sent(model_server: ModelServer):
    ask(model(model_server))
    assert {"temperature", "seed", "top_p", "max_tokens", "max_completion_tokens"} & model_server.bodies[
        0
    ].keys() == set()


def test_it_is_a_runnable_of_langchain(model_server: ModelServer):
    chain = ChatPromptTemplate.from_messages([("human", "{q}")]) | model(model_server).bind(
        sampling=Sampling(seed=5)
    )
    model_server.say("One two three.")
    assert [chunk.text for chunk in chain.stream({"q": "Hello?"}) if chunk.text] == ["One", " two", " three."]
    assert chain.invoke({"q": "Hello?"}).text == "This is a scripted answer [1]."
    assert [body["seed"] for body in model_server.bodies] == [5, 5]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("<think>hm, well</think>Yes.", "Yes."),
        ("\n<think>\nhm\n\nwell\n</think>\n\nYes, it is.", "Yes, it is."),
        ("<thinking about it", "<thinking about it"),
        ("a < b and <think> later", "a < b and <think> later"),
        ("<", "<"),
        ("<think>never ends", ""),
        ("Yes.", "Yes."),
    ],
)
def test_thoughts_are_no_part_of_the_answer(model_server: ModelServer, said: str, shown: str):
    model_server.say(said)
    assert ask(model(model_server))[0].text == shown


# -- parameters that a model does not take -----------------------------------------------------------------


def test_reasoning_models_get_no_temperature(model_server: ModelServer):
    _, told = ask(model(model_server, llm_model="openai:gpt-5-mini"), temperature=0.2, top_p=0.5, seed=1)
    assert {"temperature", "top_p"} & model_server.bodies[0].keys() == set()
    assert model_server.bodies[0]["seed"] == 1
    assert [(notice.code, notice.values["parameter"]) for notice in told] == [
        ("parameter_dropped", "temperature"),
        ("parameter_dropped", "top_p"),
    ]


def test_a_rejected_parameter_is_left_out_and_told(model_server: ModelServer):
    model_server.reject("seed", "max_tokens", "stream_options")
    reply, told = ask(model(model_server), seed=1, max_tokens=9, temperature=0.1)
    assert reply.text == "This is a scripted answer [1]."
    assert reply.response_metadata["sampling"] == Sampling(temperature=0.1)
    assert [notice.values for notice in told] == [
        {"parameter": "max_tokens", "model": "openai:some"},
        {"parameter": "seed", "model": "openai:some"},
    ]
    assert len(model_server.bodies) == 4


def test_a_parameter_that_only_the_message_names(model_server: ModelServer):
    error = {"message": "`top_p` must be 1 for this model", "param": None}
    model_server.say(Reply(status=422, error=error), "Yes.")
    reply, told = ask(model(model_server), top_p=0.5)
    assert reply.text == "Yes."
    assert [notice.values["parameter"] for notice in told] == ["top_p"]


# -- failures ----------------------------------------------------------------------------------------------

FAILURES = [
    (Reply(status=400), ModelRejectedError, "refused the request (400)", 400),
    (Reply(status=401), ModelAuthError, "DOCENT_LLM_API_KEY", 401),
    (Reply(status=403), ModelAuthError, "refused the key (403)", 403),
    (Reply(status=404), ModelRejectedError, "does not know this model", 404),
    (Reply(status=404, body=b"<html>nothing"), ModelRejectedError, "/v1", 404),
    (Reply(status=429), ModelRateLimitError, "too many requests", 429),
    (Reply(status=429, error={"code": "insufficient_quota"}), ModelRateLimitError, "no credit", 429),
    (Reply(status=500), ModelUnavailableError, "failed (500)", 500),
    (Reply(status=503), ModelUnavailableError, "DOCENT_LLM_FALLBACK_MODEL", 503),
    (Reply(status=400, error={"code": "context_length_exceeded"}), ModelRejectedError, "DOCENT_TOP_K", 400),
    (
        Reply(status=400, error={"message": "the request exceeds the available context size"}),
        ModelRejectedError, "cannot read that much", 400,
    ),
    (Reply(status=413), ModelRejectedError, "cannot read that much", 413),
    (Reply("a b c d", drop_after=0), ModelUnavailableError, "broke the connection off", None),
    (Reply("a b c d", drop_after=2), ModelUnavailableError, "broke the connection off", None),
    (Reply("a b c d", error_in_stream=True), ModelUnavailableError, "The engine died", None),
    (Reply(body=b"<html>hello</html>"), ModelRejectedError, "OpenAI's protocol", None),
    (Reply(body=b""), ModelRejectedError, "OpenAI's protocol", None),
    (Reply(body=b"data: 5\n\n"), ModelRejectedError, "OpenAI's protocol", None),
]  # fmt: skip


@pytest.mark.parametrize(("reply", "kind", "said", "status"), FAILURES)
def test_a_failure_names_server_model_and_cure(
    model_server: ModelServer, reply: Reply, kind: type[ModelError], said: str, status: int | None
):
    model_server.say(reply)
    with pytest.raises(kind) as raised:
        ask(model(model_server))
    assert type(raised.value) is kind
    for part in (said, "openai:some", model_server.url):
        assert part in str(raised.value)
    assert raised.value.values["server"] == model_server.url
    assert raised.value.values.get("status") == status


def test_a_stream_that_ends_without_an_end_is_told(model_server: ModelServer):
    half = b'data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,'
    half += b'"delta":{"content":"Half"},"finish_reason":null}]}\n\n'
    model_server.say(Reply(body=half))
    with pytest.raises(ModelUnavailableError, match="broke off"):
        ask(model(model_server))


def test_a_slow_server_is_left_after_the_time_limit(model_server: ModelServer):
    model_server.say(Reply(delay=30))
    with pytest.raises(ModelUnavailableError, match="DOCENT_LLM_TIMEOUT"):
        ask(model(model_server, llm_timeout=0.2))


def test_a_server_that_stalls_is_left_after_the_time_limit(model_server: ModelServer):
    model_server.say(Reply("One two", wait=threading.Event()))
    with pytest.raises(ModelUnavailableError, match="DOCENT_LLM_TIMEOUT"):
        ask(model(model_server, llm_timeout=0.2))


def test_an_unreachable_server_is_said():
    unreachable = chat_model(Settings(llm_base_url="http://127.0.0.1:9/v1", llm_model="x", llm_retries=0))
    assert unreachable is not None
    with pytest.raises(ModelUnavailableError, match="cannot be reached"):
        ask(unreachable)


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_keys_are_neither_shown_nor_logged(
    model_server: ModelServer, status: int, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    error = {"message": f"Wrong key {KEY} or Bearer {KEY} or gsk_abcdefghijkl"}
    model_server.say(Reply(status=status, error=error))
    with pytest.raises(ModelError) as raised:
        ask(model(model_server))
    shown = f"{raised.value!r} {raised.value.values} {raised.value.__cause__!r}"
    assert raised.value.__suppress_context__
    for secret in (KEY, "gsk_abcdefghijkl"):
        assert secret not in shown
    assert KEY not in caplog.text
    assert f"Bearer {KEY}" in model_server.requests[-1].headers["authorization"]


def test_a_password_in_the_address_is_not_shown(model_server: ModelServer):
    address = model_server.url.replace("http://", "http://user:geheim@")
    model_server.say(Reply(status=500))
    with pytest.raises(ModelUnavailableError) as raised:
        ask(model(model_server, llm_base_url=address))
    assert "geheim" not in f"{raised.value} {raised.value.values}"


# -- tries and fallback ------------------------------------------------------------------------------------

AT_ONCE = {"retry-after": "0"}


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_pass_is_tried_again(model_server: ModelServer, status: int):
    model_server.say(*[Reply(status=status, headers=AT_ONCE)] * 2, "Yes.")
    assert ask(model(model_server, llm_retries=2))[0].text == "Yes."
    assert len(model_server.bodies) == 3


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=400), Reply(status=401), Reply(status=404),
        Reply(status=429, error={"code": "insufficient_quota"}),
        Reply("One two three", drop_after=2),
    ],
)  # fmt: skip
def test_what_will_not_pass_or_has_begun_is_not_tried_again(model_server: ModelServer, reply: Reply):
    model_server.say(reply)
    with pytest.raises(ModelError):
        ask(model(model_server, llm_retries=2))
    assert len(model_server.bodies) == 1


def test_tries_end(model_server: ModelServer):
    model_server.default = Reply(status=500, headers=AT_ONCE)
    with pytest.raises(ModelUnavailableError):
        ask(model(model_server, llm_retries=2))
    assert len(model_server.bodies) == 3


def test_nothing_is_tried_again_after_a_stop(model_server: ModelServer):
    model_server.say(Reply(status=500))
    cancelled = threading.Event()
    cancelled.set()
    asked = model(model_server, llm_retries=5, llm_fallback_model="openai:second")
    with pytest.raises(ModelUnavailableError):
        asked.invoke("Hello?", cancelled=cancelled)
    assert len(model_server.bodies) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_the_fallback_steps_in_and_says_so(model_server: ModelServer, status: int):
    model_server.say(Reply(status=status), "From the second.")
    reply, told = ask(model(model_server, llm_fallback_model="openai:second"), seed=1)
    assert reply.text == "From the second."
    assert reply.response_metadata["answered_by"] == "openai:second"
    assert [body["model"] for body in model_server.bodies] == ["some", "second"]
    assert told == [
        Notice(
            code="fallback_model",
            values={"failed": "openai:some", "model": "openai:second", "reason": str(status)},
        )
    ]


def test_the_fallback_does_not_finish_what_another_began(model_server: ModelServer):
    model_server.say(Reply("One two three", drop_after=2))
    with pytest.raises(ModelUnavailableError):
        ask(model(model_server, llm_fallback_model="openai:second"))
    assert len(model_server.bodies) == 1


def test_if_the_fallback_fails_too_its_error_is_told(model_server: ModelServer):
    model_server.say(Reply(status=500), Reply(status=401))
    with pytest.raises(ModelAuthError, match="openai:second"):
        ask(model(model_server, llm_fallback_model="openai:second"))
