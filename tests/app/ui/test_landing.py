"""Questions to begin with are drawn from what the documents are about."""

from __future__ import annotations

from app.ui.landing import EXAMPLES, examples


def test_headings_become_questions_in_their_own_language():
    assert examples(["Annual leave", "연차 휴가"], "en") == [
        "What do the documents say about “Annual leave”?",
        "“연차 휴가”에 대해 알려 주세요.",
    ]


def test_numbers_of_headings_are_left_out():
    assert examples(["4.2 Annual leave", "제12조 연차 휴가", "3. Remote work", "2장 출장비 정산"], "ko") == [
        "“연차 휴가”에 대해 알려 주세요.",
        "“출장비 정산”에 대해 알려 주세요.",
        "What do the documents say about “Annual leave”?",
        "What do the documents say about “Remote work”?",
    ]


def test_a_heading_that_is_a_question_is_asked_as_it_is_and_first():
    assert examples(["Annual leave", "Who approves overtime?"], "en")[0] == "Who approves overtime?"


def test_what_nobody_would_ask_about_is_left_out():
    assert examples(["", "1.2.3", "Data", "— — — —", "x" * 80, "2024-01-01 12:00"], "en") == []


def test_few_are_shown_and_each_once():
    shown = examples([f"Heading of chapter {'abcdefghij'[n % 10]}" for n in range(200)], "en")
    assert len(shown) == len(set(shown)) == EXAMPLES
