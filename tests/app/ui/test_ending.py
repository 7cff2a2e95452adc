"""Real servers: one is told to stop in the middle of an answer, beside another one over the same folder."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from support.model_server import ModelServer, Reply, answering

from app.history import History, Message, Status

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM"),
    pytest.mark.timeout(300),  # a busy machine is no failure
]


@dataclass
class Server:
    """`docent ui` as a container's runtime starts it."""

    process: subprocess.Popen[bytes]
    address: str

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.address}{path}", timeout=60)

    def ask(self, text: str, conversation: str = "") -> httpx.Response:
        given = {"text": text, "conversation": conversation, "options": {"free": True}}
        return httpx.post(f"{self.address}/ask", json=given, headers={"origin": self.address}, timeout=60)

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def servers(model: ModelServer, data: Path) -> Iterator[tuple[Server, Server]]:
    """The first one lets answers end for long, the second one for no time."""
    begun = [start(model, data, seconds) for seconds in ("60", "0")]
    for server in begun:
        until(lambda server=server: lives(server))
    yield begun[0], begun[1]
    for server in begun:
        server.process.kill()
        server.process.wait()


def start(model: ModelServer, data: Path, seconds: str) -> Server:
    own = {"DOCENT_DATA_DIR": str(data), "DOCENT_STOP_SECONDS": seconds, "DOCENT_AUTO_TITLES": "false"}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", "from app.cli import main; main()", "ui", "--port", str(port)]
    environment = {**os.environ, **answering(model), **own}
    process = subprocess.Popen(command, env=environment, cwd=data, stdout=subprocess.DEVNULL)
    return Server(process, f"http://localhost:{port}")


def lives(server: Server) -> bool:
    try:
        return server.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def until(is_so: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)


def kept(data: Path, message_id: str) -> Message:
    history = History(f"sqlite:///{data / 'conversations.sqlite'}")
    try:
        return history.message(message_id)
    finally:
        history.close()


def streamed(server: Server, message_id: str) -> Iterator[tuple[str, str]]:
    """What the browser is sent of an answer: the event, and its HTML."""
    with httpx.stream("GET", f"{server.address}/live/{message_id}", timeout=60) as stream:
        event = ""
        for line in stream.iter_lines():
            if line.startswith("event:"):
                event = line.partition(": ")[2]
            elif line.startswith("data:"):
                yield event, json.loads(line.partition(": ")[2]).get("html", "")


def test_servers_share_their_answers_and_end_without_losing_any(
    servers: tuple[Server, Server], model: ModelServer, data: Path
):
    first, second = servers
    until(lambda: second.get("/readyz").status_code == 200)

    # The other server shows the answer while it is written, and takes no question in between.
    go = threading.Event()
    model.say(Reply("Twenty-five days of paid leave.", wait=go))
    asked = first.ask("How many days?").json()
    until(lambda: "paid" in kept(data, asked["answer"]).content)
    shown = streamed(second, asked["answer"])
    assert any("paid" in html for _, html in shown)
    assert second.ask("And then?", asked["conversation"]).status_code == 409
    assert kept(data, asked["answer"]).status is Status.STREAMING

    # Told to stop, the first one takes nothing new, and ends what it began.
    first.process.send_signal(signal.SIGTERM)
    until(lambda: first.get("/readyz").status_code == 503)
    assert first.get("/healthz").status_code == 200
    refused = first.ask("One more?")
    assert refused.status_code == 503 and "being stopped" in refused.json()["problem"]
    go.set()
    assert first.process.wait(60) == 0
    assert kept(data, asked["answer"]).status is Status.DONE
    assert "leave." in kept(data, asked["answer"]).content
    # Whoever comes late is shown the whole answer, and that there is no more of it.
    until(lambda: [event for event, _ in streamed(second, asked["answer"])] == ["paint", "done"])
    assert "leave." in next(streamed(second, asked["answer"]))[1]

    # What cannot end in time is kept as far as it is.
    model.say(Reply("It takes very long.", wait=threading.Event()))
    asked = second.ask("How long?").json()
    until(lambda: "very" in kept(data, asked["answer"]).content)
    assert second.end() == 0
    half = kept(data, asked["answer"])
    assert half.status is Status.INTERRUPTED and "very" in half.content
