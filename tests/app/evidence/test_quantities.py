"""Numbers, dates and amounts as people write them in English and Korean."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.evidence.dates import Date
from app.evidence.quantities import quantities
from app.evidence.values import check_values
from vectorstore.tokens import normalize

VALUES = [
    ("25 days of leave", "number", 25, "day"),
    ("a 30-day period", "number", 30, "day"),
    ("within 30 business days", "number", 30, "day"),
    ("twenty-five people", "number", 25, "person"),
    ("three hundred and ten thousand", "number", 310_000, ""),
    ("1,500 sheets", "number", 1500, ""),
    ("80% of the cost", "number", 80, "percent"),
    ("80 percent of the cost", "number", 80, "percent"),
    ("$1.5 million", "money", 1_500_000, "dollar"),
    ("USD 20", "money", 20, "dollar"),
    ("20 EUR", "money", 20, "euro"),
    ("3일 이내", "number", 3, "day"),
    ("삼 일 이내", "number", 3, "day"),
    ("３일 이내", "number", 3, "day"),
    ("십오일 동안", "number", 15, "day"),
    ("사흘 안에", "number", 3, "day"),
    ("세 번까지", "number", 3, "time"),
    ("열두 명", "number", 12, "person"),
    ("스물다섯 살", "number", 25, "age"),
    ("3개월", "number", 3, "month"),
    ("석 달", "number", 3, "month"),
    ("만 60세 이상", "number", 60, "age"),
    ("제12조", "number", 12, "article"),
    ("1만 5천 원", "money", 15_000, "won"),
    ("1만5,000원", "money", 15_000, "won"),
    ("오만 원", "money", 50_000, "won"),
    ("15,000원", "money", 15_000, "won"),
    ("3억 2천만 원", "money", 320_000_000, "won"),
    ("₩15,000", "money", 15_000, "won"),
]


@pytest.mark.parametrize(("text", "kind", "value", "unit"), VALUES)
def test_a_value_has_one_form_however_it_is_written(text: str, kind: str, value: int, unit: str):
    [found] = quantities(normalize(text))
    assert (found.kind, found.value, found.unit) == (kind, Decimal(value), unit)


DATES = [
    ("31 March 2026", Date(2026, 3, 31)),
    ("March 31, 2026", Date(2026, 3, 31)),
    ("2026-03-31", Date(2026, 3, 31)),
    ("2026년 3월 31일", Date(2026, 3, 31)),
    ("２０２６년 ３월 ３１일", Date(2026, 3, 31)),
    ("2026. 3. 31.", Date(2026, 3, 31)),
    ("on the 1st of May", Date(None, 5, 1)),
    ("3월 말", Date(None, 3)),
    ("2026년부터", Date(2026)),
    ("on Mondays", Date(weekday=0)),
    ("월요일마다", Date(weekday=0)),
    ("5월 1일에는", Date(None, 5, 1)),
    ("at 9:30 am", Date(minutes=570)),
    ("at 6 p.m.", Date(minutes=1080)),
    ("오전 9시부터", Date(minutes=540)),
    ("오후 6시 30분까지", Date(minutes=1110)),
    ("오후 1시 반", Date(minutes=810)),
]


@pytest.mark.parametrize(("text", "date"), DATES)
def test_a_date_has_one_form_however_it_is_written(text: str, date: Date):
    [found] = quantities(normalize(text))
    assert (found.kind, found.value) == ("date", date)


@pytest.mark.parametrize(
    "text",
    [
        "one of them may leave",
        "You may march on",
        "이 일은 아무도 모른다",
        "see https://example.org/2026/03",
        "write to hr2@example.org",
        "no number here",
        "사원과 사장의 사항",
        "한도와 열차와 세대",
    ],
)
def test_what_counts_nothing_is_no_number(text: str):
    assert [one for one in quantities(text) if one.kind != "name"] == []


SAID = [
    ("25 days", "25 days", []),
    ("25 days", "25일", []),
    ("15일", "열닷새", []),
    ("24 months", "2 years", []),
    ("14 days", "two weeks", []),
    ("25", "25 days", []),
    ("31 March", "31 March 2026", []),
    ("in 2026", "2026년 3월", []),
    ("오후 6시", "18:00", []),
    ("30 days", "25 days", [("number", "25 days")]),
    ("3 weeks", "3 days", [("unit", "3 days")]),
    ("30 April", "31 March", [("date", "31 March")]),
    ("31 March 2026", "31 March 2025", [("date", "31 March 2025")]),
    ("2만 원", "1만 원", [("money", "1만 원")]),
    ("form B-12", "form B-13", [("number", "B-13")]),
    ("40 days", "nothing of the kind", [("number", None)]),
    ("15 days and 15 days", "10 days and 15 days", [("number", "10 days")]),
]


@pytest.mark.parametrize(("claim", "source", "wrong"), SAID)
def test_values_of_a_claim_are_looked_for_in_its_source(
    claim: str, source: str, wrong: list[tuple[str, str | None]]
):
    reasons = check_values(quantities(normalize(claim)), quantities(normalize(source)))
    assert [(reason.code, reason.values.get("source")) for reason in reasons] == wrong


def test_a_heading_may_complete_a_date_but_not_lend_its_section_number():
    said = quantities("31 March 2026, 4 parts")
    reasons = check_values(said, quantities("31 March, 12 parts"), quantities("4. Leave in 2026년"))
    assert [(reason.code, reason.values) for reason in reasons] == [("number", {"said": "4", "source": "12"})]


def test_long_texts_of_digits_are_read_in_linear_time():
    assert len(quantities("1,2 3만 " * 5000)) >= 5000
    for piece in ("1", "1,000,", "만", "만 ", "1만 ", "a"):
        assert len(quantities(piece * 50_000 + " 7 days")) >= 1
