"""Ratings, links and copies of conversations."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support.answers import answer

from app.errors import BackendRefusedError, DocentError, NotFoundError, StorageError, UsageError
from app.history import History, Message, Status, Verdict
from app.schemas import Role


def talk(history: History, turns: int = 1) -> list[Message]:
    chat = history.create(title="Leave", collection="hr", settings={"seed": 7}).id
    for n in range(turns):
        history.append(chat, Role.USER, f"q{n}")
        history.append(chat, Role.ASSISTANT, f"a{n} [1].", record=answer(f"a{n} [1]."))
    return history.messages(chat)


# -- ratings -------------------------------------------------------------------------------------------------


def test_a_thumb_is_set_turned_and_taken_back(history: History):
    said = talk(history)[-1].id
    history.feedback.rate(said, Verdict.GOOD)
    assert history.feedback.of([said])[said].verdict is Verdict.GOOD
    history.feedback.rate(said, Verdict.BAD)
    assert [one.verdict for one in history.feedback.all()] == [Verdict.BAD]
    history.feedback.rate(said, None)
    assert history.feedback.of([said]) == {} and history.feedback.all() == []


def test_what_was_written_outlives_the_thumb(history: History):
    said = talk(history)[-1].id
    history.feedback.rate(said, Verdict.BAD)
    history.feedback.explain(said, reason="wrong", words="It is 16\x00.", correction=" 16 days [1]. ")
    rated = history.feedback.rate(said, None)
    assert (rated.verdict, rated.reason, rated.words, rated.correction) == (
        None,
        "",
        "It is 16.",
        "16 days [1].",
    )
    history.feedback.explain(said)
    assert history.feedback.all() == []


def test_the_answer_itself_is_no_correction(history: History):
    said = talk(history)[-1]
    history.feedback.rate(said.id, Verdict.BAD)
    assert history.feedback.explain(said.id, correction=said.content + "\n").correction == ""


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda feedback, id: feedback.rate("nope", Verdict.GOOD), NotFoundError),
        (lambda feedback, id: feedback.explain("nope", words="x"), NotFoundError),
        (lambda feedback, id: feedback.explain(id, reason="boring"), UsageError),
        (lambda feedback, id: feedback.explain(id, correction="x" * 50_001), UsageError),
    ],
)
def test_what_cannot_be_said_of_an_answer_is_told(history: History, call, error: type[DocentError]):
    with pytest.raises(error):
        call(history.feedback, talk(history)[-1].id)
    assert history.feedback.all() == []


def test_a_rating_goes_with_its_conversation(history: History):
    said = talk(history)[-1]
    history.feedback.rate(said.id, Verdict.GOOD)
    history.shares.open(said.conversation_id, said.id)
    history.delete(said.conversation_id)
    assert history.feedback.all() == [] and history.shares.all() == []
    history.restore(said.conversation_id)
    assert len(history.feedback.all()) == len(history.shares.all()) == 1
    history.delete(said.conversation_id)
    assert history.purge(timedelta(0)) == 1
    assert history.feedback.of([said.id]) == {}


# -- links ---------------------------------------------------------------------------------------------------


def test_a_link_leads_to_what_was_there_when_it_was_made(history: History):
    [*_, last] = talk(history, 2)
    share = history.shares.open(last.conversation_id, last.id)
    history.append(last.conversation_id, Role.USER, "later")
    found = history.shares.find(share.token)
    shown = history.messages(found.conversation_id, found.leaf)
    assert [message.content for message in shown] == ["q0", "a0 [1].", "q1", "a1 [1]."]
    assert (found.title, len(share.token)) == ("Leave", 22)


def test_one_state_has_one_link_until_it_is_revoked(history: History):
    _, last = talk(history)
    first = history.shares.open(last.conversation_id, last.id)
    assert history.shares.open(last.conversation_id, last.id) == first
    history.shares.revoke(first.token)
    assert history.shares.all() == []
    assert history.shares.open(last.conversation_id, last.id).token != first.token


@pytest.mark.parametrize("undo", ["revoke", "delete"])
def test_a_link_that_was_taken_back_leads_nowhere(history: History, undo: str):
    _, last = talk(history)
    share = history.shares.open(last.conversation_id, last.id)
    if undo == "revoke":
        history.shares.revoke(share.token)
    else:
        history.delete(last.conversation_id)
    with pytest.raises(NotFoundError, match="shared"):
        history.shares.find(share.token)


# -- copies --------------------------------------------------------------------------------------------------


def test_a_branch_begins_with_what_led_to_it_and_leaves_the_old_one_alone(history: History):
    _, first, *_ = before = talk(history, 2)
    history.feedback.rate(first.id, Verdict.GOOD)
    history.rename(first.conversation_id, "Leave " * 13)
    made = history.wholes.branch(first.id, "{title} (branch)")
    assert made.title.startswith("Leave Leave") and made.title.endswith("… (branch)")
    history.rename(first.conversation_id, "Leave")
    made = history.wholes.branch(first.id, "{title} (branch)")
    copies = history.messages(made.id)
    assert (made.title, made.collection, made.settings) == ("Leave (branch)", "hr", {"seed": 7})
    assert [one.content for one in copies] == ["q0", "a0 [1]."]
    assert copies[1].answer == first.answer
    assert {one.id for one in copies}.isdisjoint(one.id for one in before)
    history.append(made.id, Role.USER, "another way")
    assert history.messages(first.conversation_id) == before
    assert [one.message_id for one in history.feedback.all()] == [first.id]  # not counted twice


def test_a_copy_has_all_branches_and_shows_the_same_one(history: History):
    asked, first = talk(history)
    history.append(asked.conversation_id, Role.ASSISTANT, "b", parent_id=asked.id, shown=False)
    history.append(
        asked.conversation_id,
        Role.ASSISTANT,
        "half",
        status=Status.STREAMING,
        parent_id=asked.id,
        shown=False,
    )
    history.feedback.rate(first.id, Verdict.BAD)
    [made] = history.wholes.add([history.wholes.get(asked.conversation_id)])
    assert [one.content for one in history.messages(made.id)] == ["q0", "a0 [1]."]
    copy = history.wholes.get(made.id)
    assert [one.content for one in copy.messages] == ["q0", "a0 [1].", "b", "half"]
    assert copy.messages[-1].status is Status.INTERRUPTED
    assert [one.message_id for one in copy.ratings] == [copy.messages[1].id]


def test_conversations_are_added_all_or_none(history: History):
    whole = history.wholes.get(talk(history)[0].conversation_id)
    broken = whole.messages[0].model_copy(update={"role": None})
    with pytest.raises((StorageError, BackendRefusedError), match="role"):
        history.wholes.add([whole, replace(whole, messages=(broken,))])
    assert len(history.conversations()) == 1
