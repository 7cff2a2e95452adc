"""How two texts differ, word by word."""

from __future__ import annotations

import random

import pytest

from app.worddiff import Part, likeness, word_diff

PAIRS = [
    ("", ""),
    ("", "All of it is new."),
    ("Gone.", ""),
    ("Employees have 25 days of leave [1].", "Employees have 30 days of paid leave [1][2]."),
    ("연차 휴가는 1년에 15일입니다 [1].", "연차 휴가는 1년에 20일입니다 [1]."),
    ("병가는 진단서를 내면 쓸 수 있습니다.", "휴가는 승인을 받아야 쓸 수 있습니다."),
    ("有給休暇は二十日です", "有給休暇は三十日です"),
    ("one\n\ntwo\tthree", "one\ntwo three"),
    ("e\u0301 \x00 \u202e <b>&", "\u00e9 <i>& \U0001f600"),
]


def side(parts: list[Part], without: str) -> str:
    return "".join(part.text for part in parts if part.kind != without)


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_the_parts_make_up_both_texts(before: str, after: str):
    parts = word_diff(before, after)
    assert side(parts, "added") == before
    assert side(parts, "removed") == after


def test_any_two_texts_are_made_up_again_even_long_and_repetitive_ones():
    draw = random.Random(7)
    for length in (3, 40, 3000):
        before, after = (" ".join(draw.choices(["가", "the", "a,", "[1]", "\n"], k=length)) for _ in "12")
        parts = word_diff(before, after)
        assert side(parts, "added") == before
        assert side(parts, "removed") == after
        assert all(part.text for part in parts)


def test_equal_texts_have_one_part():
    assert word_diff("Both say this.", "Both say this.") == [Part("same", "Both say this.")]


def test_a_number_is_one_word_and_a_mark_is_one_word():
    parts = word_diff("It costs 1,500 won [1].", "It costs 1,200 won [12].")
    changed = [part.text for part in parts if part.kind != "same"]
    assert changed == ["1,500", "1,200", "[1]", "[12]"]


def test_korean_words_change_as_a_whole_with_their_particles():
    parts = word_diff("휴가는 15일이다", "휴가를 15일 쓴다")
    assert parts[:3] == [Part("removed", "휴가는"), Part("added", "휴가를"), Part("same", " 15")]


def test_blanks_between_two_changes_are_part_of_one_change():
    parts = word_diff("A quick brown fox ran", "A slow red fox ran")
    assert [(part.kind, part.text) for part in parts] == [
        ("same", "A "),
        ("removed", "quick brown"),
        ("added", "slow red"),
        ("same", " fox ran"),
    ]


def test_likeness_tells_equal_from_different():
    assert likeness("a b c", "a b c") == 1.0 == likeness("", "")
    assert likeness("a b c", "x y z") == 0.0
    assert 0.4 < likeness("a b c d", "a b x y") < 0.6
