"""The page of schemas: finding, building, copying, importing, versions, and choosing one in the chat."""

from __future__ import annotations

from pathlib import Path

import pytest
from page_driver import Visit, act, html, post
from runtime_double import RuntimeDouble
from streamlit.testing.v1 import AppTest

from app.answers.schemas.checking import check_text
from app.config import Settings
from app.ui.texts import Texts
from app.ui.typed import cards

NASTY = "<script>alert(1)</script>"


@pytest.fixture
def page(runtime: RuntimeDouble, visit: Visit) -> AppTest:
    return visit().button(key="schemas").click().run()


def widget(page: AppTest, kind: str, key: str):
    """The widget of the draft or the field that is open now."""
    return next(one for one in reversed(page.get(kind)) if (one.key or "").startswith(key))


def names(page: AppTest) -> list[str]:
    """Of the fields in the list, in its order."""
    tree = html(page).split('class="d-tree"')[1].split("</nav>")[0]
    rows = tree.split('class="d-open-field"')[1:]
    return [row.split("</span><span>")[1].split("</span>")[0] for row in rows]


def ids(page: AppTest) -> list[str]:
    tree = html(page).split('class="d-tree"')[1].split("</nav>")[0]
    return [row.split('data-value="')[1].split('"')[0] for row in tree.split('class="d-open-field"')[1:]]


def test_all_schemas_are_shown_and_searched_by_title_and_field(page: AppTest):
    shown = html(page)
    for title in ("Invoice", "Drug label", "Timeline of events", "Answer with confidence", "Contract terms"):
        assert title in shown
    shown = html(page.text_input(key="schemas-search").set_value("사업자등록번호").run())
    assert "No schema matches" in shown
    shown = html(page.text_input(key="schemas-search").set_value("공급자 등록번호").run())
    assert "Invoice" in shown and "Timeline" not in shown
    assert "&lt;zebra&gt;" in html(page.text_input(key="schemas-search").set_value("<zebra>").run())
    assert not page.exception


def test_a_schema_is_built_field_by_field_and_kept(page: AppTest, runtime: RuntimeDouble):
    page.button(key="schemas-new").click().run()
    assert "2 things are to be mended" in html(page) and page.button(key="schema-save").disabled
    widget(page, "text_input", "schema-name-").set_value("invoice")
    widget(page, "text_input", "field-name-").set_value("사업자 번호")
    widget(page, "text_input", "field-pattern-").set_value("(?=x)").run()
    shown = html(page)
    assert "There is another schema “invoice”" in shown and "look-around" in shown
    widget(page, "text_input", "schema-name-").set_value("계약 요약")
    widget(page, "text_input", "field-pattern-").set_value(r"^\d{3}-\d{2}-\d{5}$").run()
    assert "Nothing is wrong with it." in html(page) and '"pattern": "^\\\\d{3}' in html(page).replace(
        "&quot;", '"'
    )
    act(page, "field-add")
    widget(page, "text_input", "field-name-").set_value("품목")
    act(page, "field-open", ids(page)[0])  # what was typed just before is not lost
    assert names(page) == ["사업자 번호", "품목"]
    assert widget(page, "text_input", "field-name-").value == "사업자 번호"
    act(page, "field-open", ids(page)[1])
    widget(page, "selectbox", "field-type-").set_value("object").run()
    assert "An object needs fields of its own" in html(page)
    act(page, "field-add", ids(page)[1])
    widget(page, "text_input", "field-name-").set_value("단가")
    widget(page, "selectbox", "field-type-").set_value("money").run()
    widget(page, "text_input", "field-unit-").set_value("KRW")
    widget(page, "checkbox", "field-required-").check().run()
    assert names(page) == ["사업자 번호", "품목", "단가"]
    act(page, "field-up", ids(page)[1])
    assert names(page) == ["품목", "단가", "사업자 번호"]
    page.button(key="schema-save").click().run()
    schema = runtime.schemas.find("계약 요약")
    assert [(one.name, one.kind) for one in schema.fields] == [("품목", "object"), ("사업자 번호", "text")]
    price = schema.fields[0].fields[0]
    assert (price.kind, price.unit, price.required) == ("money", "KRW", True)
    act(page, "field-remove", ids(page)[2])
    assert names(page) == ["품목", "단가"]
    page.button(key="schema-save").click().run()
    assert [one.version for one in runtime.history.schemas.versions("계약 요약")] == [2, 1]
    page.button(key="schema-bring-back").click().run()
    assert names(page) == ["품목", "단가", "사업자 번호"] and runtime.schemas.find("계약 요약").version == 3
    assert not page.exception


