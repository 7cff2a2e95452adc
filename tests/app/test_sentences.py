"""Sentence ends in English and Korean."""

from __future__ import annotations

import random

import pytest

from app.sentences import sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    "expected",
    [
        ["One ends here.", "Two ends there!", "Does three?", "Yes."],
        ["Dr. Smith met Mr. Lee, e.g. on Monday.", "They spoke."],
        ["See No. 5 and Fig. 3.", "No.", "That is all."],
        ["It costs 3.5 dollars and version 2.10.1 is out.", "Buy it."],
        ["J. R. Smith of the U.S. army signed.", "He left."],
        ["We sell pears, etc.", "The shop is open."],
        ['He said "Stop."', "Then he left."],
        ['"Why?" he asked.', "(It rained.)", "Nobody knew."],
        ["The plan starts at 9 a.m. on Friday.", "Bring a file named notes.txt with you."],
        ["연차는 15일이다.", "더 필요하면 신청하세요.", "가능한가요?", "네, 됩니다."],
        ["시행일은 2026. 11. 21. 로 정한다.", "그 전에는 종전 규정을 따른다."],
        ["2026. 11. 21.(토) 시행한다.", "끝."],
        ['"언제 갈까?" 하고 물었다.', "아무도 답하지 않았다."],
        ["비율은 3.14%입니다.", "Dr. Kim이 확인했습니다."],
        ["Wait... what happened?", "Nothing!?", "Good."],
        ["1. First things first.", "Then the rest."],
    ],
)
def test_sentences_end_where_a_reader_ends_them(expected: list[str]) -> None:
    assert sentences(" ".join(expected)) == expected


def test_korean_sentences_end_without_a_space_too() -> None:
    assert sentences("승인했다.그리고 통보했다.끝났다") == ["승인했다.", "그리고 통보했다.", "끝났다"]
    assert sentences("これは文です。次の文です。") == ["これは文です。", "次の文です。"]


def test_a_wrapped_line_does_not_end_a_sentence_but_a_blank_one_does() -> None:
    assert sentences("The plan\ncovers all.\n\nA title\n\nMore text") == [
        "The plan\ncovers all.",
        "A title",
        "More text",
    ]


def test_list_items_headings_and_table_rows_stand_alone() -> None:
    text = "# Leave\nIntroduction\n- one day\n- two days. Really.\n| a | b |\n| 1. | 2 |\n(1) 첫째\n가. 둘째"
    assert sentences(text) == [
        "# Leave",
        "Introduction",
        "- one day",
        "- two days.",
        "Really.",
        "| a | b |",
        "| 1. | 2 |",
        "(1) 첫째",
        "가. 둘째",
    ]


def test_nothing_but_blanks_is_lost_and_spans_never_overlap() -> None:
    rng = random.Random(7)
    pieces = [
        *" \n\t.!?…。\"')”|-#",
        "다.",
        "요",
        "Dr.",
        "12.",
        "word",
        "가",
        "2026. 1. 2.",
        "\n\n",
        "- ",
        "😀",
        "\r\n",
    ]
    for _ in range(500):
        text = "".join(rng.choices(pieces, k=rng.randrange(60)))
        spans = sentence_spans(text)
        position = 0
        for start, end in spans:
            assert not text[position:start].strip()
            assert text[start:end] == text[start:end].strip() != ""
            position = end
        assert not text[position:].strip()


@pytest.mark.parametrize("unit", [".", "a.", "?)", "다.", "\n", "| a |\n", "1. ", '."', "A. ", " "])
def test_hostile_repetition_takes_linear_time(unit: str) -> None:
    text = unit * (300_000 // len(unit))
    assert sum(end - start for start, end in sentence_spans(text)) <= len(text)
