"""Qdrant's REST interface on loopback over its client's own engine, or the server that QDRANT_TEST_URL names.

What the official client sends is read by the client's own models, so what Qdrant does not know is refused.
"""

from __future__ import annotations

import json
import os
import re
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from pydantic import TypeAdapter
from qdrant_client import QdrantClient, models

KEY = "not-to-be-shown-key"
Body = dict[str, Any]


class QdrantStub(ThreadingHTTPServer):
    """Attributes: `url`; `version`, which it says it is of; `requests`, as "METHOD path"."""

    daemon_threads = True

    def __init__(self, version: str = "1.20.0") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.version = version
        self.requests: list[str] = []
        self.engine = QdrantClient(":memory:")
        self.lock = threading.Lock()

    def answer(self, method: str, path: str, body: Body) -> Any:
        self.requests.append(f"{method} {path}")
        for (verb, pattern), do in _ROUTES.items():
            if verb == method and (match := re.fullmatch(pattern, path)):
                with self.lock, warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    return do(self.engine, *match.groups(), body)
        raise LookupError(f"{method} {path}")

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: QdrantStub

    def _serve(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        path = urlsplit(self.path).path
        if self.headers.get("api-key") != KEY:
            self._send(401, "Must provide an API key or an Authorization bearer token")
        elif path == "/":
            self._write(200, {"title": "qdrant - vector search engine", "version": self.server.version})
        else:
            self._call(path, body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

    def _call(self, path: str, body: Body) -> None:
        try:
            result = self.server.answer(self.command, path, body)
        except LookupError as error:
            self._send(404, f"Not found: {error}")
        except ValueError as error:
            said = str(error)
            self._send(404 if "not found" in said else 409 if "already exists" in said else 400, said)
        else:
            self._write(200, {"result": plain(result), "status": "ok", "time": 0.001})

    def _send(self, status: int, said: str) -> None:
        self._write(status, {"status": {"error": said}, "time": 0.0})

    def _write(self, status: int, answer: Any) -> None:
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: Any) -> None:
        """Tests are quiet."""


def plain(value: Any) -> Any:
    return TypeAdapter(Any).dump_python(value, mode="json")


def _query(engine: QdrantClient, name: str, body: Body) -> Any:
    asked = [models.QueryRequest(**one) for one in body["searches"]]
    return engine.query_batch_points(name, requests=asked)


def _scroll(engine: QdrantClient, name: str, body: Body) -> Any:
    points, after = engine.scroll(name, **_of(models.ScrollRequest, body))
    return {"points": points, "next_page_offset": after}


def _of(model: Any, body: Body) -> Body:
    """The fields of a request as its model reads them; an unknown one is an error."""
    read = model(**body)
    given = {field: getattr(read, field) for field in read.model_fields_set}
    names = {"vectors": "vectors_config", "sparse_vectors": "sparse_vectors_config"}
    names |= {"with_vector": "with_vectors", "filter": "scroll_filter"}
    return {names.get(field, field): value for field, value in given.items()}


def _upsert(engine: QdrantClient, name: str, body: Body) -> Any:
    return engine.upsert(name, [models.PointStruct(**one) for one in body["points"]])


_ONE = r"/collections/([^/]+)"
_ROUTES: dict[tuple[str, str], Callable[..., Any]] = {
    ("GET", _ONE + "/exists"): lambda engine, name, _: {"exists": engine.collection_exists(name)},
    ("GET", _ONE): lambda engine, name, _: engine.get_collection(name),
    ("PUT", _ONE): lambda engine, name, body: engine.create_collection(
        name, **_of(models.CreateCollection, body)
    ),
    ("PATCH", _ONE): lambda engine, name, body: engine.update_collection(
        name, **_of(models.UpdateCollection, body)
    ),
    ("DELETE", _ONE): lambda engine, name, _: engine.delete_collection(name),
    ("PUT", _ONE + "/index"): lambda engine, name, body: engine.create_payload_index(
        name, **_of(models.CreateFieldIndex, body)
    ),
    ("PUT", _ONE + "/points"): _upsert,
    ("POST", _ONE + "/points/delete"): lambda engine, name, body: engine.delete(
        name, models.PointIdsList(**body)
    ),
    ("POST", _ONE + "/points"): lambda engine, name, body: engine.retrieve(
        name, **_of(models.PointRequest, body)
    ),
    ("POST", _ONE + "/points/scroll"): _scroll,
    ("POST", _ONE + "/points/count"): lambda engine, name, body: engine.count(
        name, **_of(models.CountRequest, body)
    ),
    ("POST", _ONE + "/points/query/batch"): _query,
}


@contextmanager
def qdrant_server() -> Iterator[str]:
    """Its address; the key is `KEY`."""
    if known := os.environ.get("QDRANT_TEST_URL"):
        yield known
        return
    with qdrant_stub() as stub:
        yield stub.url


@contextmanager
def qdrant_stub(version: str = "1.20.0") -> Iterator[QdrantStub]:
    stub = QdrantStub(version)
    threading.Thread(target=stub.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield stub
    finally:
        stub.shutdown()
        stub.server_close()
