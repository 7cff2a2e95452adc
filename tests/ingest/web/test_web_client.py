"""One request to a server that nobody trusts."""

from __future__ import annotations

import gzip
import itertools
import socket
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

import httpcore
import pytest
from support.web_server import FAST, Reply, WebServer, html

from app.errors import DocumentError
from ingest.web.addresses import Allowed
from ingest.web.client import USER_AGENT, Client, unpacked
from ingest.web.trouble import Unreachable
from ingest.web.urls import parse


def test_a_page_comes_with_its_head(web: WebServer, client: Client):
    web.pages["/a?x=1"] = Reply(b"words", head={"Content-Type": "text/plain"})
    response = client.get(parse(f"{web.url}/a?x=1#part"))
    assert (response.status, response.body, response.head["content-type"]) == (200, b"words", "text/plain")
    target, head = web.asked[0]
    assert (target, head["Host"], head["User-Agent"]) == ("/a?x=1", f"127.0.0.1:{web.port}", USER_AGENT)
    assert USER_AGENT.startswith("Docent/")


def test_packed_pages_are_unpacked(web: WebServer, client: Client):
    web.pages["/"] = Reply(gzip.compress(b"a") + gzip.compress(b"b"), head={"Content-Encoding": "gzip"})
    assert client.get(parse(web.url)).body == b"ab"


def test_a_gzip_bomb_stops_at_the_limit(web: WebServer, client: Client):
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join([*(packer.compress(bytes(1_000_000)) for _ in range(200)), packer.flush()])
    web.pages["/"] = Reply(bomb, head={"Content-Encoding": "gzip"})
    with pytest.raises(DocumentError, match="more than the 1 MB"):
        client.get(parse(web.url))
    limit = 1000
    assert sum(map(len, unpacked([bomb], limit))) == limit


@pytest.mark.parametrize(
    ("body", "coding", "why"),
    [
        (b"no gzip", "gzip", "badly packed"),
        (gzip.compress(b"words" * 100, mtime=0)[:-20], "gzip", "badly packed"),
        (b"x", "br", "packed as 'br'"),
    ],
    ids=["not packed", "cut off", "packed in another way"],
)
def test_a_badly_packed_page_is_named(web: WebServer, client: Client, body: bytes, coding: str, why: str):
    web.pages["/"] = Reply(body, head={"Content-Encoding": coding})
    with pytest.raises(DocumentError, match=why):
        client.get(parse(web.url))


def test_an_endless_body_stops_at_the_limit(web: WebServer, client: Client):
    web.pages["/"] = Reply(lambda: itertools.repeat(bytes(65536)))
    with pytest.raises(DocumentError, match="more than the 1 MB"):
        client.get(parse(web.url))


def test_a_body_that_says_it_is_too_long_is_not_begun(web: WebServer, client: Client):
    web.pages["/"] = Reply(bytes(2_000_000))
    with pytest.raises(DocumentError, match="more than the 1 MB"):
        client.get(parse(web.url))


def test_a_body_that_drips_ends_with_the_time_of_the_request(web: WebServer):
    web.pages["/"] = Reply(lambda: itertools.repeat(b"x"), pause=0.05)
    with (
        Client(Allowed("127.0.0.1"), replace(FAST, seconds=0.5)) as client,
        pytest.raises(Unreachable, match="took too long"),
    ):
        client.get(parse(web.url))
    assert "/" in web.targets


def test_a_silent_server_is_left(web: WebServer):
    web.pages["/"] = Reply(lambda: iter([b"x"]), pause=30)
    with (
        Client(Allowed("127.0.0.1"), replace(FAST, silence=0.2)) as client,
        pytest.raises(Unreachable, match="took too long"),
    ):
        client.get(parse(web.url))


def test_a_head_that_drips_ends_with_the_time_of_the_request():
    with _raw_server(b"HTTP/1.1 200 OK\r\n", itertools.repeat(b"X-A: b\r\n"), pause=0.02) as port:
        limits = replace(FAST, seconds=0.5)
        with Client(Allowed("127.0.0.1"), limits) as client, pytest.raises(Unreachable):
            client.get(parse(f"http://127.0.0.1:{port}/"))


def test_what_is_no_web_server_is_told_so():
    with (
        _raw_server(b"SSH-2.0-OpenSSH_9.6\r\n", iter([])) as port,
        Client(Allowed("127.0.0.1"), FAST) as client,
        pytest.raises(Unreachable, match="could not be read"),
    ):
        client.get(parse(f"http://127.0.0.1:{port}/"))


def test_a_host_that_is_not_public_is_not_asked(web: WebServer):
    with Client(Allowed(), FAST) as client, pytest.raises(DocumentError, match="not public"):
        client.get(parse(web.url))
    with (
        Client(Allowed("wiki.local:1"), FAST, lambda host, port: ["127.0.0.1"]) as client,
        pytest.raises(DocumentError, match="not public"),
    ):
        client.get(parse(f"http://wiki.local:{web.port}/"))
    assert web.asked == []


def test_the_address_that_was_checked_is_the_one_that_is_asked(monkeypatch: pytest.MonkeyPatch):
    """A name that changes its address between the check and the connection (DNS rebinding) gains nothing."""
    answers = iter([["93.184.216.34"], ["127.0.0.1"], ["127.0.0.1"]])
    asked: list[str] = []

    def connect(self: object, host: str, *args: object, **options: object) -> httpcore.NetworkStream:
        asked.append(host)
        raise httpcore.ConnectError("no network here")

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    with Client(Allowed(), FAST, lambda host, port: next(answers)) as client:
        with pytest.raises(Unreachable):
            client.get(parse("http://rebinding.example/"))
        with pytest.raises(DocumentError, match="not public"):
            client.get(parse("http://rebinding.example/"))
    assert asked == ["93.184.216.34"]


def test_the_next_address_is_tried_when_one_does_not_answer(web: WebServer):
    web.pages["/"] = html("here")

    def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.9", "127.0.0.1"]

    with Client(Allowed("wiki.local"), FAST, resolve) as client:
        assert client.get(parse(f"http://wiki.local:{web.port}/")).status == 200
    assert web.asked[0][1]["Host"] == f"wiki.local:{web.port}"


def test_tls_goes_by_the_name_although_the_connection_goes_by_the_address():
    with socket.create_server(("127.0.0.1", 0)) as server:
        hello: list[bytes] = []

        def listen() -> None:
            with server.accept()[0] as connection:
                hello.append(connection.recv(4096))

        thread = threading.Thread(target=listen)
        thread.start()
        with (
            Client(Allowed("docs.local"), FAST, lambda host, port: ["127.0.0.1"]) as client,
            pytest.raises(Unreachable),
        ):
            client.get(parse(f"https://docs.local:{server.getsockname()[1]}/"))
        thread.join(5)
    assert hello[0][:1] == b"\x16"  # a handshake
    assert b"docs.local" in hello[0]


class _raw_server:
    """Answers any request by these bytes."""

    def __init__(self, first: bytes, then: Iterator[bytes], pause: float = 0.0) -> None:
        self._pieces = itertools.chain([first], then)
        self._pause = pause
        self._server = socket.create_server(("127.0.0.1", 0))
        self._ended = threading.Event()

    def __enter__(self) -> int:
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return int(self._server.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._server.close()

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                connection = self._server.accept()[0]
                with connection:
                    for piece in self._pieces:
                        connection.sendall(piece)
                        time.sleep(self._pause)
            except OSError:
                continue
