"""What readers make of sheets: tables, their rows' numbers and headers, and cells as people see them."""

from __future__ import annotations

import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
from office_files import write_odf, write_xls
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment

from app.errors import DocumentError
from ingest.chunking import chunk
from ingest.loaders import Block, SourceDocument, read
from ingest.loaders.cells import shown

Rows = list[list[object]]


def only(path: Path) -> SourceDocument:
    (document,) = read(path)
    return document


def blocks(path: Path) -> list[tuple[str, int | None, str]]:
    return [(block.kind, block.line, block.text) for block in only(path).blocks]


def write_xlsx(path: Path, rows: Rows, merged: str = "") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "인원"
    for row in rows:
        sheet.append(row)
    if merged:
        sheet.merge_cells(merged)
    book.save(path)
    return path


# -- cells -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (0.15, "0%", "15%"),
        (0.1234, "0.00%", "12.34%"),
        (1234567.5, '"₩"#,##0', "₩1,234,568"),
        (5, "[$₩-412]#,##0", "₩5"),
        (-5, "#,##0;[Red](#,##0)", "(5)"),
        (-1234.5, "#,##0.0", "-1,234.5"),
        (1500000, '#,##0,"천"', "1,500천"),
        (7, "000", "007"),
        (3.5, "#,##0.##", "3.5"),
        (3, "0.##", "3"),
        (2.5, "0", "3"),
        (1.5, "# ?/?", "1.5"),
        (0.1 + 0.2, "General", "0.3"),
        (12.0, "General", "12"),
        (True, "General", "TRUE"),
        (None, "General", ""),
        (" text ", "@", "text"),
        (date(2026, 3, 1), "yyyy", "2026-03-01"),
        (datetime(2026, 3, 1), 'yyyy"년" m"월"', "2026-03-01"),
        (datetime(2026, 3, 1, 14, 30), "yyyy-mm-dd hh:mm", "2026-03-01 14:30"),
        (datetime(2026, 3, 1, 14, 30), "yyyy-mm-dd", "2026-03-01"),
        (time(9, 5), "h:mm", "09:05"),
        (timedelta(hours=30, minutes=5), "[h]:mm", "30:05"),
        (float("nan"), "0", "nan"),
    ],
)
def test_cells_are_as_people_see_them(value: object, number_format: str, text: str) -> None:
    assert shown(value, number_format) == text


# -- tables ------------------------------------------------------------------------------------------


def test_a_sheet_is_a_heading_and_a_table_that_knows_its_rows(tmp_path: Path) -> None:
    rows: Rows = [
        [],
        ["2026년 현황"],
        [],
        ["이름", "입사일"],
        ["김철수", date(2026, 3, 1)],
        ["이영희", date(2025, 1, 2)],
    ]
    assert blocks(write_xlsx(tmp_path / "a.xlsx", rows)) == [
        ("heading", None, "인원"),
        ("text", 2, "2026년 현황"),
        ("table", 5, "| 이름 | 입사일 |\n| --- | --- |\n| 김철수 | 2026-03-01 |\n| 이영희 | 2025-01-02 |"),
    ]


def test_a_table_goes_on_after_an_empty_row_with_its_header(tmp_path: Path) -> None:
    rows: Rows = [["품목", "수량"], ["연필", 3], [], ["자", 5]]
    assert blocks(write_xlsx(tmp_path / "a.xlsx", rows))[1:] == [
        ("table", 2, "| 품목 | 수량 |\n| --- | --- |\n| 연필 | 3 |"),
        ("table", 4, "| 품목 | 수량 |\n| --- | --- |\n| 자 | 5 |"),
    ]


@pytest.mark.parametrize("between", [[["절차"], []], [[], []]])
def test_a_table_that_is_another_does_not_borrow_a_header(tmp_path: Path, between: Rows) -> None:
    rows: Rows = [["품목", "수량"], ["연필", 3], [], *between, [1.1, "전압"], [1.2, "전류"]]
    last = blocks(write_xlsx(tmp_path / "a.xlsx", rows))[-1]
    assert last == ("table", 6, "|  |  |\n| --- | --- |\n| 1.1 | 전압 |\n| 1.2 | 전류 |")


