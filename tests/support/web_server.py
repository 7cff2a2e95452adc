"""A web server on loopback whose pages a test sets, and which keeps what it was asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from ingest.web.client import Limits

FAST = Limits(gap=0, silence=2, seconds=4, body_bytes=1_000_000, patience=1, failures=3)


@dataclass(frozen=True)
class Reply:
    """One answer.

    Attributes:
        body: bytes, or pieces that are sent one by one without naming a length.
        pause: seconds before each piece.
    """

    body: bytes | Callable[[], Iterator[bytes]] = b""
    status: int = 200
    head: Mapping[str, str] = field(default_factory=dict)
    pause: float = 0.0


def html(title: str, *links: str, text: str = "") -> Reply:
    """A page with a paragraph and links."""
    anchors = "".join(f'<a href="{link}">{link}</a> ' for link in links)
    words = text or f"The page named {title} has a sentence that says so."
    body = f"<!doctype html><title>{title}</title><h1>{title}</h1><p>{words}</p>{anchors}".encode()
    return Reply(body, head={"Content-Type": "text/html; charset=utf-8"})


def moved(location: str, status: int = 301) -> Reply:
    return Reply(status=status, head={"Location": location})


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves in the middle is what some tests are about."""


class WebServer:
    """Serves `pages` by target; all else is 404. `asked` holds (target, head) in order.

    A page with an ETag or Last-Modified answers 304 to a request that names it.
    """

    def __init__(self) -> None:
        self.pages: dict[str, Reply] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self._stopped = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    @property
    def targets(self) -> list[str]:
        """What was asked for, apart from robots.txt."""
        return [target for target, _ in self.asked if target != "/robots.txt"]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                server.asked.append((self.path, dict(self.headers.items())))
                reply = server.pages.get(self.path, Reply(b"not here", 404))
                if _is_known(reply, self.headers):
                    reply = Reply(status=304, head=reply.head)
                try:
                    self._send(reply)
                except OSError:  # the client has seen enough
                    self.close_connection = True

            def _send(self, reply: Reply) -> None:
                self.send_response(reply.status)
                for name, value in reply.head.items():
                    self.send_header(name, value)
                if isinstance(reply.body, bytes):
                    self.send_header("Content-Length", str(len(reply.body)))
                    self.end_headers()
                    time.sleep(reply.pause)
                    self.wfile.write(reply.body if reply.status != 304 else b"")
                    return
                self.close_connection = True
                self.send_header("Connection", "close")
                self.end_headers()
                for piece in reply.body():
                    if server._stopped.wait(reply.pause):
                        return
                    self.wfile.write(piece)
                    self.wfile.flush()

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


def _is_known(reply: Reply, asked: Mapping[str, str]) -> bool:
    pairs = (("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since"))
    return reply.status == 200 and any(
        name in reply.head and asked.get(condition) == reply.head[name] for name, condition in pairs
    )
