"""A real Chromium, and Docent's own server with a data folder of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from support.model_server import ModelServer, answering

from app.config import load_settings
from app.runtime import build
from app.ui import launch

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def executable() -> str | None:
    """The Chromium of this machine, if there is one."""
    return next((found for name in CHROMIUM if (found := shutil.which(name))), None)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = executable()
    if path is None:
        reason = f"No Chromium is installed (looked for {', '.join(CHROMIUM)})."
        if os.environ.get("DOCENT_REQUIRE_BROWSER") == "1":
            pytest.fail(f"{reason} DOCENT_REQUIRE_BROWSER=1 asks for it.")
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        expect.set_options(timeout=25_000)  # a busy machine is no failure
        yield browser
        browser.close()


Serve = Callable[..., str]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start Docent's server with these variables, and give its address; may be called again to restart it."""
    servers: list[subprocess.Popen[bytes]] = []

    def start(**variables: str) -> str:
        for running in servers:
            _end(running)
        port = _free_port()
        # Titles and suggestions would take the replies that a test has scripted for its answers.
        own = {"DOCENT_AUTO_TITLES": "false", "DOCENT_FOLLOW_UPS": "documents", "DOCENT_STOP_SECONDS": "0"}
        environment = {**os.environ, "DOCENT_DATA_DIR": str(tmp_path / "data"), **own, **variables}
        log = tmp_path / "server.log"
        command = launch.command(load_settings(), port)
        with log.open("ab") as out:
            server = subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=out, stderr=out)
        servers.append(server)
        address = f"http://localhost:{port}"
        _wait_until_it_answers(address, server, log)
        return address

    yield start
    for server in servers:
        _end(server)


@pytest.fixture
def model() -> Iterator[ModelServer]:
    """A language model that says what it is told."""
    with ModelServer() as server:
        yield server


@pytest.fixture
def address(serve: Serve, model: ModelServer, tmp_path: Path) -> str:
    """A server over a small handbook, with that model."""
    (tmp_path / "handbook.md").write_text("# Leave\n\nEvery employee has 25 days of paid leave a year.\n")
    with build(load_settings(data_dir=tmp_path / "data")) as runtime:
        runtime.ingest([tmp_path / "handbook.md"])
    return serve(**answering(model))


def _end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(15)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"The server did not start:\n{log.read_text()}")


Open = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Open]:
    """A page in a browser of its own; it may not ask anything but loopback."""
    contexts: list[BrowserContext] = []
    strangers: list[str] = []

    def open_(locale: str = "en-US", **options: object) -> Page:
        context = chromium.new_context(
            locale=locale, timezone_id="Asia/Seoul", viewport={"width": 1280, "height": 860}, **options
        )
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: strangers.append(request.url))
        return page

    yield open_
    for context in contexts:
        context.close()
    local = ("http://localhost:", "http://127.0.0.1:", "ws://localhost:", "data:", "blob:")
    assert [url for url in strangers if not url.startswith(local)] == []