def test_tables_side_by_side_are_parted(tmp_path: Path) -> None:
    rows: Rows = [["a", "b", None, "c", "d"], [1, 2, None, 3, 4], [None, None, None, 5, 6]]
    assert blocks(write_xlsx(tmp_path / "a.xlsx", rows))[1:] == [
        ("table", 2, "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        ("table", 2, "| c | d |\n| --- | --- |\n| 3 | 4 |\n| 5 | 6 |"),
    ]


def test_a_label_and_its_value_stay_together_across_an_empty_column(tmp_path: Path) -> None:
    assert "| 전압 | 130 kV |" in blocks(write_xlsx(tmp_path / "a.xlsx", [["전압", None, "130 kV"]]))[1][2]


def test_merged_cells_speak_for_each_row_and_column(tmp_path: Path) -> None:
    rows: Rows = [["부서", "인원", None], [None, "남", "여"], ["인사", 1, 2], [None, 3, 4]]
    book = openpyxl.load_workbook(write_xlsx(tmp_path / "a.xlsx", rows))
    for area in ("A1:A2", "B1:C1", "A3:A4"):
        book.active.merge_cells(area)
    book.save(tmp_path / "a.xlsx")
    assert blocks(tmp_path / "a.xlsx")[1] == (
        "table",
        3,
        "| 부서 | 인원 남 | 인원 여 |\n| --- | --- | --- |\n| 인사 | 1 | 2 |\n| 인사 | 3 | 4 |",
    )


def test_a_merge_over_all_columns_that_there_are_costs_nothing(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [["제목"], ["a", "b"], [1, 2]], merged="A1:XFD1")
    assert blocks(path)[1:] == [
        ("text", 1, "제목"),
        ("table", 3, "| a | b |\n| --- | --- |\n| 1 | 2 |"),
    ]


def test_rows_of_a_table_with_long_names_carry_them(tmp_path: Path) -> None:
    names = [f"아주 긴 열의 이름 {number}" for number in range(9)]
    rows: Rows = [list(names), list(range(9)), [None, *range(1, 9)]]
    kind, line, text = blocks(write_xlsx(tmp_path / "a.xlsx", rows))[1]
    first, second = text.split("\n")
    assert (kind, line) == ("list", 2)
    assert first.startswith("아주 긴 열의 이름 0: 0; 아주 긴 열의 이름 1: 1; ")
    assert second.startswith("아주 긴 열의 이름 1: 1; ")


class Words:
    """A counter of tokens for which each word is one."""

    max_tokens = 1000

    def count_tokens(self, texts: list[str]) -> list[int]:
        return [len(text.split()) + 2 for text in texts]


def test_each_chunk_of_a_long_table_has_its_header(tmp_path: Path) -> None:
    rows: Rows = [["품목", "수량"], *([f"물건{number}", number] for number in range(2, 200))]
    passages = chunk(only(write_xlsx(tmp_path / "a.xlsx", rows)), Words(), 60)
    assert len(passages) > 10
    assert all(passage.text.startswith("| 품목 | 수량 |") for passage in passages)


def test_a_million_claimed_rows_cost_nothing(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["B1"] = "이름", "값"
    book.active["A1048576"], book.active["XFD1048576"] = "끝", 1
    book.save(tmp_path / "a.xlsx")
    assert [block.line for block in only(tmp_path / "a.xlsx").blocks] == [None, 1, 1048576]


# -- XLSX --------------------------------------------------------------------------------------------


def test_hidden_sheets_are_left_out_and_notes_are_kept(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "보임"
    book.active["A1"].comment = Comment("확인 바람", "김 부장")
    secret = book.create_sheet("급여")
    secret["A1"], secret.sheet_state = "비밀", "hidden"
    book.properties.creator, book.properties.keywords = "김철수; 이영희", "인사, 급여"
    book.properties.title, book.properties.created = "인원 현황", datetime(2026, 3, 1)
    book.save(tmp_path / "a.xlsx")
    document = only(tmp_path / "a.xlsx")
    assert [block.text for block in document.blocks] == ["Sheet", "보임", "A1 김 부장: 확인 바람"]
    assert document.title == "인원 현황"
    assert document.metadata["author"] == ("김철수", "이영희")
    assert document.metadata["tags"] == ("인사", "급여")
    assert document.metadata["created"] == ("2026-03-01",)


def test_the_title_of_a_chart_is_read(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [["분기", "매출"], ["1분기", 10], ["2분기", 12]])
    book = openpyxl.load_workbook(path)
    chart = BarChart()
    chart.title = "2026 매출"
    chart.add_data(Reference(book.active, min_col=2, min_row=1, max_row=3), titles_from_data=True)
    book.active.add_chart(chart, "D1")
    book.save(path)
    assert [text for _, _, text in blocks(path)][2:] == ["2026 매출"]


def test_a_large_book_is_streamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [[], ["a", "b"], [1, 0.5]])
    whole = blocks(path)
    monkeypatch.setattr("ingest.loaders.xlsx._STREAM_BYTES", 0)
    assert (
        blocks(path)
        == whole
        == [("heading", None, "인원"), ("table", 3, "| a | b |\n| --- | --- |\n| 1 | 0.5 |")]
    )


def test_an_empty_book_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"a\.xlsx holds no text"):
        list(read(write_xlsx(tmp_path / "a.xlsx", [])))


# -- XLS and ODS -------------------------------------------------------------------------------------


def test_xls_has_sheets_formats_and_merges(tmp_path: Path) -> None:
    rows: list[list[str | float]] = [["부서", "예산"], ["인사", 1234.5], ["", 7.0]]
    path = write_xls(tmp_path / "a.xls", {"예산": (False, rows), "숨김": (True, [["비밀"]])}, merge="1 2 0 0")
    assert blocks(path) == [
        ("heading", None, "예산"),
        ("table", 2, "| 부서 | 예산 |\n| --- | --- |\n| 인사 | 1,234.50 |\n| 인사 | 7.00 |"),
    ]


def test_other_files_named_xls_are_read_as_what_they_are(tmp_path: Path) -> None:
    rows: Rows = [["a", "b"], [1, 2]]
    table = "| a | b |\n| --- | --- |\n| 1 | 2 |"
    book = write_xlsx(tmp_path / "book.xlsx", rows).rename(tmp_path / "book.xls")
    assert blocks(book)[1][2] == table
    (tmp_path / "text.xls").write_text("a\tb\n1\t2\n")
    assert blocks(tmp_path / "text.xls")[0][2] == table
    cells = "<tr><th>이름</th><th>값</th></tr><tr><td>가</td><td>1</td></tr>"
    page = f"<html><body><table>{cells}</table></body></html>"
    (tmp_path / "page.xls").write_text(page, encoding="utf-8")
    assert "| 가 | 1 |" in blocks(tmp_path / "page.xls")[-1][2]


def test_a_broken_xls_names_the_cure(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(DocumentError, match=r"a\.xls .*save it as \.xlsx|a\.xls cannot be read"):
        list(read(tmp_path / "a.xls"))


def ods_row(*cells: str) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def ods_cell(text: str, attributes: str = "") -> str:
    return f"<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>"


def test_ods_knows_rows_dates_merges_and_hidden_sheets(tmp_path: Path) -> None:
    day = 'office:value-type="date" office:date-value="2026-03-01T00:00:00"'
    rows = [
        '<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>',
        ods_row(ods_cell("이름"), ods_cell("날짜")),
        ods_row(ods_cell("김", 'table:number-rows-spanned="2"'), ods_cell("3/1/26", day)),
        ods_row("<table:covered-table-cell/>", ods_cell("3/2/26")),
        '<table:table-row table:number-rows-repeated="1048000">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>',
    ]
    body = f'<table:table table:name="휴가">{"".join(rows)}</table:table>'
    hidden = (
        f'<table:table table:name="숨김" table:style-name="off">{ods_row(ods_cell("비밀"))}</table:table>'
    )
    style = '<style:style style:name="off"><style:table-properties table:display="false"/></style:style>'
    assert blocks(write_odf(tmp_path / "a.ods", "spreadsheet", body + hidden, style)) == [
        ("heading", None, "휴가"),
        ("table", 5, "| 이름 | 날짜 |\n| --- | --- |\n| 김 | 2026-03-01 |\n| 김 | 3/2/26 |"),
    ]


def test_repeated_text_does_not_fill_the_memory(tmp_path: Path) -> None:
    row = '<table:table-row table:number-rows-repeated="99999999">{}</table:table-row>'
    body = f'<table:table table:name="s">{row.format(ods_cell("x"))}</table:table>'
    assert (
        sum(len(block.text) for block in only(write_odf(tmp_path / "a.ods", "spreadsheet", body)).blocks)
        < 10_000
    )


# -- CSV ---------------------------------------------------------------------------------------------


def test_csv_rows_are_counted_as_in_a_spreadsheet(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('이름,비고\n김,"두\n줄"\n\n이,\n', encoding="utf-8")
    assert only(tmp_path / "a.csv").blocks == [
        Block("| 이름 | 비고 |\n| --- | --- |\n| 김 | 두 줄 |", "table", line=2),
        Block("| 이름 | 비고 |\n| --- | --- |\n| 이 |  |", "table", line=4),
    ]


def test_japanese_and_western_bytes_are_not_taken_for_korean(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("名前,住所\n佐藤太郎,東京\n".encode("cp932"))
    assert "| 佐藤太郎 | 東京 |" in blocks(path)[0][2]
    path.write_bytes("note,day\ndon’t,it’s\n".encode("cp1252"))
    assert "| don’t | it’s |" in blocks(path)[0][2]


def test_reading_a_sheet_loads_no_pandas(tmp_path: Path) -> None:
    loaded = set(sys.modules)
    only(write_xlsx(tmp_path / "a.xlsx", [["a"]]))
    assert "pandas" not in set(sys.modules) - loaded
