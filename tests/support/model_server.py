"""A language model's server for tests: OpenAI's protocol on loopback, told what to say and how to fail.

with ModelServer() as server:
    server.say("Employees have 25 days [1].")                    # the next answer
    server.say(Reply(status=429), "Then this.")                  # first an error, then an answer
    server.say(Reply("Half of it", drop_after=1))                # the connection breaks off
    server.reject("temperature")                                 # 400 whenever it is sent
    … DOCENT_LLM_BASE_URL=server.url …
    server.bodies[-1]["messages"]
"""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

_ERRORS = {
    400: ("invalid_request_error", "invalid_request", "This request is not valid."),
    401: ("invalid_request_error", "invalid_api_key", "Incorrect API key provided: {key}."),
    403: ("permission_error", "forbidden", "Not allowed."),
    404: ("invalid_request_error", "model_not_found", "The model `{model}` does not exist."),
    429: ("requests", "rate_limit_exceeded", "Rate limit reached for requests."),
    500: ("server_error", None, "The server had an error."),
    503: ("server_error", None, "Overloaded."),
}


@dataclass
class Reply:
    """What the server does with one request.

    Attributes:
        text: the answer; streamed word by word.
        status: anything but 200 sends an error of OpenAI's form.
        error: fields that replace those of the error.
        headers: of an error, such as {"retry-after": "0"}.
        delay: seconds before the first byte.
        word_delay: seconds before each word.
        drop_after: the connection breaks off after so many words.
        wait: the stream stops before the last word until this is set.
        finish: finish_reason.
        body: sent as it is, instead of everything else.
        error_in_stream: an error event in the middle of a stream that began well.
        tool_call: the text comes as the arguments of a tool call.
        calls: arguments of several tool calls, instead of a text.
        refusal: comes beside an empty text.
        whole: the answer comes at once, also where a stream was asked for.
    """

    text: str = "This is a scripted answer [1]."
    status: int = 200
    error: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    word_delay: float = 0.0
    drop_after: int | None = None
    wait: threading.Event | None = None
    finish: str = "stop"
    body: bytes | None = None
    error_in_stream: bool = False
    tool_call: bool = False
    calls: tuple[str, ...] = ()
    refusal: str = ""
    whole: bool = False


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class ModelServer:
    """Answers on `url` from a thread until it is closed.

    Attributes:
        url: to be used as base URL.
        models: what it lists.
        default: the reply when nothing was scripted.
        requests: all that was asked, oldest first.
        disconnected: set when a client left in the middle of a stream.
        words_sent: how many words of streams went out.
    """

    def __init__(self) -> None:
        self.models = ["scripted-model", "another-model"]
        self.default = Reply()
        self.requests: list[Request] = []
        self.disconnected = threading.Event()
        self.words_sent = 0
        self._script: deque[Reply] = deque()
        self._rejected: set[str] = set()
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def reset(self) -> None:
        """As it was made, for the next test."""
        self.default, self._script, self._rejected = Reply(), deque(), set()
        self.requests.clear()

    def say(self, *replies: str | Reply) -> None:
        """Script the next replies, in this order."""
        self._script += [Reply(reply) if isinstance(reply, str) else reply for reply in replies]

    def reject(self, *parameters: str) -> None:
        """Answer 400 to every request that holds one of these parameters."""
        self._rejected.update(parameters)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """The bodies of all chat requests, oldest first."""
        return [request.body for request in self.requests if request.path.endswith("/chat/completions")]

    def next_reply(self, body: dict[str, Any]) -> Reply:
        for parameter in sorted(self._rejected & body.keys()):
            message = f"Unsupported parameter: '{parameter}' is not supported with this model."
            error = {"param": parameter, "message": message, "code": "unsupported_parameter"}
            return Reply(status=400, error=error)
        return self._script.popleft() if self._script else self.default

    def pause(self, seconds: float) -> None:
        self._closing.wait(seconds)

    def wait_for(self, event: threading.Event) -> None:
        while not event.is_set() and not self._closing.is_set():
            event.wait(0.02)


