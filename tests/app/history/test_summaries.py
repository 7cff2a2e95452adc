"""Summaries belong to a message: branches that share it share them, and they are forgotten with it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.errors import NotFoundError
from app.history import FIRST, History, Summary
from app.schemas import Role


def branch(history: History, count: int = 4) -> list[str]:
    chat = history.create().id
    roles = (Role.USER, Role.ASSISTANT)
    return [history.append(chat, roles[n % 2], f"m{n}").id for n in range(count)]


def made(message_id: str, text: str = "- 25 days.", **values: object) -> Summary:
    return Summary.model_validate({"message_id": message_id, "automatic": text, "covers": 2} | values)


def test_the_one_that_covers_most_of_the_path_is_found(history: History):
    path = branch(history, 6)
    assert history.summaries.latest(path) is None
    assert history.summaries.keep(made(path[1], "first", model="openai:x"))
    assert history.summaries.keep(made(path[3], "first and second"))
    found = history.summaries.latest(path)
    assert found is not None and (found.text, found.edited, found.model) == ("first and second", False, None)
    assert history.summaries.latest(path[:3]).text == "first"  # type: ignore[union-attr]
    assert history.summaries.latest([]) is None


def test_another_branch_sees_what_it_shares_and_no_more(history: History):
    chat = history.create().id
    first = history.append(chat, Role.USER, "q").id
    shared = history.append(chat, Role.ASSISTANT, "a").id
    left = [history.append(chat, role, "left", parent_id=None).id for role in (Role.USER, Role.ASSISTANT)]
    right = history.append(chat, Role.USER, "right", parent_id=shared).id
    beside = history.append(chat, Role.USER, "beside", parent_id=FIRST).id
    history.summaries.keep(made(shared, "shared"))
    history.summaries.keep(made(left[1], "of the left"))
    assert history.summaries.latest([first, shared, *left]).text == "of the left"  # type: ignore[union-attr]
    assert history.summaries.latest([first, shared, right]).text == "shared"  # type: ignore[union-attr]
    assert history.summaries.latest([beside]) is None


def test_what_was_said_freely_is_found_by_free_chat_alone(history: History):
    path = branch(history)
    history.summaries.keep(made(path[1], "plain"))
    history.summaries.keep(made(path[1], "of free chat", free=True))
    history.summaries.keep(made(path[3], "later, of free chat", free=True))
    assert history.summaries.latest(path).text == "plain"  # type: ignore[union-attr]
    assert history.summaries.latest(path, free=True).text == "later, of free chat"  # type: ignore[union-attr]
    assert history.summaries.latest(path[:2], free=True).text == "of free chat"  # type: ignore[union-attr]


def test_words_of_the_user_stand_in_its_place_until_they_are_taken_back(history: History):
    path = branch(history)
    history.summaries.keep(made(path[1]))
    history.summaries.edit(path[1], " Mine\x00. ")
    found = history.summaries.latest(path)
    assert found is not None and (found.text, found.edited) == ("Mine.", True)
    assert not history.summaries.keep(made(path[1], "overwritten"))
    history.summaries.edit(path[1], "")
    assert history.summaries.latest(path).text == ""  # type: ignore[union-attr]
    history.summaries.edit(path[1], None)
    assert history.summaries.latest(path) == found.model_copy(update={"words": None})
    with pytest.raises(NotFoundError, match="no summary"):
        history.summaries.edit(path[0], "Mine.")


def test_what_was_written_from_an_outdated_one_is_not_kept(history: History):
    path = branch(history)
    history.summaries.keep(made(path[1]))
    basis = history.summaries.latest(path)
    history.summaries.edit(path[1], "Mine.")
    assert not history.summaries.keep(made(path[3], "from the old one"), basis)
    basis = history.summaries.latest(path)
    assert history.summaries.keep(made(path[3], "more", words="Mine.", rest="more"), basis)
    assert history.summaries.latest(path).text == "Mine.\nmore"  # type: ignore[union-attr]


def test_they_are_forgotten_with_their_messages(history: History):
    path = branch(history)
    history.summaries.keep(made(path[1]))
    history.delete(history.message(path[0]).conversation_id)
    assert history.purge(timedelta(0)) == 1
    assert history.summaries.latest(path) is None
