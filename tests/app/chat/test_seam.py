"""Where the words of a model that goes on meet those that were there."""

from __future__ import annotations

import pytest

from app.chat.seam import Seam, last_words

LONG = "All employees have 25 days of paid leave a year. Unused days"


@pytest.mark.parametrize(
    ("before", "said", "whole"),
    [
        # It does as it is told, and repeats the last words.
        (LONG, "of paid leave a year. Unused days expire on 31 March.", LONG + " expire on 31 March."),
        ("Employees have emplo", "Employees have employment rights.", "Employees have employment rights."),
        ("연차 휴가는 15일이", "연차 휴가는 15일이며 이월됩니다.", "연차 휴가는 15일이며 이월됩니다."),
        (LONG, LONG + " expire.", LONG + " expire."),
        # It goes on at once.
        ("Employees have 25", "days of leave.", "Employees have 25 days of leave."),
        ("Employees have 25 ", "days of leave.", "Employees have 25 days of leave."),
        ("Employees have 25", " days of leave.", "Employees have 25 days of leave."),
        ("It is 25 days [1].", "Unused ones expire.", "It is 25 days [1]. Unused ones expire."),
        ("It is 25 days", ". Unused ones expire.", "It is 25 days. Unused ones expire."),
        ("- one\n- two\n", "- three", "- one\n- two\n- three"),
        ("有給休暇は", "二十日です", "有給休暇は二十日です"),
        ("Employees have", "have 25 days", "Employees have 25 days"),
        # Letters in common are chance.
        ("This is a", "apple tree", "This is a apple tree"),
        ("It is so", "", "It is so"),
        ("", "It is new.", "It is new."),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_the_two_are_joined(before: str, said: str, whole: str, size: int):
    seam = Seam(before)
    parts = [seam.feed(said[start : start + size]) for start in range(0, len(said), size)]
    assert before + "".join(parts) + seam.end() == whole


def test_the_last_words_are_few_and_in_one_line():
    assert last_words(LONG) == "paid leave a year. Unused days"
    assert last_words("one\ntwo three") == "two three"
    assert len(last_words("x" * 500)) == 80
    assert LONG.endswith(last_words(LONG))
