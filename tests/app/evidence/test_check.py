"""Sentences held against sources: what stands there, what does not, and why."""

from __future__ import annotations

import pytest

from app.evidence import Source, Sources, check, clean
from app.evidence.contradictions import contradicting
from app.schemas import Support

SOURCES = [
    "Every employee has 25 days of paid leave a year.",
    "Unused days expire on 31 March.",
    "With the consent of the manager they are paid out.",
    "Northwind Health Plus covers emergency room visits in full.",
    "Employees are not allowed to carry over more than five days.",
    "Rooms in Berlin cost $120 a night, and rooms in Seoul cost $90 a night.",
    "연차 휴가는 1년에 15일입니다.",
    "병가는 진단서를 내면 60일까지 쓸 수 있습니다.",
    "2019년 U-20 월드컵은 5월 23일부터 6월 15일까지 폴란드에서 개최되었다.",
    "점심시간은 한 시간이며 오전 11시 30분부터 사용합니다.",
]


def sources(*texts: str, context: str = "") -> Sources:
    return Sources([Source(n, clean(text), clean(context)) for n, text in enumerate(texts, 1)])


def verdict(claim: str) -> tuple[str, list[str]]:
    found = check(clean(claim), sources(*SOURCES))
    return found.support.value, [reason.code for reason in found.reasons]


@pytest.mark.parametrize("text", SOURCES)
def test_a_source_supports_its_own_words(text: str):
    assert verdict(text) == ("supported", [])


@pytest.mark.parametrize(
    "claim",
    [
        "Employees get 25 days of leave.",
        "- **Unused days** expire on March 31.",
        "In Seoul, rooms cost 90 dollars a night.",
        "Employees may not carry over more than 5 days.",
        "연차는 열닷새입니다.",
        "병가는 최대 육십 일까지 쓸 수 있습니다.",
        "２０１９년 U-20 월드컵은 폴란드에서 개최되었습니다.",
    ],
)
def test_other_words_for_the_same_are_supported(claim: str):
    assert verdict(claim) == ("supported", [])


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        ("Every employee has 30 days of paid leave a year.", "number"),
        ("Every employee has 25 weeks of paid leave a year.", "unit"),
        ("Unused days expire on 30 April.", "date"),
        ("Rooms in Berlin cost $150 a night.", "money"),
        ("Contoso Standard covers emergency room visits in full.", "name"),
        ("Unused days do not expire on 31 March.", "negation"),
        ("Employees are allowed to carry over more than five days.", "negation"),
        ("Managers fly to the moon for free.", "words"),
        ("연차 휴가는 1년에 20일입니다.", "number"),
        ("병가는 진단서를 내면 60일까지 쓸 수 없습니다.", "negation"),
        ("점심시간은 한 시간이며 오전 11시 30분부터 사용하지 않습니다.", "negation"),
        ("2019년 U-20 월드컵은 5월 23일부터 6월 15일까지 프랑스에서 개최되었다.", "name"),
        ("대표이사는 매년 제주도에 갑니다.", "words"),
    ],
)
def test_what_does_not_stand_there_is_found(claim: str, why: str):
    support, reasons = verdict(claim)
    assert support == "not supported"
    assert why in reasons


@pytest.mark.parametrize(
    ("source", "claim"),
    [
        (
            "Up to 8 days of annual leave that were not taken may be carried over into the next year.",
            "Up to 8 days of annual leave may be carried over into the next year.",
        ),
        (
            "사용하지 못한 연차는 6일까지 다음 해로 이월된다.",
            "연차는 6일까지 다음 해로 이월된다.",
        ),
    ],
)
def test_what_a_claim_leaves_out_is_not_denied_by_it(source: str, claim: str):
    assert "negation" not in [reason.code for reason in check(clean(claim), sources(source)).reasons]


def test_a_reason_names_what_the_source_says_instead():
    [reason] = check(clean("연차 휴가는 1년에 20일입니다."), sources(*SOURCES)).reasons
    assert reason.values == {"said": "20일", "source": "15일"}


