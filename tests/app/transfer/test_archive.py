"""Conversations leave as JSON and come back the same; what strangers wrote does no harm."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.answers import answer

from app.errors import ImportFileError
from app.history import Failure, History, Status, Verdict
from app.schemas import Question, Role, Said, Trace
from app.transfer import add, read, write


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    opened = History(f"sqlite:///{tmp_path / 'conversations.sqlite'}")
    yield opened
    opened.close()


def talk(history: History) -> str:
    """A conversation with branches, a failure, and ratings."""
    chat = history.create(title="휴가", collection="hr", settings={"seed": 7}, folder="HR").id
    asked = history.append(chat, Role.USER, "휴가는 며칠인가요?")
    trace = Trace(version="1", asked=Question(text="q"), prompt=(Said(role="user", content="Passages …"),))
    record = answer(trace=trace)
    good = history.append(chat, Role.ASSISTANT, "연차는 15일입니다 [1].", record=record)
    repeated = trace.model_copy(update={"repeats": good.id})
    other = history.append(chat, Role.ASSISTANT, "모름", parent_id=asked.id, shown=False)
    history.traces.keep(other.id, repeated)
    failed = history.append(chat, Role.ASSISTANT, "", parent_id=asked.id, shown=False, status=Status.ERROR)
    why = "The catalogue in '/home/kim/data/collections/hr/catalog.sqlite' is broken (https://x.org/a/b)."
    history.update_message(
        failed.id, error=Failure(code="storage", message=why, values={"path": "C:\\a\\b.db"})
    )
    history.append(chat, Role.USER, "edited", parent_id="", shown=False)
    history.feedback.rate(good.id, Verdict.GOOD)
    history.feedback.rate(other.id, Verdict.BAD)
    history.feedback.explain(other.id, reason="incomplete", words="Says nothing.", correction="15일 [1].")
    history.pin(chat)
    return chat


def as_json(history: History, chat: str) -> dict[str, Any]:
    return json.loads(write([history.wholes.get(chat)]))


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        times = {"created", "updated", "changed", "exported"}
        return {name: without_times(one) for name, one in value.items() if name not in times}
    return [without_times(one) for one in value] if isinstance(value, list) else value


def test_what_comes_back_is_what_left(history: History, tmp_path: Path):
    chat = talk(history)
    first = as_json(history, chat)
    other = History(f"sqlite:///{tmp_path / 'other.sqlite'}")
    [made] = add(other, read("x.json", json.dumps(first).encode())).added
    second = as_json(other, made.id)
    shown = [message.content for message in other.messages(made.id)]
    ids = {message.id for message in other.wholes.get(made.id).messages}
    other.close()
    assert without_times(second) == without_times(first)
    assert [one["created"] for one in second["conversations"][0]["messages"]] == [
        one["created"] for one in first["conversations"][0]["messages"]
    ]
    assert second["conversations"][0]["messages"][2]["trace"]["repeats"] == "2"
    assert shown == ["휴가는 며칠인가요?", "연차는 15일입니다 [1]."]
    assert made.id != chat and ids.isdisjoint(one.id for one in history.wholes.get(chat).messages)


def test_the_file_tells_its_format_and_no_place_of_this_machine(history: History):
    chat = talk(history)
    written = write([history.wholes.get(chat)]).decode()
    assert json.loads(written)["format"] == "docent-conversations" and json.loads(written)["version"] == 1
    assert "/home/kim" not in written and "C:\\\\a" not in written
    assert "'catalog.sqlite' is broken (https://x.org/a/b)" in written
    assert all(message.id not in written for message in history.wholes.get(chat).messages)
    assert "휴가" in written


def test_imported_evidence_is_told_to_be_imported(history: History):
    first = as_json(history, talk(history))
    first["conversations"][0]["title"] = "Another"
    [made] = add(history, read("x.json", json.dumps(first).encode())).added
    codes = [one.code for one in history.messages(made.id)[1].answer.notices]
    assert codes == ["imported"]
    again = as_json(history, made.id)["conversations"][0]["messages"][1]["record"]
    assert again["notices"] == []


def test_the_same_file_twice_is_recognised(history: History):
    chat = talk(history)
    file = write([history.wholes.get(chat)])
    once = add(history, read("x.json", file))
    assert (once.added, [one.id for one in once.known]) == ((), [chat])
    history.append(chat, Role.USER, "one more")
    assert len(add(history, read("x.json", file)).added) == 1  # it is another one by now
    assert add(history, read("x.json", file)).added == ()
    history.delete(chat)
    assert len(history.conversations()) == 1


def one(**changes: Any) -> bytes:
    message = {"id": 1, "role": "user", "content": "q"}
    conversation = {"title": "T", "messages": [message]} | changes
    return json.dumps(
        {"format": "docent-conversations", "version": 1, "conversations": [conversation]}
    ).encode()


def said(**changes: Any) -> bytes:
    return one(
        messages=[
            {"id": 1, "role": "user", "content": "q"},
            {"id": 2, "role": "user", "content": "a"} | changes,
        ]
    )


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"format": "docent-conversations",\n "version": 1,\n nonsense}', "Line 3, column 2"),
        (b"[" * 100_000, "nested"),
        (b'{"a":' * 900 + b"1" + b"}" * 900, "nested"),
        (b'{"format": "docent-conversations", "version": NaN}', "NaN"),
        (b'{"a": ' + b"9" * 5000 + b"}", "cannot be read"),
        (one().replace(b'"version": 1', b'"version": 2'), "version 2"),
        (one().replace(b'"version": 1', b'"version": "1"'), "version '1'"),
        (one(messages="x"), "conversations 1, messages"),
        (one(settings=[1]), "conversations 1, settings"),
        (said(role="system"), "messages 2, role"),
        (said(parent=2), "it follows 2"),
        (said(parent=9), "it follows 9"),
        (said(id=1), "two with this number"),
        (said(content="x" * 500_001), "messages 2, content"),
        (said(record={"x": "y" * 2_000_001}), "record is larger"),
        (said(feedback={"verdict": "so-so"}), "messages 2, feedback, verdict"),
        (b"\xff\xfe[]", "Line 1 is no text in UTF-8"),
        (b"[]", "holds no conversation"),
        (b"[1]", "Entry 1"),
        (b"", "holds no conversation"),
        (b"# Minutes\n\nNobody speaks here.\n", "holds no conversation"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_cannot_be_imported_is_told_and_leaves_nothing(history: History, data: bytes, words: str):
    with pytest.raises(ImportFileError, match=words) as raised:
        add(history, read("dir/evil.json", data))
    assert "'evil.json'" in str(raised.value)
    assert history.conversations() == []


def test_hostile_values_are_made_harmless(history: History):
    file = one(
        title="a\x00b\ud800\nc" + "x" * 200,
        collection="../../etc",
        updated="9999-12-31T23:59:59-23:00",
        messages=[
            {
                "id": 7,
                "role": "assistant",
                "content": "\ud800<script>",
                "record": {"x\ud800": "\x00"},
                "status": "streaming",
            }
        ],
    )
    [made] = add(history, read("x.json", file)).added
    [message] = history.messages(made.id)
    assert made.title.startswith("ab? cxxx") and len(made.title) == 80
    assert made.collection == ""
    assert made.updated.year < 9999
    assert (message.content, message.answer, message.status) == ("?<script>", None, Status.INTERRUPTED)
