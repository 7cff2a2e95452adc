"""The page of tables: empty, with a table that is made, its cells, edits, conflicts and deletion."""

from __future__ import annotations

import threading

import pytest
from page_driver import Visit, act, html, post, until
from support.desk import Desk

from app.runtime import Runtime
from app.schemas import FieldEvidence, Reason, Support
from app.tables import Document, Edit, Progress, Row
from app.tables.columns import columns
from app.tables.lock import filling
from app.ui.tables import state_html
from app.ui.tables.cell_html import cell_html
from app.ui.tables.running import Extractions
from app.ui.texts import Texts

NAME = "invoice@default"
INVOICES = {
    "a.md": "# Invoice\n\nInvoice number: A-1\nInvoice date: 2024-03-02\nSeller: <b>Han</b>\n"
    "Total: USD 275.00\n",
    "c.md": "# Invoice, corrected\n\nInvoice number: A-1\nInvoice date: 2024-03-02\nTotal: USD 300.00\n",
    "라.md": "# 세금계산서\n\n승인번호: 2024-77\n작성일자: 2024년 5월 3일\n합계금액: 33,000원\n",
}
ITEMS = """
| Description | Quantity | Unit price | Amount |
|---|---|---|---|
| Paper | 5 | 15.00 | 75.00 |
| Ink | 2 | 100.00 | 200.00 |
"""
EN, KO = Texts("en"), Texts("ko")


@pytest.fixture
def made(desk: Desk, real: Runtime) -> str:
    desk.write(INVOICES)
    return real.extraction("invoice").run().table


def cell_of(real: Runtime, source: str, path: str) -> str:
    with real.tables.open(NAME) as table:
        row = next(row for row in table.rows() if row.document.source == source)
    return f"{NAME}/{row.id}/{path}"


def test_from_no_documents_to_a_table(visit_tables: Visit, desk: Desk):
    page = visit_tables()
    assert "There are no documents yet." in html(page) and "No table was made yet." in html(page)
    desk.write(INVOICES)
    page.run()
    assert "3 documents to read" in html(page) and "free of charge" in html(page)
    page.button(key="tables-start").click().run()
    shown = until(page, "Done · 3 read")
    assert "A-1" in shown and "275" in shown and "33,000 KRW" in shown
    assert "&lt;b&gt;Han&lt;/b&gt;" in shown and "<b>Han" not in shown
    assert "Documents disagree in one value" in shown
    act(page, "table-seen", NAME)
    assert "Done · 3 read" not in html(page)
    assert not page.exception


def test_cells_open_and_what_is_not_there_is_told(visit_tables: Visit, made: str, real: Runtime):
    page = act(visit_tables(), "table-open", NAME)
    act(page, "table-cell", cell_of(real, "a.md", "total"))
    shown = html(page)
    assert "<mark>" in shown and "/table/" in shown and "What other documents say" in shown
    assert [one.value for one in page.text_input if str(one.key).startswith("value-")] == ["275"]
    act(page, "table-cell", cell_of(real, "a.md", "line_items"))
    assert not [one for one in page.text_input if str(one.key).startswith("value-")]
    for forged in ("/", "x/y", f"{NAME}/999999/total", f"{NAME}/1/nothing", "../etc/1/total"):
        act(page, "table-cell", forged)
        assert 'role="alert"' in html(page) and "Traceback" not in html(page)
    with filling(real.tables.path(NAME)):
        page.run()
        assert "Another process is filling this table." in html(page) and "A-1" in html(page)
    real.tables.delete(NAME)
    page.run()
    assert "not there" in html(page) and not page.exception


def test_an_entry_of_a_list_is_chosen_and_written_anew(visit_tables: Visit, desk: Desk, real: Runtime):
    desk.write({"a.md": INVOICES["a.md"] + ITEMS})
    real.extraction("invoice").run()
    page = act(visit_tables(), "table-open", NAME)
    cell = cell_of(real, "a.md", "line_items")
    save, undo = f"save-{cell}.1.description", f"undo-{cell}.1.description"

    def opened(button: str = "", **given: str) -> str:
        """The dialog at the second entry, with this written into it and that button clicked."""
        act(page, "table-cell", cell)
        page.selectbox(key=f"entry-{cell}").set_value(1)
        act(page, "table-cell", cell)
        for field, text in given.items():
            page.text_input(key=f"value-{cell}.1.{field}").set_value(text)
        if button:
            page.button(key=button).click()
            post(page, "table-cell", cell)
        assert not page.exception
        return html(page)

    opened()
    assert page.selectbox(key=f"entry-{cell}").options == ["1. Paper", "2. Ink"]
    assert "&#x27;many&#x27; is no" in opened(save, quantity="many")
    opened(save, quantity="3")
    with real.tables.open(NAME) as table:
        [row] = table.rows()
        assert [one["quantity"] for one in row.data["line_items"]] == [5, 3]
        assert list(row.edits) == ["line_items.1.quantity"]
    page.run()
    assert "2 entries, edited by hand" in html(page)
    assert "<b>Quantity:</b> Edited by hand. The document says “2”." in opened()
    opened(undo)
    with real.tables.open(NAME) as table:
        assert not table.row(row.id).edits


