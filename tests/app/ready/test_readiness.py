"""Probes: what is not ready is named, nothing hangs, nothing secret is said, and it costs little."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from support.servers.ports import free_port

from app.config import load_settings
from app.errors import ConfigurationError, StorageError
from app.ready.checks import CHECKS
from app.ready.readiness import Readiness
from app.runtime import Runtime
from app.ui import probes


@pytest.fixture
def runtime(tmp_path) -> Iterator[Runtime]:
    with Runtime(load_settings(data_dir=tmp_path / "data")) as made:
        yield made


def client(runtime, is_ending=lambda: False) -> TestClient:
    return TestClient(Starlette(routes=probes.routes(runtime, is_ending, "rag")))


async def test_what_is_found_is_not_looked_at_again_for_a_while():
    looks = []
    ready = Readiness({"engine": lambda: looks.append(1)}, fresh=0.2)
    assert [await ready.look() for _ in range(5)] == [{"engine": ""}] * 5
    assert len(looks) == 1
    time.sleep(0.25)
    await ready.look()
    assert len(looks) == 2


async def test_what_lasts_is_looked_at_until_it_is_ready():
    looks = []

    def loads() -> None:
        looks.append(1)
        if len(looks) < 2:
            raise ConfigurationError("DOCENT_EMBEDDING_MODEL='x': there is no such model.")

    ready = Readiness({"model": loads}, fresh=0, lasting={"model"})
    assert await ready.look() == {"model": "configuration, DOCENT_EMBEDDING_MODEL"}
    assert [await ready.look() for _ in range(3)] == [{"model": ""}] * 3
    assert len(looks) == 2


async def test_a_server_that_hangs_holds_up_no_probe_and_is_asked_once():
    go, looks = threading.Event(), []

    def hangs() -> None:
        looks.append(1)
        go.wait(10)

    ready = Readiness({"engine": hangs, "data": lambda: None}, seconds=0.2)
    began = time.monotonic()
    assert await ready.look() == {"engine": "no answer within 0.2 seconds", "data": ""}
    assert await ready.look() == {"engine": "no answer within 0.2 seconds", "data": ""}
    assert time.monotonic() - began < 2 and len(looks) == 1
    go.set()
    time.sleep(0.05)
    assert await ready.look() == {"engine": "", "data": ""}


async def test_no_address_and_no_secret_is_said_to_everybody(caplog):
    def down() -> None:
        raise StorageError("DOCENT_DATABASE_URL=postgresql://db.intern: no answer from 10.0.0.7.")

    def broken() -> None:
        raise RuntimeError("password hunter2 is wrong")

    found = await Readiness({"database": down, "engine": broken}).look()
    assert found == {"database": "storage, DOCENT_DATABASE_URL", "engine": "RuntimeError"}
    assert "db.intern" in caplog.text  # the log is for those who run it


def settled(asked: TestClient, besides: str = "") -> dict[str, str]:
    """What each part says when nothing else is waited for; a busy machine takes its time to load a model."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        told = asked.get("/readyz")
        parts = told.json()["parts"]
        if all(name == besides or not why.startswith("no answer") for name, why in parts.items()):
            break
    assert (told.status_code == 200) == told.json()["ready"] == (set(parts.values()) == {"ready"})
    return parts


def test_a_server_with_all_it_needs_is_ready_at_both_paths(runtime: Runtime):
    with client(lambda: runtime) as asked:
        assert settled(asked) == dict.fromkeys(["settings", *CHECKS], "ready")
        told = asked.get("/rag/readyz")
        assert told.status_code == 200 and told.headers["cache-control"] == "no-store"
        assert asked.get("/healthz").text == asked.get("/rag/healthz").text == "ok"


def test_a_setting_that_cannot_work_is_named(tmp_path):
    (tmp_path / "file").touch()
    settings = load_settings(data_dir=tmp_path / "file", vector_backend="milvis")
    with Runtime(settings) as runtime, client(lambda: runtime) as asked:
        parts = settled(asked)
        assert parts["data"] == "storage, DOCENT_DATA_DIR"
        assert parts["vectors"] == "configuration, DOCENT_VECTOR_BACKEND"
        assert parts["embedding"] == "ready"
        assert asked.get("/healthz").status_code == 200


def test_a_vector_server_that_is_down_is_named_and_no_address(tmp_path):
    assert "DOCENT_CHROMA_URL" in vectors_of(tmp_path, free_port())


def test_a_vector_server_that_hangs_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as hangs:  # takes connections and never answers
        began = time.monotonic()
        assert vectors_of(tmp_path, hangs.getsockname()[1]) != "ready"
        assert time.monotonic() - began < 60


def vectors_of(folder, port: int) -> str:
    url = f"http://127.0.0.1:{port}"
    settings = load_settings(data_dir=folder / "data", vector_backend="chroma", chroma_url=url)
    with Runtime(settings) as runtime, client(lambda: runtime) as asked:
        parts = settled(asked, besides="vectors")
        assert parts["keywords"] == parts["database"] == "ready"
        assert "127.0.0.1" not in str(parts)
        return parts["vectors"]


def test_settings_that_cannot_be_read_are_the_first_thing_said():
    def broken() -> Runtime:
        raise ConfigurationError("DOCENT_TOP_K='many': it is no number.")

    with client(broken) as asked:
        told = asked.get("/readyz")
        assert told.status_code == 503
        assert told.json()["parts"]["settings"] == "configuration, DOCENT_TOP_K"


def test_a_server_that_was_told_to_stop_lives_and_is_not_ready(runtime: Runtime):
    with client(lambda: runtime, is_ending=lambda: True) as asked:
        told = asked.get("/readyz")
        assert (told.status_code, told.json()["parts"]) == (503, {"server": "it is being stopped"})
        assert asked.get("/healthz").status_code == 200
