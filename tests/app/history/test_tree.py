"""Conversations branch, and nothing that was said is lost by it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from app.errors import NotFoundError
from app.history import FIRST, History
from app.history.records import metadata
from app.schemas import Role


def said(history: History, chat: str, leaf: str | None = None) -> list[str]:
    return [message.content for message in history.messages(chat, leaf)]


def test_an_edited_question_begins_a_branch_and_the_old_one_stays(history: History):
    chat = history.create().id
    first = history.append(chat, Role.USER, "q1")
    history.append(chat, Role.ASSISTANT, "a1")
    second = history.append(chat, Role.USER, "q2")
    old = history.append(chat, Role.ASSISTANT, "a2")
    edited = history.append(chat, Role.USER, "q2, better", parent_id=second.parent_id)
    assert said(history, chat) == ["q1", "a1", "q2, better"]
    history.append(chat, Role.ASSISTANT, "a2, better")
    assert said(history, chat) == ["q1", "a1", "q2, better", "a2, better"]
    tree = history.tree(chat)
    assert [node.id for node in tree.siblings(edited.id)] == [second.id, edited.id]
    history.show(chat, second.id)
    assert said(history, chat) == ["q1", "a1", "q2", "a2"]
    assert said(history, chat, edited.id) == ["q1", "a1", "q2, better"]
    history.show(chat, first.id)  # whatever was gone on with last
    assert said(history, chat)[-1] == "a2, better"
    assert tree.end_of(second.id) == old.id


def test_the_very_first_question_can_be_edited_too(history: History):
    chat = history.create().id
    first = history.append(chat, Role.USER, "q1")
    again = history.append(chat, Role.USER, "q1, better", parent_id=FIRST)
    assert said(history, chat) == ["q1, better"]
    assert [node.id for node in history.tree(chat).siblings(first.id)] == [first.id, again.id]


def test_an_alternative_may_be_added_without_being_shown(history: History):
    chat = history.create().id
    asked = history.append(chat, Role.USER, "q1")
    history.append(chat, Role.ASSISTANT, "a1")
    other = history.append(chat, Role.ASSISTANT, "b1", parent_id=asked.id, shown=False)
    assert said(history, chat) == ["q1", "a1"]
    history.show(chat, other.id)
    assert said(history, chat) == ["q1", "b1"]


def test_a_message_of_another_conversation_cannot_be_shown(history: History):
    chat, other = history.create().id, history.create().id
    foreign = history.append(other, Role.USER, "q")
    with pytest.raises(NotFoundError, match=foreign.id):
        history.show(chat, foreign.id)


def test_a_deleted_conversation_comes_back_with_all_it_had(history: History):
    chat = history.create(title="Leave").id
    history.append(chat, Role.USER, "q1")
    history.pin(chat)
    history.move(chat, "HR")
    history.delete(chat)
    assert history.conversations() == [] and history.folders() == []
    assert [one.id for one in history.deleted()] == [chat]
    with pytest.raises(NotFoundError):
        history.messages(chat)
    with pytest.raises(NotFoundError):
        history.append(chat, Role.USER, "q2")
    history.restore(chat)
    [back] = history.conversations()
    assert (back.pinned, back.folder, back.deleted) == (True, "HR", None)
    assert said(history, chat) == ["q1"] and history.folders() == ["HR"] and history.deleted() == []


def test_pinned_ones_come_first(history: History):
    old, new = history.create(title="old").id, history.create(title="new").id
    history.pin(old)
    assert [one.id for one in history.conversations()] == [old, new]
    history.pin(old, False)
    assert [one.id for one in history.conversations()] == [new, old]


def test_a_database_of_the_first_version_becomes_a_tree(tmp_path: Path):
    history = History(f"sqlite:///{tmp_path / 'conversations.sqlite'}")
    chats = [history.create().id, history.create().id]
    for text in ("q1", "a1", "q2"):
        for chat in chats:
            history.append(chat, Role.USER if text[0] == "q" else Role.ASSISTANT, text)
    history.close()
    with sqlite3.connect(tmp_path / "conversations.sqlite") as old:  # as it was before branches
        old.execute("UPDATE messages SET parent_id = NULL")
        old.execute("DELETE FROM schema_versions WHERE version >= 2")
        for table in metadata.tables.keys() - {"conversations", "messages"}:
            old.execute(f"DROP TABLE {table}")
        for column in ("pinned", "folder", "leaf", "deleted"):
            old.execute(f"ALTER TABLE conversations DROP COLUMN {column}")
    again = History(f"sqlite:///{tmp_path / 'conversations.sqlite'}")
    assert [said(again, chat) for chat in chats] == [["q1", "a1", "q2"]] * 2
    again.close()
