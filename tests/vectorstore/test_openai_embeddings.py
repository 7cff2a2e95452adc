"""Embeddings from an OpenAI-compatible server: a real one on loopback, well and ill."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from app.config import Settings
from app.errors import (
    ConfigurationError,
    ModelAuthError,
    ModelError,
    ModelRateLimitError,
    ModelRejectedError,
    ModelUnavailableError,
)
from vectorstore.embeddings import EmbeddingModel, load_embedding_model


class Server(ThreadingHTTPServer):
    """Counts letters; `fails` are the statuses of the next answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.fails: list[int] = []
        self.value: float | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(body)
        self.server.keys.append(self.headers["Authorization"])
        status = self.server.fails.pop(0) if self.server.fails else 200
        answer: dict[str, Any] = {"error": {"message": f"failed with {status}", "type": "x"}}
        if status == 200:
            rows = [[float(text.count(letter)) for letter in "abcd"] for text in body["input"]]
            rows = [[self.server.value] * 4 for _ in rows] if self.server.value is not None else rows
            data = [{"index": n, "embedding": row, "object": "embedding"} for n, row in enumerate(rows)]
            answer = {"data": data, "model": body["model"], "object": "list", "usage": {}}
        payload = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(payload)))
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def load(server: Server, **settings: Any) -> EmbeddingModel:
    given = {"embedding_model": "openai:tiny", "embedding_base_url": server.url, "llm_retries": 0, **settings}
    return load_embedding_model(Settings(**given))


def test_asks_for_the_dimension_once_and_makes_vectors_of_length_one(server: Server) -> None:
    model = load(server)
    assert server.requests == []
    assert (model.dimension, model.identity.dimension) == (4, 4)
    assert model.embed_documents(["aab", "c"]) == pytest.approx(
        np.array([[2, 1, 0, 0], [0, 0, np.sqrt(5), 0]]) / np.sqrt(5)
    )
    assert model.embed_query("d").tolist() == [0, 0, 0, 1]
    assert model.embed_documents([]).shape == (0, 4)
    assert len(server.requests) == 3
    assert server.requests[0]["model"] == "tiny"
    assert str(model.identity).startswith("openai:tiny (4 dimensions")


def test_sends_texts_not_tokens_in_requests_of_bounded_size(server: Server) -> None:
    model = load(server)
    texts = ["ab"] * 300 + ["a " * 1500 + "d"] * 100
    vectors = model.embed_documents(texts)
    assert vectors.shape == (400, 4)
    assert vectors[-1] == pytest.approx(vectors[300])
    assert all(isinstance(text, str) for request in server.requests for text in request["input"])
    assert [sum(model.count_tokens(request["input"])) <= 65_536 for request in server.requests].count(
        False
    ) == 0
    assert sum(len(request["input"]) for request in server.requests) == 400


def test_nothing_of_a_long_text_is_lost(server: Server) -> None:
    model = load(server)
    vector = model.embed_query("a " * 30_000 + "b " * 30_000)
    assert vector == pytest.approx([np.sqrt(0.5), np.sqrt(0.5), 0, 0], abs=0.01)
    assert max(model.count_tokens(server.requests[-1]["input"])) <= model.max_tokens


@pytest.mark.parametrize("text", ["", "\ud800", "가나다 abcd 1234"])
def test_any_text_can_be_sent(server: Server, text: str) -> None:
    assert load(server).embed_query(text).shape == (4,)
    assert server.requests[-1]["input"] != [""]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, ModelAuthError),
        (403, ModelAuthError),
        (429, ModelRateLimitError),
        (500, ModelUnavailableError),
        (503, ModelUnavailableError),
        (404, ModelRejectedError),
        (400, ModelRejectedError),
    ],
)
def test_a_failing_server_is_explained(server: Server, status: int, error: type[ModelError]) -> None:
    server.fails = [status]
    with pytest.raises(error, match=rf"openai:tiny.*failed with {status}"):
        load(server).embed_query("a")


def test_tries_again_what_may_pass(server: Server) -> None:
    server.fails = [503]
    assert load(server, llm_retries=1).embed_query("a").tolist() == [1, 0, 0, 0]
    assert len(server.requests) == 2


def test_a_vector_that_is_no_number_is_refused(server: Server) -> None:
    server.value = float("nan")
    with pytest.raises(ModelRejectedError, match="no numbers"):
        load(server).embed_query("a")


def test_a_server_that_is_not_there(server: Server) -> None:
    with pytest.raises(ModelUnavailableError, match="DOCENT_EMBEDDING_BASE_URL"):
        load(server, embedding_base_url="http://127.0.0.1:9/v1").embed_query("a")


def test_the_key_goes_to_the_server_and_into_no_message(server: Server) -> None:
    server.fails = [401]
    with pytest.raises(ModelAuthError) as caught:
        load(server, embedding_api_key="sk-secret", openai_api_key="sk-other").embed_query("a")
    assert server.keys == ["Bearer sk-secret"]
    assert "secret" not in str(caught.value)


def test_openais_key_stays_with_openai(server: Server) -> None:
    load(server, openai_api_key="sk-other").embed_query("a")
    assert "sk-other" not in server.keys[0]


def test_openai_itself_needs_a_key() -> None:
    with pytest.raises(ConfigurationError, match="OPENAI_API_KEY"):
        load_embedding_model(Settings(embedding_model="openai:tiny"))


@pytest.mark.parametrize(
    ("text", "least"), [("The quick brown fox", 4), ("a+b=1;", 6), ("연차휴가", 4), ("", 1)]
)
def test_estimates_tokens_on_the_high_side(server: Server, text: str, least: int) -> None:
    assert load(server).count_tokens([text])[0] >= least
