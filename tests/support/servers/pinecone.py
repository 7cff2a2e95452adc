"""A stub of Pinecone on loopback: its published REST API (2026-07), with its rules, limits and delays.

The tests run the official client on it, and it refuses what the service documents that it refuses. A real
index has a host of its own; here it has a path, so that a proxy before the stub stands before all of it.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
import pytest
from support.servers.pinecone_rules import Refused, check_create, check_query, check_rows, matches

MOST_BYTES, MOST_IDS, MOST_LISTED = 2 * 1024 * 1024, 1000, 100


@dataclass
class Namespace:
    rows: dict[str, tuple[list[float], dict[str, Any]]] = field(default_factory=dict)


@dataclass
class StubIndex:
    """An index whose writes are safe at once and seen by reads `lag` seconds later."""

    name: str
    dimension: int
    metric: str
    deployment: dict[str, Any]
    ready_at: float = 0.0
    spaces: dict[str, Namespace] = field(default_factory=dict)
    waiting: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    written: int = 0

    def write(self, change: Callable[[], None], lag: float) -> int:
        """The write's number in the log."""
        self.waiting.append((time.monotonic() + lag, change))
        self.written += 1
        return self.written

    def settle(self) -> int:
        """Carry out what is due; how far in the log that is."""
        now = time.monotonic()
        while self.waiting and self.waiting[0][0] <= now:
            self.waiting.pop(0)[1]()
        return self.written - len(self.waiting)


class PineconeStub:
    """A context that serves; `url` is for DOCENT_PINECONE_HOST, `key` the only key that it takes.

    Attributes:
        lag: seconds until reads see a write.
        seconds_to_make: until a new index is ready.
        says_lsn: whether answers tell how far reads are in the log.
        sizes: bytes and rows of each upsert.
        throttled: how many of the next requests for vectors are answered with 429 and `retry_after`.
    """

    key = "pc-test-key-1234"

    def __init__(self) -> None:
        self.lag = 0.01
        self.seconds_to_make = 0.0
        self.says_lsn = True
        self.throttled, self.retry_after = 0, "0"
        self.sizes: list[tuple[int, int]] = []
        self.indexes: dict[str, StubIndex] = {}
        self.lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, path: str, query: dict[str, list[str]], raw: bytes) -> Answer:
        """Find who answers; raises Refused."""
        if len(raw) > MOST_BYTES:
            raise Refused(
                400, "OUT_OF_RANGE", f"message length too large: {len(raw)}, the limit is {MOST_BYTES}"
            )
        body = json.loads(raw) if raw else {}
        if path.endswith("/vectors/upsert"):
            self.sizes.append((len(raw), len(body.get("vectors", []))))
        if match := re.fullmatch(r"/data/([^/]+)(/.*)", path):
            index = self.indexes.get(match[1])
            if index is None or index.ready_at > time.monotonic():
                raise Refused(404, "NOT_FOUND", f"there is no index {match[1]} here")
            return _Data(self, index).answer(method, match[2], query, body)
        return self._control(method, path, body)

    # -- indexes -----------------------------------------------------------------------------------

    def _control(self, method: str, path: str, body: Any) -> Answer:
        name = unquote(path.removeprefix("/indexes").strip("/"))
        if not path.startswith("/indexes"):
            raise Refused(404, "NOT_FOUND", f"nothing is at {path}")
        if method == "POST":
            return self._create(body)
        if method == "GET" and not name:
            return Answer(200, {"indexes": [self._model(each) for each in self.indexes.values()]})
        if name not in self.indexes:
            raise Refused(404, "NOT_FOUND", f"Resource {name} not found")
        if method == "DELETE":
            del self.indexes[name]
            return Answer(202, {})
        return Answer(200, self._model(self.indexes[name]))

    def _create(self, body: Any) -> Answer:
        check_create(body)
        name, vector = body["name"], body["schema"]["fields"]["_values"]
        if name in self.indexes:
            raise Refused(409, "ALREADY_EXISTS", f"Resource {name} already exists")
        ready = time.monotonic() + self.seconds_to_make
        made = StubIndex(name, vector["dimension"], vector["metric"], body["deployment"], ready)
        self.indexes[name] = made
        return Answer(201, self._model(made))

    def _model(self, index: StubIndex) -> dict[str, Any]:
        ready = index.ready_at <= time.monotonic()
        vector = {"type": "dense_vector", "dimension": index.dimension, "metric": index.metric}
        return {
            "name": index.name,
            "host": f"{{host}}/data/{index.name}" if ready else None,
            "status": {"ready": ready, "state": "Ready" if ready else "Initializing"},
            "schema": {"fields": {"_values": vector}},
            "deployment": {"environment": "stub", **index.deployment},
            "deletion_protection": "disabled",
            "read_capacity": None,
            "tags": None,
        }


