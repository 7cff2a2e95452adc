"""Conversations survive: restarts, crashes, other threads and other versions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, inspect, text
from support.servers.postgres import PASSWORD

from app.errors import ConfigurationError, DocentError, NotFoundError, StorageError
from app.history import Failure, History, Status
from app.history.records import metadata
from app.schemas import Answer, Role, Seconds, Tokens


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'conversations.sqlite'}"


@contextmanager
def looking(url: str) -> Iterator[Connection]:
    """The database itself, without a look through History."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def answer(words: str = "25 days [1].") -> Answer:
    return Answer(
        question="q", standalone="q", answer=words, refused=False, citations=(), model=None, temperature=None,
        seed=None, fingerprint=None, tokens=Tokens(), seconds=Seconds(),
    )  # fmt: skip


def test_a_conversation_survives_a_restart(history_url: str):
    first = History(history_url)
    made = first.create(collection="hr", settings={"temperature": 0.2, "모델": "없음"})
    asked = first.append(made.id, Role.USER, "How many days?")
    first.append(made.id, Role.ASSISTANT, "25 days [1].", parent_id=asked.id, record=answer())
    first.close()
    again = History(history_url)
    [found] = again.conversations()
    question, reply = again.messages(found.id)
    again.close()
    assert (found.id, found.collection) == (made.id, "hr")
    assert found.settings == {"temperature": 0.2, "모델": "없음"}
    assert (question.role, question.content, question.answer) == (Role.USER, "How many days?", None)
    assert (reply.parent_id, reply.status, reply.answer) == (question.id, Status.DONE, answer())


def test_the_first_question_names_the_conversation(history: History):
    made = history.create()
    history.append(made.id, Role.USER, "육아휴직은\n무엇인가요? " + "그리고 " * 50)
    history.append(made.id, Role.USER, "Another one")
    assert history.conversation(made.id).title == "육아휴직"
    history.rename(made.id, "Leave " * 50)
    history.append(made.id, Role.USER, "A third one")
    title = history.conversation(made.id).title
    assert title.startswith("Leave Leave")
    assert len(title) <= 80
    assert title.endswith("…")


def test_a_better_title_never_takes_the_place_of_a_given_one(history: History):
    made = history.create()
    history.append(made.id, Role.USER, "What is the notice period?")
    assert history.entitle(made.id, "Giving notice", instead_of="Notice period")
    history.rename(made.id, "Mine")
    assert not history.entitle(made.id, "Another", instead_of="Giving notice")
    assert history.conversation(made.id).title == "Mine"


def test_the_last_used_comes_first(history: History):
    older, newer = history.create(title="older"), history.create(title="newer")
    assert [one.title for one in history.conversations()] == ["newer", "older"]
    history.append(older.id, Role.USER, "hello")
    assert [one.title for one in history.conversations()] == ["older", "newer"]
    assert [one.id for one in history.conversations(limit=1)] == [older.id]
    assert newer.updated == history.conversation(newer.id).updated


def test_delete_removes_the_messages_too(history: History, history_url: str):
    gone, kept = history.create(), history.create()
    message = history.append(gone.id, Role.USER, "secret")
    history.append(kept.id, Role.USER, "kept")
    history.delete(gone.id)
    history.delete(gone.id)
    assert [one.id for one in history.conversations()] == [kept.id]
    assert history.purge() == 0  # it was deleted just now
    assert history.purge(timedelta(0)) == 1
    assert not history.update_message(message.id, content="late words of a running answer")
    with looking(history_url) as connection:
        assert connection.execute(text("SELECT content FROM messages")).scalars().all() == ["kept"]


@pytest.mark.parametrize(
    "call",
    [
        lambda history: history.conversation("nope"),
        lambda history: history.messages("nope"),
        lambda history: history.rename("nope", "x"),
        lambda history: history.configure("nope"),
        lambda history: history.append("nope", Role.USER, "x"),
    ],
)
def test_an_unknown_conversation_is_named(history: History, call):
    with pytest.raises(NotFoundError, match="nope"):
        call(history)


def test_configure_changes_only_what_is_given(history: History):
    made = history.create(collection="hr", settings={"seed": 1})
    history.configure(made.id, collection="law")
    history.configure(made.id, settings={"seed": 2})
    found = history.conversation(made.id)
    assert (found.collection, found.settings) == ("law", {"seed": 2})


def test_a_message_grows_while_it_streams(history: History):
    made = history.create()
    message = history.append(made.id, Role.ASSISTANT, "", status=Status.STREAMING)
    history.update_message(message.id, content="25")
    assert [(one.content, one.status) for one in history.messages(made.id)] == [("25", Status.STREAMING)]
    history.update_message(message.id, content="25 days", status=Status.STOPPED, record=answer())
    [found] = history.messages(made.id)
    assert (found.content, found.status, found.answer) == ("25 days", Status.STOPPED, answer())


