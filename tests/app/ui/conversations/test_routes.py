"""What the browser asks for: found conversations as JSON without HTML, and the list as it is now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.chat.jobs import Jobs
from app.errors import StorageError
from app.history import History
from app.runtime import Runtime
from app.schemas import Role
from app.ui.conversations.routes import routes


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    opened = History(f"sqlite:///{tmp_path / 'h.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture
def browser(history: History) -> TestClient:
    runtime = SimpleNamespace(history=history, jobs=Jobs(history))
    return TestClient(Starlette(routes=routes(lambda: runtime, "/rag")))


def test_found_conversations_come_in_parts_that_are_text(history: History, browser: TestClient):
    made = history.create(title="규정 <b>")
    asked = history.append(made.id, Role.USER, "😀 <img src=x> 연차휴가를 쓰려면?")
    [found] = browser.get("/find", params={"q": "휴가", "lang": "en"}).json()["found"]
    assert (found["conversation"], found["message"], found["by"]) == (made.id, asked.id, "You")
    assert found["snippet"] == [["😀 <img src=x> 연차", False], ["휴가", True], ["를 쓰려면?", False]]
    assert found["title"] == [["규정 <b>", False]]
    assert found["href"] == f"./?c={made.id}&m={asked.id}"


def test_nothing_is_found_below_both_addresses(browser: TestClient):
    for prefix in ("", "/rag"):
        for query in ("", "?q=", "?q=%00%ff", "?q=" + "x" * 3000):
            answer = browser.get(f"{prefix}/find{query}")
            assert answer.json() == {"found": []}
            assert answer.headers["cache-control"] == "no-store"


def test_the_list_is_as_it_is_now(history: History, browser: TestClient):
    made = history.create(title="Leave")
    asked = {"c": made.id, "lang": "ko", "zone": "../etc/passwd", "chosen": "<x>"}
    before = browser.get("/conversations", params=asked).text
    assert 'aria-current="page"' in before
    assert "오늘" in before
    assert f'href="./?c={made.id}"' in before
    history.rename(made.id, "Holidays")
    assert "Holidays" in browser.get("/conversations", params=asked).text


def test_a_database_that_fails_is_told_in_words(history: History):
    def broken() -> Runtime:
        raise StorageError("disk full")

    browser = TestClient(Starlette(routes=routes(broken)))
    answer = browser.get("/find", params={"q": "x", "lang": "en"})
    assert answer.status_code == 503
    assert answer.json()["error"]
