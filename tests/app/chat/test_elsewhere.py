"""Several servers over one database: each sees, follows and stops what the others answer."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.chat import elsewhere
from app.chat.jobs import Jobs
from app.errors import StoppingError, UsageError
from app.history import History, Status
from app.history.writers import has_ended, new_writer
from app.schemas import Answer, Done, Event, Notice, Question, Role, Seconds, Token, Tokens

QUESTION = Question(text="How many days?")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'shared.sqlite'}"
    return str(request.getfixturevalue("shared_database_url"))


@pytest.fixture
def server(url: str) -> Iterator[Callable[[], tuple[History, Jobs]]]:
    """Starts another server over the same database."""
    made: list[tuple[History, Jobs]] = []

    def start() -> tuple[History, Jobs]:
        history = History(url)
        made.append((history, Jobs(history)))
        return made[-1]

    yield start
    for history, jobs in made:
        jobs.close()
        history.close()


def done(text: str, *notices: str) -> Done:
    answer = Answer(
        question="q", standalone="q", answer=text, refused=False, citations=(), model=None, temperature=None,
        seed=None, fingerprint=None, tokens=Tokens(), seconds=Seconds(),
        notices=tuple(Notice(code=code) for code in notices),
    )  # fmt: skip
    return Done(answer=answer)


class Spoken:
    """Says a word whenever it is told to, and ends with "."."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.more = threading.Semaphore(0)

    def say(self, word: str) -> None:
        self.words.append(word)
        self.more.release()

    def __call__(self, cancelled: threading.Event) -> Iterator[Event]:
        text = ""
        while not text.endswith("."):
            if cancelled.is_set():
                yield done(text, "stopped")
                return
            if self.more.acquire(timeout=0.02):
                word = self.words.pop(0)
                text += word
                yield Token(text=word)
        yield done(text)


def until(is_so: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


def test_an_answer_of_another_server_is_seen_followed_and_done(server):
    (history, jobs), spoken = server(), Spoken()
    conversation = history.create()
    asked = history.append(conversation.id, Role.USER, QUESTION.text)
    own = jobs.start(conversation.id, QUESTION, spoken, parent_id=asked.id)
    spoken.say("25 ")
    other_history, other = server()
    assert other_history.message(own.message_id).status is Status.STREAMING
    [followed] = other.running(conversation.id)
    assert (followed.message_id, followed.asked_id) == (own.message_id, asked.id)
    assert other.busy() == {conversation.id} and other.job(own.message_id) is followed
    assert jobs.running(conversation.id) == (own,) and not other.is_at_work()
    until(lambda: followed.text == "25 ")
    with pytest.raises(UsageError, match="still being answered"):
        other.check_free(conversation.id)
    spoken.say("days.")
    assert followed.wait(10) and followed.text in ("25 ", "25 days.")
    assert other_history.message(own.message_id).status is Status.DONE
    assert other.running(conversation.id) == () and other.busy() == frozenset()


def test_it_can_be_stopped_from_there(server):
    (history, jobs), spoken = server(), Spoken()
    own = jobs.start(history.create().id, QUESTION, spoken)
    spoken.say("25 ")
    until(lambda: own.text)
    _, other = server()
    followed = other.job(own.message_id)
    assert followed is not None
    followed.cancel()
    assert own.wait(10) and followed.wait(10)
    assert history.message(own.message_id).status is Status.STOPPED


def test_an_answer_whose_server_shows_no_life_is_interrupted(server, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(elsewhere, "_SECONDS_BETWEEN_LOOKS", 0.05)
    monkeypatch.setattr(elsewhere, "_MOST_SILENT_LOOKS", 3)
    history, _ = server()
    made = history.append(
        history.create().id, Role.ASSISTANT, "half", status=Status.STREAMING, writer="machine/1/2/3"
    )
    _, other = server()
    assert history.message(made.id).status is Status.STREAMING
    until(lambda: history.message(made.id).status is Status.INTERRUPTED)
    assert other.job(made.id) is None


def test_an_answer_of_a_process_of_this_machine_that_ended_is_interrupted_at_once(server):
    code = "from app.history.writers import new_writer; import sys; sys.stdout.write(new_writer())"
    gone = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert has_ended(gone) and not has_ended(new_writer()) and not has_ended(f"other-{gone}")
    history, _ = server()
    made = history.append(history.create().id, Role.ASSISTANT, "half", status=Status.STREAMING, writer=gone)
    server()
    assert history.message(made.id).status is Status.INTERRUPTED


def test_a_server_that_is_drained_ends_its_answers_and_begins_none(server):
    (history, jobs), spoken = server(), Spoken()
    conversation = history.create()
    own = jobs.start(conversation.id, QUESTION, spoken)
    draining = threading.Thread(target=jobs.drain, args=(10,))
    draining.start()
    until(lambda: refuses(jobs))
    spoken.say("25 days.")
    draining.join(10)
    assert own.done and history.message(own.message_id).status is Status.DONE
    with pytest.raises(StoppingError):
        jobs.start(conversation.id, QUESTION, spoken)


def test_what_does_not_end_in_time_is_kept_as_interrupted(server):
    (history, jobs), spoken = server(), Spoken()
    own = jobs.start(history.create().id, QUESTION, spoken)
    spoken.say("25 ")
    until(lambda: own.text)
    jobs.drain(0.05)
    kept = history.message(own.message_id)
    assert (kept.content, kept.status) == ("25 ", Status.INTERRUPTED)


def refuses(jobs: Jobs) -> bool:
    try:
        jobs.check_open()
    except StoppingError:
        return True
    return False