def test_a_failure_is_kept_with_the_message(history: History):
    made = history.create()
    message = history.append(made.id, Role.ASSISTANT, "", status=Status.STREAMING)
    failure = Failure(code="model_auth", message="The key is wrong.", values={"model": "openai:x"})
    history.update_message(message.id, status=Status.ERROR, error=failure)
    [found] = history.messages(made.id)
    assert (found.status, found.error, found.answer) == (Status.ERROR, failure, None)


def test_what_a_dead_process_left_is_marked(tmp_path: Path):
    first = History(url(tmp_path))
    made = first.create()
    first.append(made.id, Role.USER, "question")
    first.append(made.id, Role.ASSISTANT, "half of the", status=Status.STREAMING)
    first.close()
    again = History(url(tmp_path))
    assert again.interrupt_running() == 1
    assert again.interrupt_running() == 0
    statuses = [(one.content, one.status) for one in again.messages(made.id)]
    again.close()
    assert statuses == [("question", Status.DONE), ("half of the", Status.INTERRUPTED)]


def test_another_server_that_starts_leaves_running_answers_alone(shared_database_url: str):
    writing, starting = History(shared_database_url), History(shared_database_url)
    made = writing.create()
    for content, writer in (("of a process that is gone", None), ("just being written", "elsewhere/0/1/2/3")):
        writing.append(made.id, Role.ASSISTANT, content, status=Status.STREAMING, writer=writer)
    assert starting.interrupt_running() == 1
    assert [one.status for one in starting.messages(made.id)] == [Status.INTERRUPTED, Status.STREAMING]
    writing.close()
    starting.close()


def test_many_threads_lose_nothing(history: History):
    made = [history.create(title=str(number)) for number in range(8)]

    def talk(conversation_id: str) -> None:
        for number in range(10):
            message = history.append(conversation_id, Role.ASSISTANT, "", status=Status.STREAMING)
            history.update_message(message.id, content=str(number), status=Status.DONE)

    threads = [threading.Thread(target=talk, args=(one.id,)) for one in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in made:
        assert [message.content for message in history.messages(one.id)] == [str(n) for n in range(10)]


def test_hostile_text_is_kept_as_far_as_it_can_be(history: History):
    made = history.create()
    history.append(made.id, Role.USER, "a\x00b\ud800c'; DROP TABLE messages;--")
    assert history.messages(made.id)[0].content == "ab?c'; DROP TABLE messages;--"


def test_a_record_of_another_version_is_no_answer(history: History):
    made = history.create()
    message = history.append(made.id, Role.ASSISTANT, "text", record=answer())
    changed = message.model_copy(update={"record": {"question": "only"}})
    assert (message.answer, changed.answer) == (answer(), None)


@pytest.mark.usefixtures("history")
def test_the_migrated_database_is_what_the_tables_say(history_url: str):
    with looking(history_url) as connection:
        for table in metadata.sorted_tables:
            found = inspect(connection).get_columns(table.name)
            assert {column["name"] for column in found} == set(table.columns.keys())
            indexes = {index["name"] for index in inspect(connection).get_indexes(table.name)}
            assert {index.name for index in table.indexes} <= indexes


def test_a_database_of_a_newer_docent_is_left_alone(history_url: str):
    History(history_url).close()
    with looking(history_url) as connection:
        connection.execute(text("INSERT INTO schema_versions VALUES (99, 'm099_future')"))
    with pytest.raises(StorageError, match="newer") as raised:
        History(history_url)
    assert PASSWORD not in str(raised.value)


def test_servers_that_start_at_once_make_the_tables_once(database_url: str):
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(History, [database_url] * 4))
    made = opened[0].create(title="shared")
    assert [one.conversation(made.id).title for one in opened] == ["shared"] * 4
    for one in opened:
        one.close()


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ("no url at all", ConfigurationError, "DOCENT_HISTORY_URL"),
        ("klingon://user:geheim@host/db", ConfigurationError, "DOCENT_HISTORY_URL"),
        ("postgresql+nodriver://user:geheim@host/db", ConfigurationError, "DOCENT_HISTORY_URL"),
        ("sqlite:////no/such/folder/x.sqlite", StorageError, "/no/such/folder"),
    ],
)
def test_a_database_that_cannot_be_used_is_said(given: str, error: type[DocentError], said: str):
    with pytest.raises(error, match=said) as raised:
        History(given)
    assert "geheim" not in str(raised.value)


def test_a_broken_file_is_said(tmp_path: Path):
    (tmp_path / "conversations.sqlite").write_bytes(b"this is not a database at all" * 50)
    with pytest.raises(StorageError, match=r"conversations\.sqlite"):
        History(url(tmp_path))
