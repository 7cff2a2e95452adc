"""Data sets have the layouts that TRL documents, and say what people said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.answers import answer, citation

from app.history import History, Verdict
from app.schemas import Question, Role, Said, SentChunk, Trace
from app.tuning import Case, Layout, Opinion, cases, write

PROMPT = (("system", "Be brief."), ("user", "How many?"))

# The columns of TRL's data set types; conversational supervised rows are one list of messages.
COLUMNS = {
    ("dpo", False): {"prompt": str, "chosen": str, "rejected": str},
    ("dpo", True): {"prompt": list, "chosen": list, "rejected": list},
    ("sft", False): {"prompt": str, "completion": str},
    ("sft", True): {"messages": list},
    ("kto", False): {"prompt": str, "completion": str, "label": bool},
    ("kto", True): {"prompt": list, "completion": list, "label": bool},
}


def opinion(text: str, better: str = "", good: bool | None = False) -> Opinion:
    return Opinion(PROMPT, text, better, good)


def rows(layout: Layout, *opinions: Opinion, conversational: bool = False) -> list[dict[str, Any]]:
    data, count = write([Case("How many?", opinions)], layout, conversational=conversational)
    lines = data.decode().splitlines()
    assert len(lines) == count
    return [json.loads(line) for line in lines]


def pairs(*opinions: Opinion) -> list[tuple[str, str]]:
    return [(row["chosen"], row["rejected"]) for row in rows("dpo", *opinions)]


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    opened = History(f"sqlite:///{tmp_path / 'conversations.sqlite'}")
    yield opened
    opened.close()


@pytest.mark.parametrize(("layout", "conversational"), COLUMNS)
def test_every_line_has_the_shape_that_is_documented(layout: Layout, conversational: bool):
    given = [opinion("14", "15 [1]\n둘째 줄"), opinion("15 days", good=True), opinion("x", "y", None)]
    made = rows(layout, *given, conversational=conversational)
    assert len(made) >= 3
    for row in made:
        assert {name: type(value) for name, value in row.items()} == COLUMNS[layout, conversational]
        for value in row.values():
            if isinstance(value, list):
                assert value and all(one.keys() == {"role", "content"} for one in value)
                assert {one["role"] for one in value} <= {"system", "user", "assistant"}
        if conversational and layout != "sft":
            assert row["prompt"][-1]["role"] == "user"
            assert all(row[name][0]["role"] == "assistant" for name in row.keys() - {"prompt", "label"})


def test_a_correction_and_a_liked_sibling_are_better_than_a_disliked_answer():
    assert pairs(opinion("14", "15")) == [(" 15", " 14")]
    assert pairs(opinion("14"), opinion("15", good=True)) == [(" 15", " 14")]
    assert pairs(opinion("14"), opinion("15", "15 days", good=True)) == [(" 15 days", " 14")]
    assert sorted(pairs(opinion("14", "15"), opinion("13", "15"))) == [(" 15", " 13"), (" 15", " 14")]


@pytest.mark.parametrize(
    "opinions",
    [
        [opinion("14")],
        [opinion("15", good=True)],
        [opinion("15", "16", good=True)],  # it was liked, so it is no bad example
        [opinion("14", "15", good=None)],  # the thumb was taken back
        [opinion("14"), opinion("14", good=True)],  # the same words
    ],
    ids=["bad", "good", "good and corrected", "taken back", "alike"],
)
def test_no_pair_is_made_of_one_answer(opinions: list[Opinion]):
    assert pairs(*opinions) == []


def test_what_is_learned_from_alone_is_what_was_right():
    given = [opinion("14"), opinion("13", "15"), opinion("16", good=True), opinion("x", "y", None)]
    assert [row["completion"] for row in rows("sft", *given)] == [" 15", " 16", " y"]
    labels = [(row["completion"], row["label"]) for row in rows("kto", *given)]
    assert labels == [(" 14", False), (" 13", False), (" 15", True), (" 16", True), (" y", True)]


def test_the_prompt_is_the_conversation_or_a_transcript_of_it():
    given = opinion("14", "15")
    [row] = rows("sft", given, conversational=True)
    assert row["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "How many?"},
        {"role": "assistant", "content": "15"},
    ]
    [row] = rows("sft", given)
    assert row["prompt"] + row["completion"] == "System: Be brief.\n\nUser: How many?\n\nAssistant: 15"


def test_the_same_line_stands_there_once():
    assert len(rows("kto", opinion("14"), opinion("14"))) == 1


def test_the_prompt_is_what_the_model_saw_and_marks_are_the_numbers_of_its_passages(history: History):
    sent = [
        SentChunk(n=n, chunk_id=f"c{n}", around=(f"c{n}", f"near{n}"), digest="", source="s", rank=n, score=1)
        for n in (1, 2, 3)
    ]
    prompt = (Said(role="system", content="Be brief."), Said(role="user", content="Passages … How many?"))
    trace = Trace(version="1", asked=Question(text="How many?"), chunks=tuple(sent), prompt=prompt)
    cited = [citation(1, chunk_id="near3"), citation(2, chunk_id="c3"), citation(3, chunk_id="c1")]
    record = answer("14 [1][2]. Or 15 [3].", *cited).model_copy(update={"trace": trace})
    chat = history.create().id
    history.append(chat, Role.USER, "How many?")
    said = history.append(chat, Role.ASSISTANT, record.answer, record=record)
    history.feedback.rate(said.id, Verdict.BAD)
    history.feedback.explain(said.id, correction="15 [3], see list[9] and [2].")
    [row] = [json.loads(line) for line in write(cases(history), "dpo", conversational=True)[0].splitlines()]
    assert row["prompt"] == [one.model_dump() for one in prompt]
    assert row["rejected"][0]["content"] == "14 [3]. Or 15 [1]."
    assert row["chosen"][0]["content"] == "15 [1], see list[9] and [3]."


def test_cases_come_from_rated_answers_with_the_turns_before_them(history: History):
    chat = history.create().id
    history.append(chat, Role.USER, "Leave?")
    history.append(chat, Role.ASSISTANT, "Yes.")
    asked = history.append(chat, Role.USER, "How many?")
    bad = history.append(chat, Role.ASSISTANT, "14")
    good = history.append(chat, Role.ASSISTANT, "15", parent_id=asked.id)
    gone = history.create().id
    history.append(gone, Role.USER, "q")
    forgotten = history.append(gone, Role.ASSISTANT, "a")
    history.feedback.rate(bad.id, Verdict.BAD)
    history.feedback.rate(good.id, Verdict.GOOD)
    history.feedback.rate(forgotten.id, Verdict.GOOD)
    history.delete(gone)
    [found] = cases(history)
    assert found.question == "How many?"
    assert {one.prompt for one in found.opinions} == {
        (("user", "Leave?"), ("assistant", "Yes."), ("user", "How many?"))
    }
    data, count = write([found], "dpo", conversational=True)
    assert count == 1
    assert json.loads(data)["chosen"] == [{"role": "assistant", "content": "15"}]