def test_a_number_of_another_sentence_does_not_make_a_changed_one_right():
    found = sources("The notice is two weeks.", "A review takes place after four weeks.")
    assert check(clean("The notice is four weeks."), found).support is Support.NOT


def test_a_claim_may_stand_on_several_sentences():
    found = sources("Every employee has 25 days of leave.", "Unused days of leave expire on 31 March.")
    both = check("Employees have 25 days of leave, and unused days expire on 31 March.", found, [1, 2])
    alone = check("Employees have 25 days of leave, and unused days expire on 31 March.", found, [1])
    assert both.support is Support.SUPPORTED
    assert {source.n for source in both.sources} == {1, 2}
    assert alone.support is not Support.SUPPORTED


def test_a_title_says_what_its_sentences_are_about():
    found = sources("It covers dental care.", context="Northwind Standard")
    assert check("Northwind Standard covers dental care.", found).support is Support.SUPPORTED
    assert check("Contoso Premium covers dental care.", found).support is not Support.SUPPORTED


def test_of_two_languages_numbers_and_names_are_compared():
    right = check(clean("직원은 1년에 25일의 휴가를 받습니다."), sources(SOURCES[0]))
    wrong = check(clean("직원은 1년에 30일의 휴가를 받습니다."), sources(SOURCES[0]))
    assert (right.support, [one.code for one in right.reasons]) == (Support.PARTLY, ["other_language"])
    assert (wrong.support, wrong.reasons[0].code) == (Support.NOT, "number")


def test_an_embedding_model_is_asked_where_words_do_not_decide():
    claim, asked = "Casualty treatment is paid entirely.", []

    def similar(pairs):
        asked.extend(pairs)
        return [0.8] * len(pairs)

    found = sources(SOURCES[3], "Casualty wards are busy.")
    assert check(claim, found).support is Support.NOT
    assert check(claim, found, similar=similar).support is Support.SUPPORTED
    assert asked
    asked.clear()
    check("Every employee has 25 days of paid leave a year.", sources(*SOURCES), similar=similar)
    assert asked == []


def contradictions(one: str, other: str, contexts: tuple[str, str] = ("", "")) -> list[tuple[str, str]]:
    made = [
        Source(n, clean(text), clean(context))
        for n, text, context in zip((1, 2), (one, other), contexts, strict=True)
    ]
    return [(mine.text, its.text) for _, mine, its in contradicting(made[0], Sources(made))]


def test_two_numbers_for_one_thing_contradict_each_other():
    assert contradictions(
        "Every employee has 25 days of paid leave a year.", "Each employee gets 20 days of paid leave a year."
    ) == [("25 days", "20 days")]
    assert contradictions("연차 휴가는 1년에 15일입니다.", "연차 휴가는 1년에 20일입니다.") == [
        ("15일", "20일")
    ]
    assert contradictions("The contract ends on 31 March 2026.", "The contract ends on 30 June 2026.") == [
        ("31 March 2026", "30 June 2026")
    ]
    versions = ("Handbook 2024", "Handbook 2026")
    assert contradictions("Employees have 25 days of leave.", "Employees have 20 days of leave.", versions)


@pytest.mark.parametrize(
    ("one", "other", "contexts"),
    [
        ("Employees have 25 days of leave.", "Employees have twenty-five days of leave.", ("", "")),
        (
            "Full-time employees have 25 days of leave.",
            "Part-time employees have 15 days of leave.",
            ("", ""),
        ),
        ("Rooms in Berlin cost $120 a night.", "Rooms in Seoul cost $90 a night.", ("", "")),
        (
            "The copay is $20 a visit.",
            "The copay is $30 a visit.",
            ("Northwind Standard Benefits", "Northwind Plus Benefits"),
        ),
        ("Employees have 25 days of leave.", "The canteen has 40 seats for guests.", ("", "")),
    ],
)
def test_two_things_may_have_two_numbers(one: str, other: str, contexts: tuple[str, str]):
    assert contradictions(one, other, contexts) == []
