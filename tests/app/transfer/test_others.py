"""Conversations in Markdown, and what other programs export."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.answers import answer, citation

from app.errors import ImportFileError
from app.export import export, turn_of, turns_of
from app.history import History, Whole
from app.schemas import Role
from app.transfer import add, read


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    opened = History(f"sqlite:///{tmp_path / 'conversations.sqlite'}")
    yield opened
    opened.close()


def lines(whole: Whole) -> list[tuple[str, str]]:
    return [(message.role.value, message.content) for message in whole.messages]


def only(text: str, name: str = "minutes.md") -> Whole:
    [found] = read(name, text.encode())
    return found


# -- Markdown ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "# Leave\n\n**User:** How many?\n\n**Assistant:** 15 days.\n\nOr so.\n\n**User:** Sure?\n",
        "# Leave\r\n\r\n## You\r\n\r\nHow many?\r\n## Docent\r\n15 days.\r\n\r\nOr so.\r\n## You\r\nSure?",
        "# Leave\n**나**: How many?\n**도슨트**: 15 days.\n\nOr so.\n\n**나**: Sure?",
        "# Leave\n### User:\nHow many?\n### Assistant:\n15 days.\n\nOr so.\n### User:\nSure?",
    ],
)
def test_who_speaks_is_told_by_a_heading_or_in_bold(text: str):
    found = only(text)
    assert found.conversation.title == "Leave"
    assert lines(found) == [("user", "How many?"), ("assistant", "15 days.\n\nOr so."), ("user", "Sure?")]
    assert [one.parent_id for one in found.messages] == [None, "1", "2"]


def test_speakers_in_code_say_nothing_and_the_name_of_the_file_is_the_title():
    text = "**User:** Look:\n\n```md\n**Assistant:** not me\n# Not a title\n```\n\n**Assistant:** I see.\n"
    found = only(text)
    assert found.conversation.title == "minutes"
    assert lines(found) == [
        ("user", "Look:\n\n```md\n**Assistant:** not me\n# Not a title\n```"),
        ("assistant", "I see."),
    ]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_our_own_export_of_a_conversation_comes_back(history: History, language: str):
    chat = history.create(title="Leave *and* more", collection="hr").id
    long = "휴가는 며칠이고 " * 20 + "언제까지\n쓸 수 있나요? *별표*"
    second = answer("## Heading\n\nText [1].\n\n- item", citation(), question=long)
    for record in (answer(question="How many_days?"), second):
        history.append(chat, Role.USER, record.question)
        history.append(chat, Role.ASSISTANT, record.answer, record=record)
    history.append(chat, Role.USER, "Unanswered?")
    made = export(turns_of(history.messages(chat)), "md", language, title="Leave *and* more", collection="hr")
    found = only(made.data.decode(), made.name)
    assert found.conversation.title == "Leave *and* more"
    assert [one.role.value[0] for one in found.messages] == ["u", "a", "u", "a", "u"]
    questions = [one.content for one in found.messages if one.role is Role.USER]
    assert questions == ["How many_days?", long, "Unanswered?"]
    assert found.messages[1].content.startswith("연차는 15일입니다 [1].")
    assert "- [1] **hr/휴가 규정.pdf" in found.messages[1].content
    assert "Heading" in found.messages[3].content and "[2]" in found.messages[3].content


def test_our_own_export_of_one_answer_with_headings_is_one_turn():
    record = answer("## Days\n\n15 [1].\n\n## Limits\n\nNone.", question="How many?")
    found = only(export([turn_of(record)], "md", "en").data.decode())
    assert [one.role for one in found.messages] == [Role.USER, Role.ASSISTANT]
    assert found.messages[0].content == "How many?"
    assert "## Limits" in found.messages[1].content


# -- other programs ------------------------------------------------------------------------------------------


def node(id: str, parent: str | None, role: str, kind: str = "text", **more: object) -> dict[str, object]:
    """As ChatGPT writes it."""
    content = {"content_type": kind, "parts": more.pop("parts", [id])}
    message = {"author": {"role": role}, "content": content, **more}
    return {"id": id, "message": message, "parent": parent, "children": []}


CHATGPT = {
    "title": "Trip",
    "create_time": 1700000000.5,
    "update_time": 1700000100.0,
    "current_node": "Seoul",
    "mapping": {
        "root": {"id": "root", "message": None, "parent": None, "children": ["sys"]},
        "sys": node("sys", "root", "system", parts=[""]),
        "q": node(
            "q",
            "sys",
            "user",
            "multimodal_text",
            parts=[{"asset_pointer": "x"}, "Where to?"],
            create_time=1700000001,
        ),
        "Rome": node("Rome", "q", "assistant", recipient="all"),
        "tool": node("tool", "q", "assistant", "code", recipient="browser"),
        "Seoul": node("Seoul", "tool", "assistant", recipient="all"),
    },
}
EMPTY = {"title": "Empty", "mapping": {}}


def chat(id: str, parent: str | None, role: str, content: str) -> dict[str, object]:
    """As Open WebUI writes it."""
    return {"id": id, "parentId": parent, "role": role, "content": content, "timestamp": 1700000001}


OPEN_WEBUI = {
    "id": "x",
    "title": "Trip",
    "pinned": True,
    "created_at": 1700000000,
    "updated_at": 1700000100,
    "chat": {
        "title": "Trip",
        "history": {
            "currentId": "a2",
            "messages": {
                "q": chat("q", None, "user", "Where to?"),
                "a1": chat("a1", "q", "assistant", "Rome"),
                "a2": chat("a2", "q", "assistant", "Seoul"),
            },
        },
    },
}


@pytest.mark.parametrize("file", [[CHATGPT, EMPTY], CHATGPT, [OPEN_WEBUI]])
def test_trees_of_other_programs_keep_their_branches(history: History, file: object):
    found = read("conversations.json", json.dumps(file).encode())
    [made] = add(history, found, "hr").added
    assert (made.title, made.collection) == ("Trip", "hr")
    assert add(history, found, "hr").known == (history.conversation(made.id),)
    assert made.created.replace(microsecond=0) == datetime.fromtimestamp(1700000000, UTC)
    shown = history.messages(made.id)
    assert [one.content for one in shown] == ["Where to?", "Seoul"]
    assert shown[0].created == datetime.fromtimestamp(1700000001, UTC)
    siblings = history.tree(made.id).siblings(shown[1].id)
    assert [one.content for one in history.load([node.id for node in siblings])] == ["Rome", "Seoul"]


def test_a_tree_that_goes_round_in_a_circle_ends(history: History):
    parents = {"a": "b", "b": "a", "c": "c", "d": "gone"}
    messages = {id: chat(id, parent, "user", id) | {"timestamp": 1e400} for id, parent in parents.items()}
    file = json.dumps([{"chat": {"history": {"messages": messages, "currentId": "a"}}}])
    with pytest.raises(ImportFileError, match="Infinity"):
        read("x.json", file.encode())
    [made] = add(history, read("x.json", file.replace("Infinity", "1e300").encode())).added
    assert [one.content for one in history.messages(made.id)] == ["d"]
