"""Titles by rules say what a question is about, and stay short."""

from __future__ import annotations

import pytest

from app.history.titles import LONGEST, title_of


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("What is the notice period?", "Notice period"),
        ("Could you please tell me about remote work?", "Remote work"),
        ("Hi! I'd like to know who approves overtime.", "Who approves overtime"),
        ("Summarise the handbook, please.", "Summarise the handbook"),
        ("In which month do unused days lapse?", "In which month do unused days lapse"),
        ("what's new", "What's new"),
        ("What is it?", "What is it"),
        ("iPhone policy", "iPhone policy"),
        ("연차 휴가는 며칠인가요?", "연차 휴가는 며칠"),
        ("안녕하세요. 혹시 육아휴직 기간은 어떻게 되나요?", "육아휴직 기간"),
        ("출장비 정산 방법에 대해 알려주세요", "출장비 정산 방법"),
        ("보안 규정을 요약해 주세요.", "보안 규정 요약"),
        ("연차휴가가 뭔가요?", "연차휴가"),
        ("연차휴가 뭔가요?", "연차휴가"),
        ("가을 행사가 궁금합니다", "가을 행사"),
        ("가을은 언제인가요?", "가을은 언제"),
        ("왜?", "왜"),
        ("please", "Please"),
        ("???", ""),
        ("", ""),
    ],
)
def test_a_title_is_what_the_question_is_about(question: str, title: str):
    assert title_of(question) == title


@pytest.mark.parametrize("question", ["word " * 400, "a" * 5_000, "가나다라 " * 3_000, "? ! " * 5_000])
def test_a_title_is_short_and_ends_between_words(question: str):
    title = title_of(question)
    assert len(title) <= LONGEST
    assert title.removesuffix("…") == title.removesuffix("…").rstrip()


def test_a_long_question_keeps_whole_words():
    assert title_of("How many days of paid leave does an employee have?") == (
        "How many days of paid leave does an…"
    )