def test_runs_go_on_are_stopped_and_keep_their_errors(desk: Desk, real: Runtime):
    desk.write({f"{n}.md": INVOICES["a.md"] for n in range(5)})
    running, held = Extractions(), threading.Event()
    extraction = real.extraction("invoice")
    filler = extraction.source.filler

    class Slow:
        def fill(self, chunks: list[object]) -> object:
            held.wait(10)
            return filler.fill(chunks)  # type: ignore[arg-type]

    slow = _with(extraction, Slow())
    run = running.start(slow)
    assert running.start(slow) is run and run.running
    running.stop(NAME)
    held.set()
    assert run.ended.wait(20)
    assert run.report is not None and run.report.stopped and run.report.left > 0
    running.forget(NAME)
    assert running.run_of(NAME) is None
    assert running.start(extraction).ended.wait(20)
    report = running.run_of(NAME)
    assert report is not None and report.report is not None and report.report.rows == 5


def _with(extraction: object, filler: object) -> object:
    from dataclasses import replace

    source = replace(extraction.source, filler=filler)  # type: ignore[attr-defined]
    return replace(extraction, source=source)  # type: ignore[type-var]


def row_with(data: dict[str, object], *evidence: FieldEvidence, **edits: Edit) -> Row:
    document = Document("d", "a.md", None, "a", 0, "s", "b")
    return Row(7, document, 0, data, {one.path: one for one in evidence}, {}, edits)


@pytest.mark.parametrize(
    ("row", "disputed", "wanted"),
    [
        (row_with({"total": 5}, FieldEvidence(path="total", value=5, support=Support.SUPPORTED)), (), []),
        (row_with({"total": 5}, FieldEvidence(path="total", value=5)), (), ["unsupported"]),
        (row_with({"total": 5}, FieldEvidence(path="total", value=5, support=Support.PARTLY)), (), ["doubt"]),
        (row_with({"total": 6}, total=Edit(6, 5, "")), (), ["edited"]),
        (
            row_with({"total": 6}, total=Edit(6, 5, "", 7, True)),
            {(7, "total")},
            ["edited", "changed", "conflict"],
        ),
    ],
)
def test_what_should_be_known_of_a_value_is_marked_and_said(
    row: Row, disputed: set[tuple[int, str]], wanted: list[str], real: Runtime
):
    column = next(one for one in columns(real.schemas.find("invoice").fields) if one.path == "total")
    shown = cell_html(NAME, row, column, disputed, EN)
    for mark in ("edited", "changed", "conflict", "doubt", "unsupported"):
        assert (f"d-is-{mark}" in shown) == (mark in wanted)
        assert (EN(f"tables.mark_{mark}") in shown) == (mark in wanted)


def test_an_empty_cell_says_why(real: Runtime):
    column = next(one for one in columns(real.schemas.find("invoice").fields) if one.path == "total")
    row = row_with({"total": None}, FieldEvidence(path="total", reasons=(Reason(code="not_found"),)))
    assert "문서 어디에도 이 값이 없습니다." in cell_html(NAME, row, column, (), KO)


def test_progress_names_how_far_it_is_and_how_long_it_takes():
    shown = state_html.running_html(Progress(30, 120, 2, 31, 60.0), False, EN)
    assert "30 of 120 documents" in shown and "2 failed" in shown and "about 3 min left" in shown
    assert 'aria-valuenow="25"' in shown
    assert "진행 중인 문서를 마치고 멈춥니다" in state_html.running_html(None, True, KO)
    assert f'data-act="table-stop" data-value="{NAME}"' in state_html.stop_html(NAME, KO)