@dataclass
class Answer:
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


class _Data:
    """The calls for vectors, of one index."""

    def __init__(self, stub: PineconeStub, index: StubIndex) -> None:
        self._stub, self._index = stub, index
        self._reached = index.settle()

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> Answer:
        if self._stub.throttled > 0:
            self._stub.throttled -= 1
            raise Refused(429, "RESOURCE_EXHAUSTED", "too many requests", self._stub.retry_after)
        if path.startswith("/namespaces"):
            return self._namespaces(method, unquote(path.removeprefix("/namespaces").strip("/")), body)
        calls = {
            ("POST", "/vectors/upsert"): lambda: self._upsert(body),
            ("POST", "/vectors/delete"): lambda: self._delete(body),
            ("POST", "/query"): lambda: self._query(body),
            ("GET", "/vectors/fetch"): lambda: self._fetch(query),
            ("GET", "/vectors/list"): lambda: self._list(query),
            ("POST", "/describe_index_stats"): self._stats,
        }
        if (method, path) not in calls:
            raise Refused(404, "NOT_FOUND", f"nothing is at {path}")
        return calls[method, path]()

    def _upsert(self, body: Any) -> Answer:
        check_rows(body.get("vectors"), self._index.dimension)
        name, rows = body.get("namespace", ""), body["vectors"]

        def change() -> None:
            held = self._index.spaces.setdefault(name, Namespace()).rows
            held.update({row["id"]: (row["values"], row.get("metadata") or {}) for row in rows})

        return self._written({"upsertedCount": len(rows)}, change)

    def _delete(self, body: Any) -> Answer:
        ids, name = body.get("ids"), body.get("namespace", "")
        if not body.get("deleteAll") and not 1 <= len(ids or []) <= MOST_IDS:
            raise Refused(400, "INVALID_ARGUMENT", f"ids must be 1 to {MOST_IDS}")
        space = self._space(name)

        def change() -> None:
            for id in list(space.rows) if body.get("deleteAll") else ids:
                space.rows.pop(id, None)

        return self._written({}, change)

    def _query(self, body: Any) -> Answer:
        check_query(body, self._index.dimension)
        held = self._index.spaces.get(body.get("namespace", ""), Namespace()).rows
        left = [id for id, (_, fields) in held.items() if matches(body.get("filter"), fields)]
        asked = np.array(body["vector"], dtype=np.float32)
        rows = np.array([held[id][0] for id in left], dtype=np.float32).reshape(
            len(left), self._index.dimension
        )
        scores = rows @ asked / np.maximum(1e-30, np.linalg.norm(rows, axis=1) * np.linalg.norm(asked))
        best = np.argsort(-scores, kind="stable")[: body["topK"]]
        found = [{"id": left[n], "score": float(scores[n])} for n in best]
        return self._read({"matches": found, "namespace": body.get("namespace", "")})

    def _fetch(self, query: dict[str, list[str]]) -> Answer:
        ids, name = query.get("ids", []), query.get("namespace", [""])[0]
        if not 1 <= len(ids) <= MOST_IDS:
            raise Refused(400, "INVALID_ARGUMENT", f"ids must be 1 to {MOST_IDS}")
        held = self._index.spaces.get(name, Namespace()).rows
        found = {id: {"id": id, "values": held[id][0], "metadata": held[id][1]} for id in ids if id in held}
        return Answer(200, {"vectors": found, "namespace": name})

    def _list(self, query: dict[str, list[str]]) -> Answer:
        limit, after = int(query.get("limit", ["100"])[0]), query.get("paginationToken", [""])[0]
        if not 1 <= limit <= MOST_LISTED:
            raise Refused(400, "INVALID_ARGUMENT", f"limit must be 1 to {MOST_LISTED}")
        held = self._index.spaces.get(query.get("namespace", [""])[0], Namespace()).rows
        left = sorted(id for id in held if id > after)
        page: dict[str, Any] = {"vectors": [{"id": id} for id in left[:limit]]}
        if len(left) > limit:
            page["pagination"] = {"next": left[limit - 1]}
        return Answer(200, page)

    def _stats(self) -> Answer:
        counts = {name: {"vectorCount": len(space.rows)} for name, space in self._index.spaces.items()}
        total = sum(each["vectorCount"] for each in counts.values())
        return Answer(
            200,
            {"namespaces": counts, "dimension": self._index.dimension, "totalVectorCount": total},
        )

    def _namespaces(self, method: str, name: str, body: Any) -> Answer:
        spaces = self._index.spaces
        if method == "POST":
            if body["name"] in spaces:
                raise Refused(409, "ALREADY_EXISTS", "namespace already exists")
            spaces[body["name"]] = Namespace()
            return Answer(200, {"name": body["name"], "record_count": 0})
        self._space(name)
        if method == "DELETE":
            del spaces[name]
            return Answer(200, {})
        return Answer(200, {"name": name, "record_count": len(spaces[name].rows)})

    def _space(self, name: str) -> Namespace:
        if name not in self._index.spaces:
            raise Refused(404, "NOT_FOUND", f"Namespace {name} not found")
        return self._index.spaces[name]

    def _written(self, body: Any, change: Callable[[], None]) -> Answer:
        number = self._index.write(change, self._stub.lag)
        return Answer(200, body, {"x-pinecone-request-lsn": str(number)} if self._stub.says_lsn else {})

    def _read(self, body: Any) -> Answer:
        lsn = {"x-pinecone-max-indexed-lsn": str(self._reached)} if self._stub.says_lsn else {}
        return Answer(200, body, lsn)


