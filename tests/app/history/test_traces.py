"""Records are kept beside the messages, and go with them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text
from support.answers import answer

from app.history import History, Status
from app.schemas import Question, Role, SentChunk, Trace


def trace(**changes: object) -> Trace:
    sent = SentChunk(n=3, cited=1, chunk_id="c", around=("c",), digest="d", source="a.md", rank=3, score=0.5)
    return Trace.model_validate({"version": "1", "asked": Question(text="q"), "chunks": (sent,), **changes})


def kept(history: History, **changes: object) -> str:
    conversation = history.create()
    asked = history.append(conversation.id, Role.USER, "q")
    record = answer(trace=trace(**changes))
    return history.append(conversation.id, Role.ASSISTANT, "a", parent_id=asked.id, record=record).id


def test_a_record_is_kept_with_its_answer_and_apart_from_it(history: History):
    message = history.message(kept(history))
    assert message.answer is not None and message.answer.trace is None
    assert "trace" not in (message.record or {})
    assert history.traces.of(message.id) == trace()
    assert history.traces.marks(message.id) == {1: 3}


def test_the_marks_of_an_answer_that_is_being_written_are_kept(history: History):
    conversation = history.create()
    running = history.append(conversation.id, Role.ASSISTANT, "", status=Status.STREAMING)
    history.traces.keep(running.id, trace(chunks=()))
    history.traces.cite(running.id, {1: 4, 2: 2})
    assert history.traces.marks(running.id) == {1: 4, 2: 2}
    history.update_message(running.id, content="done", status=Status.DONE, record=answer(trace=trace()))
    assert history.traces.of(running.id) == trace()


def test_records_go_with_their_conversation(history: History):
    id = kept(history)
    history.delete(history.message(id).conversation_id)
    assert history.purge(timedelta(seconds=-1)) == 1
    assert history.traces.of(id) is None
    with history._transaction() as connection:
        assert connection.execute(text("SELECT count(*) FROM traces")).scalar() == 0


def test_a_record_of_another_version_is_as_good_as_none(history: History):
    id = kept(history)
    with history._transaction() as connection:
        connection.execute(text("""UPDATE traces SET trace = '{"version": 9, "unknown": true}'"""))
    assert history.traces.of(id) is None
    assert history.traces.marks(id) == {}


def test_answers_are_found_by_their_ids_and_by_what_they_repeat(history: History):
    first = kept(history)
    second = kept(history, repeats=first)
    assert history.traces.newest(1) == [second]
    assert history.traces.beginning_with(first[:13]) == [first]
    assert history.traces.beginning_with("%") == []
    assert history.traces.repeating([first, second]) == {second}
    assert history.traces.repeating([]) == frozenset()
