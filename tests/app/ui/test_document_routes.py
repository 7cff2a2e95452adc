"""What the chat asks the server about documents, over a real collection: names, suggestions, runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.config import Settings
from app.runtime import Runtime, build
from app.schemas import Question, Role
from app.ui import options, shell
from app.ui.document_routes import MOST_NAMES, routes
from app.ui.indexing import Indexing, Run
from app.ui.suggesting import Suggestions

LEAVE = (
    "# 휴가 규정\n\n## 연차 휴가\n\n연차 휴가는 1년에 15일이다.\n\n"
    "## 병가\n\n병가는 1년에 60일까지 쓸 수 있다.\n\n"
    "## 경조 휴가\n\n결혼하는 직원은 경조 휴가 5일을 받는다.\n"
)


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    base = tmp_path_factory.mktemp("routes")
    (base / "files/hr").mkdir(parents=True)
    (base / "files/hr/휴가규정.md").write_text(LEAVE, encoding="utf-8")
    for number in range(25):
        (base / f"files/note {number:02}.txt").write_text(f"Note {number} is about rain.", encoding="utf-8")
    with build(Settings(data_dir=base / "data")) as joined:
        joined.ingest([base / "files"])
        yield joined


@pytest.fixture
def client(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setattr(shell, "runtime", lambda: runtime)
    indexing, suggestions = Indexing(runtime.ingest), Suggestions(runtime)
    app = Starlette(routes=routes(lambda: runtime, lambda: indexing, lambda: suggestions, base="docs"))
    client = TestClient(app)
    client.indexing = indexing
    return client


def names(client: TestClient, typed: str, collection: str = "default") -> list[str]:
    told = client.get("/names", params={"collection": collection, "q": typed}).json()
    return [one["mention"] for one in told.get("names", [])]


def test_names_are_told_while_they_are_typed(client: TestClient):
    assert names(client, "휴")[0] == "@hr/휴가규정.md"
    assert names(client, "ㅎㄱㄱ") == ["@hr/휴가규정.md"]
    assert names(client, "note 03") == ['@"note 03.txt"']
    assert "@hr/" in names(client, "h")
    assert len(names(client, "")) == MOST_NAMES
    assert names(client, "휴", "nowhere") == []
    assert client.get("/docs/names?collection=default&q=hr").json()["names"]


def test_questions_to_begin_with_come_as_buttons(client: TestClient):
    told = client.get("/suggestions/start/default?lang=ko").json()
    assert 'data-act="ask"' in told["html"]
    assert "휴가" in told["html"]
    assert client.get("/suggestions/start/nowhere").json() == {"html": ""}


def test_nobody_waits_for_questions_of_a_server_that_is_to_stop(runtime: Runtime):
    stopping = threading.Event()
    never = SimpleNamespace(follow_ups=lambda message: Future(), starters=None)
    app = Starlette(routes=routes(lambda: runtime, lambda: None, lambda: never, stopping.is_set))
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(TestClient(app).get, "/suggestions/after/any")
        assert not wait([asked], 0.6).done
        stopping.set()
        assert asked.result(5).json() == {"again": True}


def test_what_may_be_asked_next_is_kept_with_the_answer(client: TestClient, runtime: Runtime):
    history = runtime.history
    conversation = history.create(
        collection="default", settings=options.Options.initial(runtime.settings).kept()
    )
    asked = history.append(conversation.id, Role.USER, "연차 휴가는 며칠인가요?")
    answer = runtime.answer(Question(text=asked.content))
    message = history.append(conversation.id, Role.ASSISTANT, answer.answer, record=answer)
    assert history.follow_ups.of(message.id) is None
    told = client.get(f"/suggestions/after/{message.id}?lang=ko").json()
    kept = history.follow_ups.of(message.id)
    assert kept
    assert all(one in told["html"] for one in kept)
    assert client.get(f"/suggestions/after/{message.id}?lang=ko").json() == told
    history.delete(conversation.id)
    history.purge(older_than=timedelta(days=-1))
    assert history.follow_ups.of(message.id) is None


def test_a_message_that_is_not_there_suggests_nothing(client: TestClient):
    assert client.get("/suggestions/after/forged").json() == {"html": ""}


def test_a_run_is_told_while_it_goes_on_and_when_it_has_ended(client: TestClient):
    assert client.get("/indexing/default").json() == {"html": "", "running": False}
    run = client.indexing._runs["default"] = Run("default")
    run.progress = SimpleNamespace(
        files_done=1, files_total=4, chunks_done=1, chunks_total=2, path="/x/<b>.md", failed=1
    )
    told = client.get("/indexing/default?lang=en").json()
    assert told["running"]
    assert "1 of 4 files" in told["html"]
    assert "&lt;b&gt;.md" in told["html"]
    assert "1 could not be read" in told["html"]
    run.error = OSError("disk")
    run.ended.set()
    assert not client.get("/indexing/default").json()["running"]
