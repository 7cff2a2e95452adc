"""A finished answer held against its passages: marks mended, sentences judged, disagreements shown."""

from __future__ import annotations

import pytest
from support.passages import KOREAN, LEAVE, REMOTE, chunk, hits

from app.chat.claims import Claims
from app.chat.context import passages
from app.chat.verify import Verified, verify
from app.schemas import Support

FOUND = passages(hits(chunk(LEAVE), chunk(KOREAN, "휴가.md"), chunk(REMOTE, "remote.md")))


def check(text: str, *extra: str, cut: bool = False) -> Verified:
    """The answer over the passages of leave.md [1], 휴가.md [2], remote.md [3], and further ones."""
    more = [chunk(one, f"more{n}.md") for n, one in enumerate(extra)]
    found = passages(hits(chunk(LEAVE), chunk(KOREAN, "휴가.md"), chunk(REMOTE, "remote.md"), *more))
    return verify(text, {n: n for n in range(1, len(found) + 1)}, found, cut=cut)


def cited(outcome: Verified) -> list[tuple[str, str]]:
    """The quote's source and the quote, in order of their numbers."""
    return [(one.source, one.quote) for one in outcome.citations]


def reasons(outcome: Verified) -> list[list[str]]:
    return [[reason.code for reason in sentence.reasons] for sentence in outcome.sentences]


def test_a_right_answer_stays_as_it_is():
    text = "Every employee has 25 days of paid leave a year [1]. 연차 휴가는 1년에 15일입니다 [2]."
    outcome = check(text)
    assert outcome.text == text
    assert [sentence.support for sentence in outcome.sentences] == [Support.SUPPORTED] * 2
    assert [sentence.citations for sentence in outcome.sentences] == [(1,), (2,)]
    assert outcome.sentences[0].text == "Every employee has 25 days of paid leave a year."
    assert outcome.score == 1.0
    assert reasons(outcome) == [[], []]


def test_a_wrong_mark_is_corrected():
    outcome = check("Working from home is possible on three days a week [1].")
    assert outcome.text == "Working from home is possible on three days a week [1]."
    assert cited(outcome) == [("remote.md", REMOTE)]
    assert reasons(outcome) == [["citation_corrected"]]
    assert outcome.sentences[0].support is Support.SUPPORTED


def test_of_two_marks_the_one_that_says_nothing_of_it_goes():
    outcome = check("Unused days expire on 31 March [1][3].")
    assert outcome.text == "Unused days expire on 31 March [1]."
    assert reasons(outcome) == [["citation_corrected"]]


def test_a_sentence_without_a_mark_gets_one():
    outcome = check("Unused days expire on 31 March. So it is.")
    assert outcome.text == "Unused days expire on 31 March [1]. So it is."
    assert reasons(outcome)[0] == ["citation_added"]


def test_a_sentence_without_support_is_marked():
    outcome = check("Unused days expire on 31 March [1]. The canteen serves soup on Fridays [1].")
    assert outcome.sentences[1].support is Support.NOT
    assert outcome.score == 0.5
    assert "words" in reasons(outcome)[1]


def test_a_number_that_the_source_does_not_have_is_named_with_its_own():
    outcome = check("Every employee has 30 days of paid leave a year [1].")
    [reason] = outcome.sentences[0].reasons
    assert (outcome.sentences[0].support, reason.code) == (Support.NOT, "number")
    assert reason.values == {"said": "30 days", "source": "25 days"}


def test_headings_questions_and_lead_ins_claim_nothing():
    outcome = check(
        "## Leave\n\nHere is what I found:\n\n- Unused days expire on 31 March [1].\n\nAnything else?"
    )
    assert [sentence.text for sentence in outcome.sentences] == ["- Unused days expire on 31 March."]


def test_what_is_far_apart_in_a_passage_has_two_numbers():
    filler = "The office has a garden with old trees, and everybody may sit there in the break. " * 8
    long = f"Every employee gets a locker with a key. {filler}The lost key of a locker costs 20 euros."
    outcome = check("Every employee gets a locker [4]. A lost key costs 20 euros [4].", long)
    assert outcome.text == "Every employee gets a locker [1]. A lost key costs 20 euros [2]."
    assert [quote for _, quote in cited(outcome)] == [
        "Every employee gets a locker with a key.",
        "The lost key of a locker costs 20 euros.",
    ]


def test_an_answer_that_breaks_off_is_judged_without_its_last_words():
    assert check("Unused days expire on 31 March [1]. The man", cut=True).score == 1.0
    assert check("Unused days expire on 31 March [1]. The man").score == 0.5


def test_sources_that_disagree_are_both_shown():
    outcome = check(
        "Every employee has 25 days of paid leave a year [1].",
        "Each employee has 20 days of paid leave a year.",
    )
    [one] = outcome.contradictions
    assert one.values == ("25 days", "20 days")
    assert one.quotes[1] == "Each employee has 20 days of paid leave a year."
    assert [outcome.citations[n - 1].source for n in one.citations] == ["leave.md", "more0.md"]


def test_a_row_of_a_table_is_supported_by_a_row():
    table = "| City | Nights | Price |\n|---|---|---|\n| Berlin | 3 | 120 |\n| Seoul | 5 | 90 |"
    right, wrong = check(
        "| City | Price |\n|---|---|\n| Seoul [4] | 90 |\n| Berlin [4] | 90 |", table
    ).sentences
    assert right.support is Support.SUPPORTED
    assert wrong.support is Support.NOT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1]",
        "[1][2][3]",
        "…",
        "```\nprint(1) [1]\n```",
        "| a |\n|---|\n",
        "**Bold [1]** and *thin* [2]. " * 200,
        "\n\n[1] \n\n[2]",
        "가" * 5000,
    ],
)
def test_odd_answers_are_no_failure(text: str):
    outcome = check(text)
    assert {n for sentence in outcome.sentences for n in sentence.citations} <= {
        one.n for one in outcome.citations
    }


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("Yes [1]. No [2]! Both [1][2].", [(1,), (2,), (1, 2)]),
        ("So it is. [1] And so on. [2]", [(1,), (2,)]),
        ("According to [3], it is so.", [(3,)]),
        ("[1] says so. And [2] too.", [(1,), (2,)]),
        ("- one [1]\n- two\n\nThree [2]", [(1,), (), (2,)]),
        ("15일입니다.[1] 60일이다.", [(1,), ()]),
        ("One.\n\n[2] says two.", [(), (2,)]),
    ],
)
def test_a_mark_belongs_to_the_sentence_that_it_stands_in_or_behind(text: str, marks: list[tuple[int, ...]]):
    found = Claims(text)
    assert [claim.marks for claim in found.all] == marks
    assert found.rewritten([{n: n for n in claim.marks} for claim in found.all]) == text
