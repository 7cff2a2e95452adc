"""What differs between two answers is marked in their HTML."""

from __future__ import annotations

import re

import pytest

from app.ui.compare.marking import compared
from app.ui.safe_markdown import Mark, safe_markdown
from app.ui.texts import Texts

SAY = Texts("en")


def answer(text: str) -> str:
    return f'<div class="d-answer">{safe_markdown(text, {1: Mark("source/m/1"), 2: Mark()})}</div>'


def only(html: str) -> list[str]:
    """The words that are marked, without what is said to screen readers."""
    plain = re.sub(r'<span class="d-unseen">.*?</span>', "", html)
    return [re.sub("<[^>]+>", "", found) for found in re.findall('<mark class="d-only">(.*?)</mark>', plain)]


def unmarked(html: str) -> str:
    return re.sub('<mark class="d-only"><span class="d-unseen">only here: </span>(.*?)</mark>', r"\1", html)


@pytest.mark.parametrize(
    ("left", "right", "only_left", "only_right"),
    [
        ("Staff have 15 days.", "Staff have 25 days.", ["15"], ["25"]),
        ("직원은 연차 15일을 받습니다.", "직원은 연차 25일을 받습니다.", ["15"], ["25"]),
        ("**Staff** have *fifteen* days.", "**Staff** have *ten* days.", ["fifteen"], ["ten"]),
        ("They lapse.", "They lapse in March.", [], ["in March"]),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "| a | b |\n|---|---|\n| 1 | 3 |", ["2"], ["3"]),
        ("- one\n- two", "- one\n- three\n- two", [], ["three"]),
    ],
)
def test_words_that_only_one_has_are_marked(
    left: str, right: str, only_left: list[str], only_right: list[str]
):
    found = compared(answer(left), answer(right), SAY)
    assert (only(found.left), only(found.right)) == (only_left, only_right)
    assert (unmarked(found.left), unmarked(found.right)) == (answer(left), answer(right))
    assert 0 <= found.likeness < 1


def test_equal_answers_have_no_mark_and_signs_of_the_page_are_not_compared():
    left = answer("It is 15 days [1].") + '<p class="d-facts">openai:one · 3 s</p>'
    right = answer("It is 15 days [2].").replace("days", 'days<span class="d-doubt">! why</span>')
    found = compared(left, right, SAY)
    assert (found.left, found.right, found.likeness) == (left, right, 1.0)


def test_a_change_over_several_blocks_keeps_the_blocks_whole():
    found = compared(answer("# Leave\n\nOne.\n\n- two\n- three"), answer("Nothing"), SAY)
    assert only(found.left) == ["Leave", "One.", "two", "three"]
    assert only(found.right) == ["Nothing"]


def test_signs_within_a_change_stay_and_are_not_marked():
    left = answer("It is 15 days [1]. Really [2]!")
    found = compared(left, answer("Something else altogether."), SAY)
    assert unmarked(found.left) == left
    assert only(found.left) == ["It is 15 days", "Really"]


def test_hostile_words_stay_words():
    found = compared(answer("a <script>x</script> & b"), answer('a <img src="y"> & b'), SAY)
    assert "<script" not in found.left and "<img" not in found.right
    assert unmarked(found.left) == answer("a <script>x</script> & b")


@pytest.mark.parametrize("nothing", ["", '<div class="d-error">It failed</div>'])
def test_an_answer_without_words_differs_in_all(nothing: str):
    found = compared(nothing, answer("Staff have 15 days."), SAY)
    assert found.left == nothing
    assert only(found.right) == ["Staff have 15 days."]
    assert found.likeness == 0


def test_where_nothing_was_said_there_is_nothing_to_measure():
    failed = '<div class="d-error">It failed</div>'
    assert compared(failed, failed, SAY).likeness is None