def test_a_shipped_schema_is_copied_with_all_it_says(page: AppTest, runtime: RuntimeDouble):
    act(page, "schema-open", "invoice")
    assert "<p>Last day for the payment.</p>" in html(page)
    act(page, "schema-edit", "invoice")
    assert widget(page, "text_input", "schema-name-").value == "invoice_2"
    assert "Nothing is wrong with it." in html(page)
    page.button(key="schema-save").click().run()
    copied, first = runtime.schemas.find("invoice_2"), runtime.schemas.find("invoice")
    assert copied.fields == first.fields and copied.title("en") == "Invoice (mine)"
    page.query_params["lang"] = "ko"
    page.run()
    assert widget(page, "text_area", "field-description-").value == "적혀 있는 그대로의 문서 번호."
    widget(page, "text_area", "field-description-").set_value("문서 번호.").run()
    page.button(key="schema-save").click().run()
    number = runtime.schemas.find("invoice_2").fields[0]
    assert number.description == "Number of the invoice, as it is written. / 문서 번호."


NO_SCHEMA = [
    (b"[", "Line 1"),
    (b"\xff\xfe", "cannot be read"),
    (b'{"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}', "leads to itself"),
    (b"a: b\nc: *x", "refers to another part"),
]


def test_a_file_is_imported_as_a_draft_whose_problems_are_shown(page: AppTest):
    for text, said in NO_SCHEMA:
        page.file_uploader[0].upload("x.yaml", text, "application/yaml").run()
        assert "d-error" in html(page) and said in html(page), text
        assert "d-tree" not in html(page) and not page.exception
    odd = b"title: 7\nfields: [{name: 7, type: {}, choices: 1, labels: {}, minimum: x, list: 2}, 4]"
    page.file_uploader[0].upload("odd.yaml", odd, "application/yaml").run()
    assert names(page) == ["7"] and not page.exception
    page.button(key="schema-close").click().run()
    properties = '{"id": {"type": "string", "pattern": "("}, "n": {"type": "integer"}}'
    text = f'{{"title": "Order", "type": "object", "properties": {properties}}}'
    page.file_uploader[0].upload("our order.json", text.encode(), "application/json").run()
    assert widget(page, "text_input", "schema-name-").value == "our order"
    assert names(page) == ["id", "n"] and "unclosed group" in html(page)


def test_a_deleted_one_is_brought_back_and_one_that_is_broken_told_of(
    runtime: RuntimeDouble, visit: Visit, tmp_path: Path
):
    folder = tmp_path / "schemas"
    folder.mkdir()
    (folder / "broken.yaml").write_text(f"fields: {{a: '{NASTY}'}}\n", encoding="utf-8")
    runtime.settings = Settings.model_validate({**runtime.settings.model_dump(), "schema_dir": folder})
    definition, _ = check_text("fields: {a: str}", "mine")
    assert definition is not None
    runtime.schemas.save(definition)
    page = visit(lang="ko").button(key="schemas").click().run()
    assert "쓸 수 없는 스키마 1개" in html(page) and NASTY not in html(page)
    act(page, "schema-open", "mine")
    act(page, "schema-delete", "mine")
    assert "“mine” 스키마를 모든 버전과 함께 삭제했습니다." in html(page)
    act(page, "schema-restore", "mine")
    assert runtime.schemas.find("mine").version == 1
    post(page, "schema-delete", "invoice")
    assert runtime.schemas.find("invoice") and "d-error" in html(page)


def test_a_schema_is_used_in_the_chat(page: AppTest, runtime: RuntimeDouble):
    act(page, "schema-use", "invoice")
    assert widget(page, "selectbox", "form-").value == "invoice"
    assert "Contract terms" in widget(page, "selectbox", "form-").options
    page.chat_input(key="question").set_value("What does it say?").run()
    assert runtime.asked[-1].form == "invoice"


def test_cards_and_details_escape_what_people_wrote():
    field = f"{{choices: ['{NASTY}'], unit: '{NASTY}'}}"
    text = f"title: '{NASTY}'\ndescription: '{NASTY}'\nfields: {{'{NASTY}': {field}}}"
    definition, problems = check_text(text, "mine")
    assert definition is not None, problems
    from app.answers.schemas import Schema

    schema = Schema.of(definition, "own", version=2)
    shown = cards.section_html("own", [schema], Texts("en")) + cards.details_html(schema, Texts("ko"))
    assert "<script>" not in shown and shown.count("&lt;script&gt;") >= 6
