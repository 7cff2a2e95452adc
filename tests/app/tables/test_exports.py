"""Each format, read back by what people read it with."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field, create_model
from support.desk import TEXTS, Desk
from support.invoices import plan_of

from app.answers.filling import Filled
from app.answers.schemas.schema import Schema
from app.errors import StorageError, UsageError
from app.schemas import Chunk, FieldEvidence
from app.tables.exports import FORMATS, export, exported, format_of

NAME = "invoice@default"


def written(desk: Desk, format: str, name: str = NAME, language: Any = "en") -> bytes:
    with desk.tables.open(name) as table:
        return exported(table, format, language)


def test_csv_opens_in_excel_and_runs_nothing(filled: Desk):
    data = written(filled, "csv")
    assert data.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert list(lines[0]) == ["document", "no", "seller", "total", "total (unit)", "date", "items"]
    assert [line["document"] for line in lines] == sorted(TEXTS)
    assert lines[1]["seller"] == "'=Evil()" and lines[3]["seller"] == "가온정밀"
    assert (lines[1]["total"], lines[1]["total (unit)"], lines[3]["date"]) == ("77.5", "KRW", "")
    assert json.loads(lines[0]["items"])[1] == {"name": "ink", "price": 1000.0}


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t=", " =", "＝"])
def test_csv_guards_whatever_begins_a_formula(empty_desk: Desk, begins: str):
    class Note(BaseModel):
        text: str
        number: float

    class One:
        def fill(self, chunks: list[Chunk]) -> list[Filled]:
            return [Filled({"text": f"{begins}cmd|'/c calc'!A1", "number": -5.0}, ())]

    empty_desk.write({"a.md": "text"})
    empty_desk.filler = One()  # type: ignore[assignment]
    empty_desk.run(plan_of(Schema("note", Note)))
    (line,) = csv.DictReader(io.StringIO(written(empty_desk, "csv", "note@default").decode("utf-8-sig")))
    assert line["text"] == f"'{begins}cmd|'/c calc'!A1" and line["number"] == "-5.0"


def test_a_workbook_has_types_comments_lists_and_conflicts(filled: Desk, tmp_path: Path):
    from openpyxl import load_workbook

    with filled.tables.open(NAME) as table:
        (row,) = (row for row in table.rows() if row.document.source == "b.md")
        table.edit(row.id, "total", 80)
    path = tmp_path / "out.xlsx"
    path.write_bytes(written(filled, "xlsx", language="ko"))
    book = load_workbook(path)
    assert book.sheetnames == ["청구서", "items", "충돌"]
    sheet = book["청구서"]
    head = [cell.value for cell in sheet[1]]
    first, second = (dict(zip(head, sheet[n], strict=True)) for n in (2, 3))
    assert first["total"].value == 1200 and first["date"].value == datetime(2024, 3, 2)
    assert first["date"].number_format == "yyyy-mm-dd"
    assert first["total"].comment.text == "a.md\n“Total: 1200”"
    assert second["seller"].value == "=Evil()" and second["seller"].data_type == "s"
    assert second["total"].value == 80 and second["total"].comment.text.startswith("직접 수정함 (77.5)\n")
    assert sheet[5][head.index("date")].value is None
    assert sheet[5][head.index("date")].comment.text
    assert [[cell.value for cell in row] for row in book["items"]] == [
        ["row", "document", "name", "price", "price (unit)"],
        [1, "a.md", "pen", 200, None],
        [1, "a.md", "ink", 1000, None],
        [2, "b.md", "cup", 77.5, None],
    ]
    assert "ink = 1000" in book["items"]["D3"].comment.text
    assert [cell.value for cell in book["충돌"][2]][:3] == ["A-1", "total", 1200]


def test_parquet_has_types_and_evidence(filled: Desk, tmp_path: Path):
    from pyarrow import parquet

    path = tmp_path / "out.parquet"
    path.write_bytes(written(filled, "parquet"))
    read = parquet.read_table(path)
    kinds = {field.name: str(field.type) for field in read.schema}
    assert (kinds["total"], kinds["date"], kinds["no"]) == ("double", "date32[day]", "string")
    first = read.to_pylist()[0]
    assert first["date"] == date(2024, 3, 2) and first["items"][1] == {"name": "ink", "price": 1000.0}
    total = next(one for one in first["evidence"] if one["path"] == "total")
    assert (total["quote"], total["source"], total["unit"]) == ("Total: 1200", "a.md", "KRW")
    assert json.loads(total["value"]) == 1200.0 and total["support"] == "supported"


def test_json_lines_are_objects_with_evidence(filled: Desk):
    lines = [json.loads(line) for line in written(filled, "jsonl").decode().splitlines()]
    assert [line["document"] for line in lines] == sorted(TEXTS)
    assert lines[0]["data"]["seller"] == "Han & Co"
    evidence = [FieldEvidence.model_validate(one) for one in lines[0]["evidence"]]
    assert {one.path for one in evidence} >= {"no", "total", "items.1.price"}
    assert all(one.citation and one.citation.source == "a.md" for one in evidence)


def test_sqlite_can_be_asked(filled: Desk, tmp_path: Path):
    path = tmp_path / "out.sqlite"
    path.write_bytes(written(filled, "sqlite"))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT sum(total) FROM rows WHERE no = 'A-1'").fetchone() == (2450.0,)
        both = "rows r JOIN evidence e ON e.row = r.row"
        quote = f"SELECT e.quote FROM {both} WHERE e.path = 'total' AND r.no = 'A-2'"
        assert connection.execute(quote).fetchone() == ("Total: 77.5",)
        assert connection.execute('SELECT count(*) FROM "items"').fetchone() == (3,)


def hostile() -> dict[str, Any]:
    """Names and values that trouble files."""
    return {
        'say "hi"; DROP TABLE rows': "x",
        "Name": "\x00\x07\ud800" + "y" * 40_000,
        "name": "http://a.example/" + "z" * 3000,
        "row": 10**30,
        "document": "2024-13-45",
        "evidence": [1, None, 2],
        "a.b": float(10**16),
        "old": "0850-01-01",
        "many": [{"x": 1}, {"x": None}],
    }


@pytest.mark.parametrize("format", FORMATS)
def test_odd_names_and_values_break_no_format(empty_desk: Desk, tmp_path: Path, format: str):
    dated = Field(None, json_schema_extra={"format": "date"})
    inner = create_model("Inner", x=(int | None, None))
    fields: dict[str, Any] = {name: (str | None, None) for name in hostile()}
    fields |= {"row": (int | None, None), "a.b": (float | None, None), "many": (list[inner], [])}  # type: ignore[valid-type]
    fields |= {"old": (str | None, dated), "document": (str | None, dated), "evidence": (list[int], [])}
    model = create_model("Odd", **fields)

    class One:
        def fill(self, chunks: list[Chunk]) -> list[Filled]:
            return [Filled(hostile(), (FieldEvidence(path="Name", value="y"),)), Filled({}, ())]

    empty_desk.write({"=a\n.md": "text"})
    empty_desk.filler = One()  # type: ignore[assignment]
    schema = Schema("odd/name [x]", model, titles={"en": "a:b?[c]/'" + "t" * 50})
    name = empty_desk.run(plan_of(schema)).table
    path = tmp_path / f"out.{format}"
    path.write_bytes(written(empty_desk, format, name))
    assert read_back(path, format) == 2


def read_back(path: Path, format: str) -> int:
    """How many rows are in it."""
    from openpyxl import load_workbook
    from pyarrow import parquet

    if format == "sqlite":
        with closing(sqlite3.connect(path)) as connection:
            (count,) = connection.execute("SELECT count(*) FROM rows").fetchone()
            return int(count)
    if format == "parquet":
        return int(parquet.read_table(path).num_rows)
    if format == "xlsx":
        book = load_workbook(path)
        assert len(book.sheetnames) == 2
        return int(book.worksheets[0].max_row) - 1
    if format == "csv":
        return len(list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))) - 1
    return len(path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize(
    ("name", "format"), [("a.CSV", "csv"), ("b.xlsx", "xlsx"), ("c.db", "sqlite"), ("d.ndjson", "jsonl")]
)
def test_the_suffix_names_the_format(name: str, format: str):
    assert format_of(Path(name)) == format


def test_an_unknown_suffix_is_told_with_those_that_there_are():
    with pytest.raises(UsageError, match=r"\.csv, \.xlsx, \.parquet, \.jsonl, \.sqlite"):
        format_of(Path("out.pdf"))


def test_a_file_that_cannot_be_written_leaves_the_old_one(filled: Desk, tmp_path: Path):
    target = tmp_path / "folder" / "out.csv"
    with filled.tables.open(NAME) as table, pytest.raises(StorageError, match="-o"):
        export(table, target, "csv", "en")
    assert not target.exists()
