"""A table keeps in step with its collection: what is new is asked about, and nothing twice."""

from __future__ import annotations

import threading

import pytest
from pydantic import create_model
from support.desk import TEXTS, Desk
from support.invoices import SCHEMA, Invoice, plan_of

from app.answers.schemas.schema import Schema
from app.errors import (
    ModelAuthError,
    ModelUnavailableError,
    NotFoundError,
    TableBusyError,
    UsageError,
)
from app.tables import DocumentStatus, Progress, Row
from app.tables.lock import filling

NAME = "invoice@default"


def rows(desk: Desk, name: str = NAME) -> dict[str, Row]:
    """Source -> its last row."""
    with desk.tables.open(name) as table:
        return {row.document.source: row for row in table.rows()}


@pytest.mark.parametrize("parallel", [1, 4])
def test_every_document_becomes_a_row_with_its_evidence(desk: Desk, parallel: int):
    told: list[Progress] = []
    report = desk.run(parallel=parallel, tell=told.append)
    assert (report.done, report.rows, report.left, report.failed) == (4, 4, 0, ())
    assert [one.done for one in told] == [0, 1, 2, 3, 4]
    found = rows(desk)
    assert list(found) == sorted(TEXTS)
    row = found["a.md"]
    assert row.data["total"] == 1200 and row.data["items"][1] == {"name": "ink", "price": 1000.0}
    assert row.evidence["total"].unit == "KRW" and row.evidence["total"].original == "Total: 1200"
    assert found["다.md"].evidence["date"].reasons[0].code == "not_found"
    citation, collection = desk.tables.citation(NAME, row.cells["total"])
    assert (citation.quote, citation.source, collection) == ("Total: 1200", "a.md", "default")


def test_nothing_is_asked_twice_until_something_changes(filled: Desk):
    report = filled.run()
    assert (report.done, report.unchanged, filled.filler.asked) == (0, 4, [])
    filled.write({"b.md": TEXTS["b.md"].replace("77.5", "78"), "e.md": "No: A-9\nTotal: 9\n"})
    filled.remove("d.md")
    report = filled.run()
    assert sorted(filled.filler.asked) == ["b.md", "e.md"]
    assert (report.done, report.unchanged, report.removed, report.rows) == (2, 2, 1, 4)
    found = rows(filled)
    assert list(found) == ["a.md", "b.md", "e.md", "다.md"] and found["b.md"].data["total"] == 78


@pytest.mark.parametrize("changed", ["filler", "schema", "rebuild"])
def test_another_filler_or_schema_asks_about_all(filled: Desk, changed: str):
    wider = Schema("invoice", create_model("Invoice", __base__=Invoice, note=(str | None, None)))
    options = {
        "filler": {"identity": "another"},
        "schema": {"plan": plan_of(wider)},
        "rebuild": {"rebuild": True},
    }[changed]
    assert filled.run(**options).done == 4
    assert len(rows(filled)) == 4
    assert filled.run(**{key: value for key, value in options.items() if key != "rebuild"}).done == 0


def test_a_limit_is_gone_on_from(desk: Desk):
    assert (desk.run(limit=1).left, desk.run(limit=2).left, desk.run().left) == (3, 1, 0)
    assert len(desk.filler.asked) == 4 == len(set(desk.filler.asked))


def test_a_stopped_run_keeps_what_it_has(desk: Desk):
    cancelled = threading.Event()

    def stop(progress: Progress) -> None:
        if progress.done == 2:
            cancelled.set()

    report = desk.run(tell=stop, cancelled=cancelled)
    assert report.stopped and (report.done, report.left, report.rows) == (2, 2, 2)
    assert desk.run().done == 2 and len(desk.filler.asked) == 4


def test_a_failed_document_is_kept_with_its_cause_and_tried_again(desk: Desk):
    desk.filler.failing = {"b.md": ModelUnavailableError("The server is away."), "a.md": ValueError("odd")}
    report = desk.run()
    assert dict(report.failed) == {"b.md": "The server is away.", "a.md": "odd"}
    assert report.rows == 2
    with desk.tables.open(NAME) as table:
        assert [one.error for one in table.documents(DocumentStatus.FAILED)] == ["odd", "The server is away."]
    desk.filler.failing, desk.filler.asked = {}, []
    assert desk.run().rows == 4 and desk.filler.asked == ["a.md", "b.md"]