def _handler_of(stub: PineconeStub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._serve()

        do_POST = do_DELETE = do_GET

        def _serve(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            try:
                self._check_headers()
                query = parse_qs(parts.query, keep_blank_values=True)
                with stub.lock:
                    answer = stub.answer(self.command, parts.path, query, raw)
            except Refused as error:
                headers = {"Retry-After": error.retry_after} if error.retry_after else {}
                said = {"error": {"code": error.code, "message": str(error)}, "status": error.status}
                answer = Answer(error.status, said, headers)
            self._send(answer)

        def _check_headers(self) -> None:
            if self.headers.get("Api-Key") != stub.key:
                raise Refused(401, "UNAUTHENTICATED", "Invalid API Key")
            if not self.headers.get("X-Pinecone-Api-Version"):
                raise Refused(400, "INVALID_ARGUMENT", "the API version is missing")

        def _send(self, answer: Answer) -> None:
            data = json.dumps(answer.body).replace("{host}", self.headers["Host"]).encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: tests read what they need from the stub."""

    return Handler


@pytest.fixture(scope="session")
def pinecone_options() -> Iterator[dict[str, Any]]:
    """The settings that reach a stub of Pinecone whose reads see each write at once."""
    with PineconeStub() as stub:
        stub.lag = 0
        yield {"pinecone_host": stub.url, "pinecone_api_key": stub.key}
