"""What people write by hand stays, is marked, and is held against what documents say later."""

from __future__ import annotations

from typing import Any

import pytest
from support.desk import TEXTS, Desk

from app.answers.schemas.fields import Field
from app.errors import NotFoundError, UsageError
from app.tables import Edit, Row
from app.tables.editing import as_typed, typed

NAME = "invoice@default"


def row_of(desk: Desk, source: str) -> Row:
    with desk.tables.open(NAME) as table:
        return next(row for row in table.rows() if row.document.source == source)


def edit(desk: Desk, source: str, path: str, value: Any) -> Edit:
    with desk.tables.open(NAME) as table:
        table.edit(row_of(desk, source).id, path, value)
    return row_of(desk, source).edits[path]


def test_an_edit_outlives_the_next_runs(filled: Desk):
    made = edit(filled, "a.md", "total", 999)
    assert (made.value, made.was, made.conflict) == (999, 1200.0, False)
    edit(filled, "a.md", "items.1.price", None)
    filled.run(rebuild=True)
    row = row_of(filled, "a.md")
    assert row.data["total"] == 999 and row.data["items"][1] == {"name": "ink", "price": None}
    assert row.evidence["total"].value == 1200.0
    assert not any(one.conflict for one in row.edits.values())


@pytest.mark.parametrize(
    ("says", "conflict"),
    [("1300", True), ("999", False), ("1200", False)],
    ids=["other", "the same", "as before"],
)
def test_a_document_that_changed_says_so_beside_the_edit(filled: Desk, says: str, conflict: bool):
    edit(filled, "a.md", "total", 999)
    filled.write({"a.md": TEXTS["a.md"].replace("1200", says) + "\nOne more line.\n"})
    filled.run()
    row = row_of(filled, "a.md")
    assert row.data["total"] == 999
    assert (row.edits["total"].conflict, row.edits["total"].found) == (conflict, 1300.0 if conflict else None)


def test_a_conflict_is_settled_either_way(filled: Desk):
    edit(filled, "a.md", "total", 999)
    edit(filled, "a.md", "seller", "Me")
    text = TEXTS["a.md"].replace("1200", "1300").replace("Han & Co", "Hahn")
    filled.write({"a.md": text})
    filled.run()
    row = row_of(filled, "a.md")
    with filled.tables.open(NAME) as table:
        table.keep_edit(row.id, "total")
        table.undo_edit(row.id, "seller")
    row = row_of(filled, "a.md")
    assert (row.data["total"], row.data["seller"]) == (999, "Hahn")
    assert row.edits["total"].was == 1300.0 and not row.edits["total"].conflict


def test_an_edited_row_stays_when_its_document_goes(filled: Desk):
    edit(filled, "b.md", "seller", "Somebody")
    filled.remove("b.md", "d.md")
    report = filled.run()
    assert (report.removed, report.rows) == (1, 3)
    row = row_of(filled, "b.md")
    assert row.kept and row.data["seller"] == "Somebody"
    assert filled.run().removed == 0
    with filled.tables.open(NAME) as table:
        table.delete_row(row.id)
        assert table.counts()["rows"] == 2


def test_writing_what_was_there_is_no_edit(filled: Desk):
    edit(filled, "a.md", "total", 1)
    with filled.tables.open(NAME) as table:
        table.edit(row_of(filled, "a.md").id, "total", 1200.0)
        with pytest.raises(NotFoundError):
            table.edit(10**6, "total", 1)
    assert row_of(filled, "a.md").edits == {}


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (Field("n", "number"), " 1,250.5 ", 1250.5),
        (Field("n", "money"), "1250", 1250),
        (Field("n", "integer"), "-3", -3),
        (Field("n", "date"), "2025-03-31", "2025-03-31"),
        (Field("n", "boolean"), "예", True),
        (Field("n", "choice", choices=("red", "blue")), "red", "red"),
        (Field("n", "text"), "=1+1", "=1+1"),
        (Field("n", "text", many=True), "하나; 둘 ;", ["하나", "둘"]),
        (Field("n", "number"), "  ", None),
        (Field("n", "number"), "twelve", UsageError),
        (Field("n", "number"), "nan", UsageError),
        (Field("n", "integer"), "1.5", UsageError),
        (Field("n", "date"), "31.3.2025", UsageError),
        (Field("n", "choice", choices=("red", "blue")), "green", UsageError),
    ],
)
def test_what_is_typed_is_read_by_its_field(field: Field, text: str, value: Any):
    if value is UsageError:
        with pytest.raises(UsageError, match="'n'"):
            typed(field, text)
    else:
        assert typed(field, text) == value
        assert typed(field, as_typed(value)) == value