def _handler(server: ModelServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Tests read `requests` instead."""

        def do_GET(self) -> None:
            server.requests.append(Request(self.path, dict(self.headers), {}))
            models = [{"id": name, "object": "model"} for name in server.models]
            self._json(200, {"object": "list", "data": models})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            server.requests.append(Request(self.path, dict(self.headers), body))
            reply = server.next_reply(body)
            try:
                self._reply(reply, body)
            except (BrokenPipeError, ConnectionResetError):
                server.disconnected.set()
                self.close_connection = True

        def _reply(self, reply: Reply, body: dict[str, Any]) -> None:
            server.pause(reply.delay)
            if reply.body is not None:
                self._bytes(reply.status, reply.body, "text/html")
            elif reply.status != 200:
                self._json(reply.status, {"error": self._error(reply, body)}, reply.headers)
            elif body.get("stream") and not reply.whole:
                self._stream(reply, body)
            else:
                self._whole(reply, body)

        def _error(self, reply: Reply, body: dict[str, Any]) -> dict[str, Any]:
            kind, code, message = _ERRORS.get(reply.status, _ERRORS[500])
            key = self.headers.get("authorization", "").removeprefix("Bearer ")
            said = message.format(model=body.get("model"), key=key)
            return {"type": kind, "code": code, "message": said, "param": None} | reply.error

        def _whole(self, reply: Reply, body: dict[str, Any]) -> None:
            message: dict[str, Any] = {"role": "assistant", "content": reply.text}
            if given := reply.calls or ((reply.text,) if reply.tool_call else ()):
                message = {"role": "assistant", "content": None, "tool_calls": _calls(given, body)}
            if reply.refusal:
                message = {"role": "assistant", "content": None, "refusal": reply.refusal}
            choice = {"index": 0, "finish_reason": reply.finish, "message": message}
            head = _head(body, "chat.completion")
            self._json(200, {**head, "choices": [choice], "usage": _usage(reply)})

        def _stream(self, reply: Reply, body: dict[str, Any]) -> None:
            self.close_connection = True
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            # Chunked, so that a client can tell a stream that broke off from one that ended.
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            words = re.findall(r"\s*\S+\s*$|\s*\S+", "" if reply.calls else reply.text)
            for call in _calls(reply.calls, body):
                self._event(self._chunk(body, {"role": "assistant", "tool_calls": [call]}))
            if reply.refusal:
                self._event(self._chunk(body, {"role": "assistant", "refusal": reply.refusal}))
            for number, word in enumerate(words):
                if number == reply.drop_after:
                    self.wfile.flush()
                    return
                if reply.error_in_stream and number == len(words) // 2:
                    self._event({"error": {"message": "The engine died.", "type": "server_error"}})
                    return
                if reply.wait is not None and number == len(words) - 1:
                    server.wait_for(reply.wait)
                server.pause(reply.word_delay)
                self._event(self._chunk(body, _delta(reply, word, number, body)))
                server.words_sent += 1
            self._event(self._chunk(body, {}, reply.finish))
            if (body.get("stream_options") or {}).get("include_usage"):
                head = _head(body, "chat.completion.chunk")
                self._event({**head, "choices": [], "usage": _usage(reply)})
            self._frame(b"data: [DONE]\n\n")
            self._frame(b"")

        def _chunk(self, body: dict[str, Any], delta: dict[str, Any], finish: str | None = None) -> Any:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            return {**_head(body, "chat.completion.chunk"), "choices": [choice]}

        def _event(self, event: object) -> None:
            self._frame(b"data: " + json.dumps(event).encode() + b"\n\n")

        def _frame(self, data: bytes) -> None:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
            self.wfile.flush()

        def _json(self, status: int, value: object, headers: dict[str, str] | None = None) -> None:
            self._bytes(status, json.dumps(value).encode(), "application/json", headers)

        def _bytes(self, status: int, data: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(data)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

    return Handler


def _head(body: dict[str, Any], kind: str) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": kind,
        "created": 1,
        "model": body["model"],
        "system_fingerprint": "fp_scripted",
    }


def _usage(reply: Reply) -> dict[str, int]:
    words = len(reply.text.split())
    return {"prompt_tokens": 11, "completion_tokens": words, "total_tokens": 11 + words}


def _calls(given: tuple[str, ...], body: dict[str, Any]) -> list[dict[str, Any]]:
    tools = body.get("tools") or [{"function": {"name": "answer"}}]
    name = tools[0]["function"]["name"]
    return [
        {"index": n, "id": f"call_{n}", "type": "function", "function": {"name": name, "arguments": one}}
        for n, one in enumerate(given)
    ]


def _delta(reply: Reply, word: str, number: int, body: dict[str, Any]) -> dict[str, Any]:
    """A word of the text, or of the arguments: their name comes with the first one only."""
    if not reply.tool_call:
        return {"role": "assistant", "content": word}
    [call] = _calls((word,), body)
    rest = {"index": 0, "function": {"arguments": word}}
    return {"role": "assistant", "content": None, "tool_calls": [rest if number else call]}


def answering(server: ModelServer) -> dict[str, str]:
    """The variables by which Docent asks this server."""
    return {
        "DOCENT_LLM_MODEL": "openai:scripted-model",
        "DOCENT_LLM_BASE_URL": server.url,
        "DOCENT_LLM_API_KEY": "test",
    }
