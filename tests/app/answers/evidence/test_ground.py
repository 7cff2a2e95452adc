"""A value is supported only where the passages say it of the right thing; else it is null, with a reason."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field
from support.passages import DRUGS, LEAVE, chunk, hits

from app.answers.evidence import Grounded, as_text, ground, valid
from app.answers.evidence.folded import Folded
from app.answers.schemas import SchemaShelf
from app.answers.schemas.fields import fields_of
from app.chat.context import passages
from app.schemas import FieldEvidence, Support


def held(model: type[BaseModel], data: dict[str, Any], *texts: str, keep: bool = False) -> Grounded:
    found = passages(hits(*(chunk(text, f"{n}.md", n) for n, text in enumerate(texts))), None, 10**9)
    return ground(data, fields_of(model.model_json_schema()), found, keep=keep)


def proofs(grounded: Grounded) -> dict[str, FieldEvidence]:
    return {one.path: one for one in grounded.evidence}


def kept(grounded: Grounded) -> list[str]:
    return [one.path for one in grounded.evidence if one.value is not None]


# -- values as they are written ---------------------------------------------------------------------------


class One(BaseModel):
    amount: float | None = Field(None, json_schema_extra={"format": "money"})
    count: int | None = None
    day: date | None = None
    phone: str | None = Field(None, json_schema_extra={"format": "phone"})
    email: str | None = Field(None, json_schema_extra={"format": "email"})
    name: str | None = None


WRITTEN: list[tuple[str, object, str, str, str]] = [
    ("amount", 1234000, "합계: 1,234,000원", "1,234,000원", "KRW"),
    ("amount", 1234000, "금액은 금 일백이십삼만사천원정입니다.", "일백이십삼만사천원", "KRW"),
    ("amount", 1234000, "총액 123만 4천원", "123만 4천원", "KRW"),
    ("amount", 1200000, "It costs ₩1.2M in all.", "₩1.2M", "KRW"),
    ("amount", 1200000, "It costs $1.2 million.", "$1.2 million", "USD"),
    ("amount", 1234.5, "Betrag: 1.234,50 €", "1.234,50", "EUR"),
    ("amount", 1234000, "Total 1 234 000 KRW", "1 234 000", "KRW"),
    ("amount", -1200, "Discount: -1,200", "1,200", ""),
    ("amount", -1200, "Loss (1,200)", "1,200", ""),
    ("amount", 1234, "합계：１，２３４원", "１，２３４원", "KRW"),
    ("count", 25, "Every employee has 25 days.", "25 days", "day"),
    ("count", 3, "There are three copies.", "three", ""),
    ("count", 5, "- 5 apples", "5", ""),
    ("day", "2024-03-02", "계약일: 2024년 3월 2일", "2024년 3월 2일", ""),
    ("day", "2024-03-02", "Signed on March 2nd, 2024.", "March 2nd, 2024", ""),
    ("day", "2024-03-02", "Signed on 2 March 2024.", "2 March 2024", ""),
    ("day", "2024-03-02", "작성일 2024. 3. 2.", "2024. 3. 2", ""),
    ("day", "2024-03-02", "일자 '24.3.2", "'24.3.2", ""),
    ("day", "2024-03-02", "Date: 02-Mar-2024", "02-Mar-2024", ""),
    ("day", "2024-03-22", "Date: 22/03/2024", "22/03/2024", ""),
    ("day", "2024-03-02", "Datum 20240302", "20240302", ""),
    ("phone", "010-1234-5678", "휴대폰 010 1234 5678", "010 1234 5678", ""),
    ("phone", "+82 10-1234-5678", "Mobile: 010.1234.5678", "010.1234.5678", ""),
    ("email", "ann@example.com", "Write to Ann@Example.com, please.", "Ann@Example.com", ""),
    ("name", "hana trading", "Sold by HANA  Trading Co.", "HANA  Trading", ""),
    ("name", "이부프로펜", "이부프로펜은 공복에 복용하지 않는다.", "이부프로펜", ""),
    ("name", "이부 프로펜", "성분: 이부프로펜", "이부프로펜", ""),
]


@pytest.mark.parametrize(("field", "value", "text", "original", "unit"), WRITTEN)
def test_a_value_is_found_as_it_is_written(field: str, value: object, text: str, original: str, unit: str):
    grounded = held(One, {field: value}, text)
    proof = proofs(grounded)[field]
    assert (proof.value, proof.support) == (value, Support.SUPPORTED)
    assert (proof.original, proof.unit) == (original, unit)
    assert proof.citation is not None
    assert proof.original in proof.citation.quote
    assert proof.citation.quote in text
    assert grounded.data[field] == value


ELSE = [
    ("amount", 1234, "합계: 1,235원"),
    ("amount", 5, "Discount: -5"),
    ("amount", -5, "Total: 5"),
    ("amount", 17, "It began in 2017, as INV-17 says."),
    ("count", 12, "Call 02-123-1212."),
    ("count", 2024, "At 20:24 it began."),
    ("day", "2024-03-02", "2024년 3월 3일"),
    ("day", "2024-03-02", "March 2, 2023"),
    ("day", "2024-03-02", "2024년 3월"),
    ("phone", "010-1234-5678", "010-1234-5679"),
    ("email", "ann@example.com", "joann@example.com"),
    ("name", "A1", "A12 and BA1"),
    ("name", "Kim", "Kimchi is served."),
    ("name", "Zentrix Holdings", "Sold by Hana Trading."),
]


@pytest.mark.parametrize(("field", "value", "text"), ELSE)
def test_another_value_is_no_support(field: str, value: object, text: str):
    grounded = held(One, {field: value}, text)
    proof = proofs(grounded)[field]
    assert (proof.value, proof.citation, proof.support) == (None, None, Support.NOT)
    assert proof.reasons[0].code == "no_support"
    assert proof.reasons[0].values["said"] == str(value)
    assert grounded.data[field] is None
    assert grounded.citations == ()


PARTLY = [("March 2", "2024-03-02"), ("03/02/2024", "2024-02-03")]


@pytest.mark.parametrize(("text", "value"), PARTLY)
def test_what_is_left_open_is_partly_supported(text: str, value: str):
    proof = proofs(held(One, {"day": value}, f"It was signed on {text}."))["day"]
    assert (proof.support, proof.original) == (Support.PARTLY, text)
    assert proof.reasons[0].code == "date"


def test_amounts_in_thousands_are_read_by_the_head_of_their_column():
    table = "| 항목 | 금액 (단위: 천원) |\n|---|---|\n| 매출 | 1,234 |"
    assert proofs(held(One, {"amount": 1234000}, table))["amount"].original == "1,234"


def test_what_is_not_there_is_not_found_and_what_stands_nowhere_may_be_kept():
    data = {"amount": 77, "name": None, "count": 25}
    null, marked = held(One, data, LEAVE), held(One, data, LEAVE, keep=True)
    assert null.data == {
        "amount": None, "count": 25, "day": None, "phone": None, "email": None, "name": None
    }  # fmt: skip
    assert proofs(null)["name"].reasons[0].code == "not_found"
    assert marked.data["amount"] == 77
    assert (proofs(marked)["amount"].support, proofs(marked)["amount"].citation) == (Support.NOT, None)


# -- the right thing ---------------------------------------------------------------------------------------


class Item(BaseModel):
    item: str
    qty: int | None = None
    amount: float


class Invoice(BaseModel):
    number: str | None = None
    issued: date | None = None
    due: date | None = None
    subtotal: float | None = None
    tax: float | None = None
    total: float | None = None
    supplier: str | None = None
    customer: str | None = None
    items: list[Item] = []


INVOICE = """Invoice No: A-17
Issue date: 2024-03-02
Due date: 2024-04-01
Supplier: Hana Trading
Customer: Duri Foods

