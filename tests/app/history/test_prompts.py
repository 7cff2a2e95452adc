"""Own prompts in the database: every save is a version, and nothing that was saved is lost."""

from __future__ import annotations

import pytest

from app.errors import NotFoundError
from app.history import History, OwnPrompts


@pytest.fixture
def own(history: History) -> OwnPrompts:
    return history.prompts


def test_every_save_is_a_version_and_the_same_again_is_none(own: OwnPrompts):
    assert [own.save("role", "captain", text).version for text in ("a", "b", "b", "a")] == [1, 2, 2, 3]
    assert [one.content for one in own.versions("role", "captain")] == ["a", "b", "a"]
    assert own.get("role", "captain").version == 3
    assert own.get("role", "captain", 2).content == "b"
    assert [one.version for one in own.latest()] == [3]


def test_one_name_may_stand_for_one_of_each_kind(own: OwnPrompts):
    own.save("role", "x", "role")
    own.save("task", "x", "task")
    assert [(one.kind, one.content) for one in own.latest()] == [("role", "role"), ("task", "task")]
    assert [one.content for one in own.latest("task")] == ["task"]


def test_a_deleted_one_comes_back_with_all_its_versions(own: OwnPrompts):
    own.save("role", "captain", "a")
    own.save("role", "captain", "b")
    own.delete("role", "captain")
    assert own.latest() == [] and [one.version for one in own.deleted()] == [2]
    assert own.get("role", "captain", 1).content == "a"  # answers that were made with it still name it
    own.restore("role", "captain")
    assert [one.version for one in own.latest()] == [2] and own.deleted() == []
    own.delete("role", "captain")
    assert own.save("role", "captain", "c").version == 3
    assert [one.version for one in own.versions("role", "captain")] == [3, 2, 1]
    assert own.deleted() == []


def test_what_is_not_there_is_said(own: OwnPrompts):
    own.save("role", "captain", "a")
    with pytest.raises(NotFoundError, match="no role 'pirate'"):
        own.get("role", "pirate")
    with pytest.raises(NotFoundError, match=r"version 7.*versions 1 to 1"):
        own.get("role", "captain", 7)


def test_they_are_there_after_a_restart(history_url: str):
    history = History(history_url)
    history.prompts.save("style", "haiku", "다섯 일곱 다섯")
    history.close()
    again = History(history_url)
    assert again.prompts.get("style", "haiku").content == "다섯 일곱 다섯"
    again.close()