def test_a_failure_keeps_the_row_of_before(filled: Desk):
    filled.write({"b.md": TEXTS["b.md"] + "\n!broken"})
    assert dict(filled.run().failed) == {"b.md": "The reply had no end."}
    assert rows(filled)["b.md"].data["total"] == 77.5


@pytest.mark.parametrize("error", [ModelAuthError("wrong key"), UsageError("no such field")])
def test_what_would_fail_everywhere_ends_the_run(desk: Desk, error: Exception):
    desk.filler.failing = dict.fromkeys(TEXTS, error)
    with pytest.raises(type(error)):
        desk.run()
    assert len(desk.filler.asked) == 1


def test_a_server_that_is_away_is_not_asked_for_ever(empty_desk: Desk):
    names = [f"{number:02}.md" for number in range(20)]
    empty_desk.write({name: f"No: {name}\n" for name in names})
    empty_desk.filler.failing = {name: ModelUnavailableError("away") for name in names}
    with pytest.raises(ModelUnavailableError):
        empty_desk.run()
    assert len(empty_desk.filler.asked) == 12


def test_several_records_of_a_document_are_rows_of_their_own(empty_desk: Desk):
    empty_desk.write({"list.md": "No: A-1\nNo: A-2\nNo: A-3\n"})
    empty_desk.filler.many = True
    plan = plan_of(Schema("record", Invoice, many=True))
    assert empty_desk.run(plan).rows == 3
    with empty_desk.tables.open("record@default") as table:
        before = {row.data["no"]: row.id for row in table.rows()}
        table.edit(before["A-2"], "no", "B-2")
    empty_desk.write({"list.md": "No: A-0\nNo: A-2\nNo: A-3\n"})
    assert empty_desk.run(plan).rows == 3
    with empty_desk.tables.open("record@default") as table:
        assert [row.data["no"] for row in table.rows()] == ["A-0", "B-2", "A-3"]
        assert {row.data["no"]: row.id for row in table.rows()}["A-3"] == before["A-3"]


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        ({"source": ("a.md",)}, ["a.md"]),
        ({"source": ("a.md", "다.md")}, ["a.md", "다.md"]),
        ({"type": ("pdf",)}, []),
        ({"heading": ("nothing",)}, []),
    ],
)
def test_filters_make_a_table_of_their_own(desk: Desk, where: dict[str, tuple[str, ...]], wanted: list[str]):
    report = desk.run(plan_of(**where))
    assert report.table != NAME and sorted(desk.filler.asked) == wanted
    assert list(rows(desk, report.table)) == wanted
    assert desk.run(plan_of(**where)).done == 0


def test_a_table_is_filled_by_one_run_at_a_time(desk: Desk):
    with filling(desk.tables.place(plan_of())), pytest.raises(TableBusyError, match=r"pid \d+"):
        desk.run()
    assert desk.run().done == 4
    with filling(desk.tables.path(NAME)):
        assert desk.tables.is_being_filled(NAME) and len(rows(desk)) == 4
        with pytest.raises(TableBusyError):
            desk.tables.delete(NAME)
    desk.tables.delete(NAME)
    assert desk.tables.names() == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "none", "", ".hidden", "a/b", "x\0"])
def test_names_from_outside_lead_nowhere(desk: Desk, name: str):
    with pytest.raises(NotFoundError):
        desk.tables.open(name)


def test_a_table_tells_what_it_is_without_its_schema(filled: Desk):
    with filled.tables.open(NAME) as table:
        plan = table.plan
    assert plan.title("ko") == "청구서" and [one.name for one in plan.fields] == list(Invoice.model_fields)
    assert plan.schema_hash == SCHEMA.hash


def test_a_damaged_file_is_left_out_and_told(filled: Desk):
    filled.tables.path("odd@default").write_bytes(b"no database at all" * 99)
    assert [table.name for table in filled.tables.each()] == [NAME]
