"""Answers without a model: the right sentences, readable, in order, each with its citation."""

from __future__ import annotations

import re

import pytest
from support.passages import DRUGS, KOREAN, LEAVE, REMOTE, chunk, hits

from app.chat.context import passages
from app.chat.extractive import extract

FOUND = passages(hits(chunk(LEAVE), chunk(KOREAN, "휴가.md"), chunk(REMOTE, "remote.md")))


def about(text: str, **changes: object):
    return passages(hits(chunk(text, **changes)))


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many days of leave does an employee have?", "employee has 25 days of paid leave a year [1]."),
        ("When do unused days expire?", "Unused days expire on 31 March [1]."),
        ("Is working from home possible?", "Working from home is possible on three days a week"),
        ("연차 휴가는 며칠인가요?", "연차 휴가는 1년에 15일입니다 [2]."),
        ("병가에 진단서가 필요한가요?", "병가는 진단서를 내면 60일까지 쓸 수 있습니다 [2]."),
    ],
)
def test_the_best_sentence_answers(question: str, answer: str):
    assert answer in extract(question, FOUND)


def test_the_same_question_has_the_same_answer():
    assert len({extract("How many days of leave?", FOUND) for _ in range(3)}) == 1


def test_two_facts_come_in_reading_order():
    text = (
        "Expenses are paid monthly. Requests for travel go to the manager. Nothing else. "
        "Receipts for travel are kept for five years."
    )
    answer = extract("Who gets travel requests, and how long are travel receipts kept?", about(text))
    assert re.findall(r"[^.]+\.", answer) == [
        "Requests for travel go to the manager [1].",
        " Receipts for travel are kept for five years [1].",
    ]


def test_a_table_row_is_told_with_its_columns():
    answer = extract("이부프로펜의 주의사항은 무엇인가요?", about(DRUGS, source="약.md"))
    assert answer.splitlines()[0] == (
        "성분명: 이부프로펜; 증상: 두통, 발열; 주의사항: 공복에 복용하지 않는다 [1]"
    )


def test_list_items_are_told_as_a_list():
    text = "## Rules\n\n- Notice period on trial: two weeks.\n- Notice period after five years: two months."
    answer = extract("How long is the notice period?", about(text))
    assert answer.splitlines() == [
        "- Notice period on trial: two weeks [1].",
        "- Notice period after five years: two months [1].",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "# Annual leave\n\nEvery employee has 25 days of annual leave.",
        "Annual leave:\n\nEvery employee has 25 days of annual leave.",
        "How many days of annual leave do I have?\n\nEvery employee has 25 days of annual leave.",
        "ANNUAL LEAVE\n\nEvery employee has 25 days of annual leave.",
        "Annual leave 12\n\nEvery employee\nhas 25 days\nof annual leave.",
        "**Every** employee has `25 days` of [annual leave](https://example.org/x).",
        "1. Every employee has 25 days of annual leave.",
        "Every employee has 25 days of annual leave.\n\nEvery employee has 25 days of annual leave.",
    ],
)
def test_headings_labels_questions_markup_and_repetitions_are_left_out(text: str):
    answer = extract("How many days of annual leave do I have?", about(text))
    assert answer == "Every employee has 25 days of annual leave [1]."


def test_a_sentence_that_leans_on_the_one_before_brings_it_along():
    text = "The sabbatical takes three months. It must be approved by the board of directors. Lunch is free."
    answer = extract("Who approves it, the board of directors?", about(text))
    assert (
        answer == "The sabbatical takes three months [1]. It must be approved by the board of directors [1]."
    )


def test_headings_help_to_find_the_sentence():
    text = "Everybody has 25 days. Lunch is served at noon."
    answer = extract("How many days of annual leave are there?", about(text, headings=("Annual leave",)))
    assert answer == "Everybody has 25 days [1]."


def test_brackets_of_a_document_are_no_marks():
    answer = extract("What does the study show?", about("The study [7] shows that naps help everybody."))
    assert answer == "The study (7) shows that naps help everybody [1]."


def test_a_wall_of_text_is_shortened():
    answer = extract("What is in the wall?", about("The wall of words goes on " + "and on " * 2000))
    assert len(answer) < 800
    assert answer.endswith(" on [1]…")


@pytest.mark.parametrize("text", ["", "   \n", "12 34", "# Only a heading", "|---|---|"])
def test_nothing_readable_gives_nothing(text: str):
    assert extract("What is there?", about(text)) == ""


def test_no_more_than_four_sentences():
    text = " ".join(f"Rule {n} says that leave of kind {n} is leave for {n} days." for n in range(1, 40))
    assert 1 <= len(re.findall(r"\[1\]", extract("How many days of leave are there?", about(text)))) <= 4
