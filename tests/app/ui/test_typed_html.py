"""Typed answers on a page: values with their places, null with its reason, and nothing that does harm."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from runtime_double import RuntimeDouble, answer, citation

from app.schemas import Answer, FieldEvidence, Reason, Support
from app.ui import turns
from app.ui.texts import Texts
from app.ui.typed.answer_html import partial_html

NASTY = '<img src=x onerror="alert(1)">'
EN, KO = Texts("en"), Texts("ko")

pytestmark = pytest.mark.usefixtures("runtime")


def found(path: str, value: Any, original: str = "", **more: Any) -> FieldEvidence:
    given = {"citation": citation(1, quote=original or str(value)), "support": Support.SUPPORTED}
    return FieldEvidence.model_validate({"path": path, "value": value, "original": original, **given, **more})


def missing(path: str, code: str, **values: str) -> FieldEvidence:
    return FieldEvidence(path=path, reasons=(Reason(code=code, values=values),))


def typed(data: dict[str, Any], *evidence: FieldEvidence, form: str = "invoice") -> Answer:
    return answer("?", "…", typed=data, evidence=evidence, form=form)


def cells(html: str) -> list[str]:
    """The text of each definition and each cell."""
    return [
        re.sub(r"<[^>]+>", "", one) for one in re.findall(r"<(?:dd|td)[^>]*>(.*?)</(?:dd|td)>", html, re.S)
    ]


def test_each_value_leads_to_its_own_place_and_shows_how_it_is_written():
    data = {"number": "A-1", "date": "2024-03-02", "total": 1100000, "vat": None}
    evidence = (
        found("number", "A-1", "A-1"),
        found("date", "2024-03-02", "2024년 3월 2일"),
        found("total", 1100000, "1,100,000원", unit="KRW"),
        missing("vat", "no_support", said="99"),
    )
    shown = turns.answer_html(typed(data, *evidence), "msg", KO)
    assert re.findall(r'href="source/msg/values/(\d)\?lang=ko"', shown) == ["1", "2", "3"]
    assert "1,100,000 KRW" in shown and "원문 “1,100,000원”" in shown and "원문 “2024년 3월 2일”" in shown
    assert "원문 “A-1”" not in shown
    assert "모델은 “99”" in shown
    assert "문서에서 찾은 값 4개 중 3개" in shown
    assert "<dt>합계 금액</dt>" in shown and "<dt>세액</dt>" in shown
    assert 'data-name="invoice.json"' in shown
    held = re.search(r'data-json="([^"]*)"', shown)
    assert held and json.loads(held[1].replace("&quot;", '"')) == data


def test_a_list_of_objects_is_a_table_whose_empty_cells_say_why():
    data = {"약": [{"성분명": "이부프로펜", "증상": ["두통", "발열"], "주의사항": []}]}
    evidence = (
        found("약.0.성분명", "이부프로펜"),
        found("약.0.증상.0", "두통"),
        found("약.0.증상.1", "발열"),
        missing("약.0.주의사항", "not_found"),
    )
    shown = turns.answer_html(typed(data, *evidence, form="drug_list"), "msg", EN)
    assert '<p class="d-absent"><b>Precautions</b> – None of the documents says this.</p>' in shown
    data["약"].append({"성분명": "아세트아미노펜", "증상": [], "주의사항": ["x"]})
    evidence += (missing("약.1.증상", "not_found"), found("약.1.주의사항.0", "x"))
    shown = turns.answer_html(typed(data, *evidence, form="drug_list"), "msg", EN)
    assert [one for one in re.findall(r'<th scope="col">(.*?)</th>', shown)] == [
        "Ingredient",
        "Symptoms",
        "Precautions",
    ]
    assert shown.count("/values/") == 4
    assert cells(shown)[2].strip() == cells(shown)[4].strip() == "– None of the documents says this."
    assert 'data-label="Symptoms"' in shown


def test_pairs_in_rows_are_a_table_with_a_column_for_each():
    rows = [
        {"aspect": "Price", "values": [{"subject": "A", "value": "10"}, {"subject": "B", "value": None}]},
        {"aspect": "Support", "values": [{"subject": "B", "value": "mail"}]},
    ]
    evidence = (found("rows.0.values.0.value", "10"), missing("rows.0.values.1.value", "not_found"))
    shown = turns.answer_html(
        typed({"subjects": ["A", "B"], "rows": rows}, *evidence, form="comparison"), "m", EN
    )
    assert re.findall(r'<th scope="col">(.*?)</th>', shown) == ["Aspect", "A", "B"]
    assert [one.strip() for one in cells(shown) if one.strip()][-4:-1] == [
        "– None of the documents says this.",
        "–",
        "mail",
    ]


def test_objects_with_many_fields_are_cards():
    data = {"line_items": [{"description": "x"}], "parties": [{chr(97 + i): i for i in range(8)}]}
    shown = turns.answer_html(typed(data, found("parties.0.a", 0), form="gone"), "m", EN)
    assert shown.count('class="d-cards"') == 1 and shown.count('class="d-records"') == 1


@pytest.mark.parametrize(("support", "sign"), [(Support.PARTLY, "≈"), (Support.NOT, "!")])
def test_a_value_that_is_not_carried_by_its_place_says_so(support: Support, sign: str):
    reasons = (Reason(code="ambiguous", values={"values": "<b>7</b>"}),)
    shown = turns.answer_html(
        typed({"total": 5}, found("total", 5, support=support, reasons=reasons)), "m", EN
    )
    assert f'aria-hidden="true">{sign}</span>' in shown
    assert "&lt;b&gt;7&lt;/b&gt;" in shown and "<b>7</b>" not in shown


def test_an_answer_in_words_keeps_its_marks_and_its_confidence():
    data = {"answer": "It is **15 days** [1].", "citations": [1], "confidence": 0.9}
    shown = turns.answer_html(typed(data, form="cited_answer"), "msg", EN)
    assert "<strong>15 days</strong>" in shown and 'href="source/msg/1?lang=en"' in shown
    assert "0.9" in shown and "Answer with confidence" in shown
    assert "values found" not in shown


@pytest.mark.parametrize("form", ["invoice", "gone", "gone@3", "", NASTY])
def test_nothing_of_a_model_or_a_document_becomes_html(form: str):
    data = {"number": NASTY, NASTY: {NASTY: [NASTY, {NASTY: NASTY}]}, "line_items": [{NASTY: NASTY}]}
    evidence = (
        found("number", NASTY, NASTY + "!", unit=NASTY, citation=citation(1, source=NASTY, quote=NASTY)),
        missing("total", NASTY, said=NASTY),
    )
    for of in (typed(data, *evidence, form=form), typed(data, form=form)):
        shown = turns.answer_html(of, "msg", EN)
        assert "<img" not in shown and 'onerror="' not in shown
    assert "<img" not in partial_html(data, form, EN)


def test_what_is_coming_shows_all_fields_and_what_is_there():
    shown = partial_html({"number": "A-1", "line_items": [{"description": "Bearing"}]}, "invoice", EN)
    assert "nothing is checked yet" in shown and "A-1" in shown and "Bearing" in shown
    assert shown.count("d-pending") == 11 + 3
    assert partial_html({}, "gone", EN).count("d-pending") == 0


def test_numbers_are_read_as_people_write_them():
    data = {"line_items": [{"quantity": 2024, "unit_price": 1234.5, "amount": 2024.0}]}
    evidence = [found(f"line_items.0.{name}", value) for name, value in data["line_items"][0].items()]
    shown = turns.answer_html(typed(data, *evidence, form="gone"), "m", EN)
    assert [one.removesuffix("1") for one in cells(shown) if "2" in one][:3] == ["2024", "1,234.5", "2,024"]


def test_a_deleted_schema_leaves_its_answers_readable(runtime: RuntimeDouble):
    shown = turns.answer_html(typed({"due_on": True}, found("due_on", True), form="mine"), "m", KO)
    assert "<dt>due on</dt>" in shown and cells(shown) == ["예1"]
