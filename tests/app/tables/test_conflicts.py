"""Rows that speak of the same thing and say different things of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import create_model
from support.desk import Desk
from support.invoices import Invoice, plan_of

from app.answers.schemas.checking import check_text
from app.answers.schemas.schema import Schema
from app.tables import Plan
from app.tables.conflicts import conflicts
from app.tables.keys import key_fields


def test_documents_that_disagree_are_shown_with_both_places(filled: Desk):
    with filled.tables.open("invoice@default") as table:
        (found,) = conflicts(table)
        assert (found.key, found.path, list(found.values.values())) == ("A-1", "total", [1200.0, 1250.0])
        places = [table.row(id_).evidence["total"].citation for id_ in found.values]
        assert [place.source for place in places if place] == ["a.md", "d.md"]
        table.edit(list(found.values)[1], "total", 1200)
        assert conflicts(table) == []


def test_a_field_that_many_share_tells_nothing_apart(empty_desk: Desk):
    empty_desk.write({f"{n}.md": f"No: same\nTotal: {n}\n" for n in range(6)})
    empty_desk.run()
    with empty_desk.tables.open("invoice@default") as table:
        assert conflicts(table) == []
    marked = {**Invoice.model_json_schema(), "x-key": ["no"]}
    empty_desk.run(Plan("invoice", "marked", marked, "default"))
    with empty_desk.tables.open("invoice@default") as table:
        assert [len(one.values) for one in conflicts(table)] == [6]


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"total": float, "seller": str, "invoice_number": str}, ("invoice_number",)),
        ({"금액": int, "상호": str, "사업자번호": str}, ("사업자번호",)),
        ({"증상": list[str], "성분명": str}, ("성분명",)),
        ({"party": str, "term": str}, ("term",)),
        ({"event": str, "place": str}, ("event",)),
        ({"amount": float, "day": list[str]}, ()),
    ],
)
def test_which_field_tells_rows_apart(fields: dict[str, Any], wanted: tuple[str, ...]):
    given: dict[str, Any] = {name: (kind, ...) for name, kind in fields.items()}
    assert key_fields(plan_of(Schema("s", create_model("S", **given)))) == wanted


def test_a_file_marks_the_field_that_tells_rows_apart():
    text = """
name: parts
fields:
  - {name: number}
  - {name: shelf, key: true}
"""
    definition, problems = check_text(text)
    assert definition is not None, problems
    assert key_fields(plan_of(Schema.of(definition, "file"))) == ("shelf",)
    again, problems = check_text(json.dumps(Schema.of(definition, "file").json_schema), "parts")
    assert again is not None, problems
    assert key_fields(plan_of(Schema.of(again, "file"))) == ("shelf",)