| item | qty | amount |
|---|---|---|
| Pen | 2 | 1,000 |
| Paper | 3 | 5,000 |
|  | Subtotal | 6,000 |
|  | VAT (10%) | 600 |
|  | Total | 6,600 |"""
KOREAN = """청구서 번호: A-17
작성일자: 2024년 3월 2일
지급기한: 2024년 4월 1일
공급자: Hana Trading
공급받는 자: Duri Foods

품목        수량      금액
Pen         2        1,000원
Paper       3        5,000원

공급가액: 6,000원
부가세: 600원
합계: 6,600원"""
TRUTH: dict[str, Any] = {
    "number": "A-17",
    "issued": "2024-03-02",
    "due": "2024-04-01",
    "subtotal": 6000,
    "tax": 600,
    "total": 6600,
    "supplier": "Hana Trading",
    "customer": "Duri Foods",
    "items": [{"item": "Pen", "qty": 2, "amount": 1000}, {"item": "Paper", "qty": 3, "amount": 5000}],
}


@pytest.mark.parametrize("text", [INVOICE, KOREAN], ids=["en", "ko"])
def test_the_truth_is_supported_throughout(text: str):
    grounded = held(Invoice, TRUTH, "Another page says nothing.", text)
    assert grounded.data == TRUTH
    assert all(one.support is Support.SUPPORTED for one in grounded.evidence)
    assert {one.citation.n for one in grounded.evidence if one.citation} == {
        one.n for one in grounded.citations
    }
    assert all(one.citation in grounded.citations for one in grounded.evidence)
    assert valid(grounded.data, Invoice) == Invoice.model_validate(TRUTH)


SWAPS = [
    ("subtotal", "total"), ("tax", "total"), ("subtotal", "tax"), ("issued", "due"),
    ("supplier", "customer"), ("items.0.amount", "items.1.amount"), ("items.0.qty", "items.1.qty"),
    ("items.0.qty", "items.0.amount"),
]  # fmt: skip


@pytest.mark.parametrize("text", [INVOICE, KOREAN], ids=["en", "ko"])
@pytest.mark.parametrize(("one", "other"), SWAPS)
def test_two_values_cannot_change_places(one: str, other: str, text: str):
    swapped = _with(_with(TRUTH, one, _at(TRUTH, other)), other, _at(TRUTH, one))
    grounded = held(Invoice, swapped, text)
    assert not {one, other} & set(kept(grounded))
    assert len(kept(grounded)) == 12


def _at(data: Any, path: str) -> Any:
    for name in path.split("."):
        data = data[int(name) if name.isdigit() else name]
    return data


def _with(data: Any, path: str, value: Any) -> Any:
    name, _, rest = path.partition(".")
    if isinstance(data, list):
        return [_with(one, rest, value) if n == int(name) else one for n, one in enumerate(data)]
    return data | {name: _with(data[name], rest, value) if rest else value}


def test_the_reason_names_what_the_document_says_instead():
    proof = proofs(held(Invoice, TRUTH | {"total": 6000}, INVOICE))["total"]
    assert [one.code for one in proof.reasons] == ["no_support", "number"]
    assert proof.reasons[1].values["source"] == "6,600"


class Pay(BaseModel):
    name: str
    pay: int


class Pays(BaseModel):
    people: list[Pay]


TEXTS = [
    "Kim earns 100 dollars and Lee earns 200 dollars.",
    "The company pays 100 dollars to Kim and 200 dollars to Lee.",
    "Kim and Lee earn 100 and 200 dollars, respectively.",
    "Kim은 100달러, Lee는 200달러를 받는다.",
    "Name: Kim\nPay: 100\n\nName: Lee\nPay: 200",
    "Name: Kim\nPay: 100\nName: Lee\nPay: 200",
    "Pay: 100\nName: Kim\nPay: 200\nName: Lee",
    "| name | pay |\n|---|---|\n| Kim | 100 |\n| Lee | 200 |",
    "| | Kim | Lee |\n|---|---|---|\n| pay | 100 | 200 |",
    "- Kim: 100\n- Lee: 200",
    "Kim\n100\n\nLee\n200",
]


@pytest.mark.parametrize("text", TEXTS)
def test_each_object_has_the_values_that_are_said_of_it(text: str):
    right = {"people": [{"name": "Kim", "pay": 100}, {"name": "Lee", "pay": 200}]}
    wrong = {"people": [{"name": "Kim", "pay": 200}, {"name": "Lee", "pay": 100}]}
    assert held(Pays, right, text).data == right
    assert kept(held(Pays, wrong, text)) == ["people.0.name", "people.1.name"]


def test_items_may_have_in_common_what_is_said_once():
    class Row(BaseModel):
        name: str
        unit: str

    class Rows(BaseModel):
        rows: list[Row]

    text = "All prices in Dollar.\n\n| name | price |\n|---|---|\n| Pen | 1 |\n| Paper | 2 |"
    data = {"rows": [{"name": "Pen", "unit": "Dollar"}, {"name": "Paper", "unit": "Dollar"}]}
    assert held(Rows, data, text).data == data


class Party(BaseModel):
    name: str
    phone: str


class Deal(BaseModel):
    supplier: Party
    customer: Party


def test_objects_in_an_object_are_told_apart():
    text = "Supplier: Hana Trading, Tel 02-111-2222\nCustomer: Duri Foods, Tel 02-333-4444"
    hana, duri = ("Hana Trading", "02-111-2222"), ("Duri Foods", "02-333-4444")

    def deal(*of: str) -> dict[str, Any]:
        return {"supplier": {"name": of[0], "phone": of[1]}, "customer": {"name": of[2], "phone": of[3]}}

    assert held(Deal, deal(*hana, *duri), text).data == deal(*hana, *duri)
    assert kept(held(Deal, deal(*duri, *hana), text)) == []
    crossed = kept(held(Deal, deal(hana[0], duri[1], duri[0], hana[1]), text))
    assert not {"supplier.phone", "customer.phone"} & set(crossed)


# -- words, choices, yes and no ----------------------------------------------------------------------------


class Terms(BaseModel):
    auto_renewal: bool | None = None
    status: Literal["active", "ended"] | None = None
    currency: Literal["KRW", "USD"] | None = None
    summary: str | None = None


CONTRACT = (
    "The contract renews automatically each year. Its status is active. "
    "The tenant pays 500,000원 rent every month. Pets are not allowed in the building."
)


@pytest.mark.parametrize(
    ("field", "value", "support"),
    [
        ("auto_renewal", True, Support.SUPPORTED),
        ("auto_renewal", False, Support.NOT),
        ("status", "active", Support.SUPPORTED),
        ("status", "ended", Support.NOT),
        ("currency", "KRW", Support.SUPPORTED),
        ("currency", "USD", Support.NOT),
        ("summary", "The tenant pays rent every month", Support.SUPPORTED),
        ("summary", "Pets are not allowed. The tenant pays rent every month.", Support.SUPPORTED),
        ("summary", "Pets are allowed in the building", Support.NOT),
        ("summary", "The landlord sold the house to a bank", Support.NOT),
    ],
)
def test_words_stand_on_sentences(field: str, value: object, support: Support):
    proof = proofs(held(Terms, {field: value}, CONTRACT))[field]
    assert proof.support is support
    assert (proof.citation is not None) is (support is not Support.NOT)


@pytest.mark.parametrize(
    ("text", "value"),
    [("Auto renewal: No", False), ("Auto renewal: Yes", True), ("| Auto renewal | No |\n|---|---|", False)],
)
def test_yes_and_no_stand_behind_their_label(text: str, value: bool):
    assert proofs(held(Terms, {"auto_renewal": value}, text))["auto_renewal"].support is Support.SUPPORTED
    assert proofs(held(Terms, {"auto_renewal": not value}, text))["auto_renewal"].support is Support.NOT


def test_a_choice_in_other_words_is_partly_supported():
    text = "Status of the agreement: still running."
    assert proofs(held(Terms, {"status": "active"}, text))["status"].support is Support.PARTLY


def test_drugs_keep_their_own_symptoms():
    schema = SchemaShelf().find("drug_list")
    said = [
        {"성분명": "이부프로펜", "증상": ["두통", "발열"], "주의사항": ["공복에 복용하지 않는다"]},
        {"성분명": "아세트아미노펜", "증상": ["두통", "발열"], "주의사항": ["술과 함께 복용하지 않는다"]},
    ]
    found = passages(hits(chunk(LEAVE), chunk(DRUGS, "약.md", page=2)))
    grounded = ground({"약": said}, schema.fields, found)
    assert [one.path for one in grounded.evidence if one.value is None] == ["약.1.증상.0"]
    assert grounded.data["약"][1]["증상"] == [None, "발열"]
    assert [(one.source, one.page) for one in grounded.citations] == [("약.md", 2)] * 2


# -- what is left ------------------------------------------------------------------------------------------


class Inner(BaseModel):
    a: str
    b: int = 7


class Outer(BaseModel):
    must: str
    may: str | None = None
    inner: Inner | None = None
    needed: Inner
    many: list[Inner] = []
    texts: list[str] = []


FULL: dict[str, Any] = {
    "must": "m", "may": "y", "inner": {"a": "i", "b": 1}, "needed": {"a": "n", "b": 2},
    "many": [{"a": "x", "b": 3}, {"a": "z", "b": 4}], "texts": ["t", "u"],
}  # fmt: skip

LEFT: list[tuple[dict[str, Any], dict[str, Any] | None]] = [
    ({}, {}),
    ({"may": None}, {"may": None}),
    ({"texts": ["t", None]}, {"texts": ["t"]}),
    ({"many": [{"a": None, "b": 3}, {"a": "z", "b": 4}]}, {"many": [{"a": "z", "b": 4}]}),
    ({"many": [{"a": "x", "b": None}]}, {"many": [{"a": "x", "b": 7}]}),
    ({"inner": {"a": None, "b": 1}}, {"inner": None}),
    ({"inner": {"a": "i", "b": None}}, {"inner": {"a": "i", "b": 7}}),
    ({"needed": {"a": None, "b": 2}}, None),
    ({"must": None}, None),
]


@pytest.mark.parametrize(("changes", "left"), LEFT)
def test_what_is_left_without_the_nulls(changes: dict[str, Any], left: dict[str, Any] | None):
    expected = None if left is None else Outer.model_validate(FULL | left)
    assert valid(FULL | changes, Outer) == expected


def test_an_object_in_words_names_its_sources_and_has_no_false_marks():
    text = as_text({"a": "see [3]", "b": [{"c": 5}]}, {"a": 1, "b.0.c": 2})
    assert text == "- **a**: see (3) [1]\n- **b**:\n  -\n    - **c**: 5 [2]"


PIECES = ["plain", "합계：１，２３４원 cafe\u0301", "①첫째 ㈜하나 ﬁn", "한글", "a\u200bb", ""]


@pytest.mark.parametrize("text", PIECES)
def test_each_folded_sign_is_at_its_place(text: str):
    folded = Folded(text, 10)
    for start in range(len(folded.text)):
        first, last = folded.span(start, start + 1)
        assert 10 <= first < last <= 10 + len(text)
    assert folded.said(0, len(folded.text)) in text


def test_a_long_list_takes_no_long_time():
    rows = "\n".join(f"| Item-{n} | {n} | {n * 10:,} |" for n in range(300))
    items = [{"item": f"Item-{n}", "qty": n, "amount": n * 10} for n in range(300)]
    grounded = held(Invoice, {"items": items}, f"| item | qty | amount |\n|---|---|---|\n{rows}")
    assert len(kept(grounded)) == 900
