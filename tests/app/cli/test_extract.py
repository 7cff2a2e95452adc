"""`docent extract`, as a person and as a script use it."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.desk import Desk

from app.cli import main

INVOICES = {
    "a.md": "# Invoice\n\nInvoice number: A-1\nInvoice date: 2024-03-02\nSeller: Han Ltd.\n"
    "Total: USD 275.00\n",
    "b.md": "# Invoice\n\nInvoice number: A-2\nInvoice date: 2024-04-02\nSeller: Han Ltd.\n"
    "Total: USD 90.00\n",
    "c.md": "# Invoice, corrected\n\nInvoice number: A-1\nInvoice date: 2024-03-02\nTotal: USD 300.00\n",
    "라.md": "# 세금계산서\n\n승인번호: 2024-77\n작성일자: 2024년 5월 3일\n합계금액: 33,000원\n",
}


@dataclass
class Result:
    status: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.setenv("DOCENT_DATA_DIR", str(tmp_path / "data"))

    def call(*arguments: str | Path) -> Result:
        monkeypatch.setattr(sys, "argv", ["docent", "extract", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit_:
            main()
        captured = capsys.readouterr()
        return Result(int(exit_.value.code or 0), captured.out, captured.err)

    return call


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.write(INVOICES)
    return made


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def test_a_collection_becomes_files_and_goes_on_from_there(run: Run, desk: Desk, tmp_path: Path):
    sheet, table = tmp_path / "out.xlsx", tmp_path / "out.csv"
    made = run("--schema", "invoice", "-o", sheet, "-o", table)
    assert made.status == 0 and made.out == ""
    assert "4 documents to ask by rules" in made.err and f"Written: {sheet}" in made.err
    assert (
        "Conflict: A-1, total: 275 (a.md: “Total: USD 275.00”) / 300 (c.md: “Total: USD 300.00”)" in made.err
    )
    found = {row["document"]: row for row in rows(table)}
    assert found["a.md"]["total"] == "275" and found["라.md"]["date"] == "2024-05-03"

    desk.write({"b.md": INVOICES["b.md"].replace("90", "95")})
    again = run("-s", "청구서", "-o", table)
    assert again.status == 0 and "1 document asked" in again.err and "3 unchanged" in again.err
    assert {row["total"] for row in rows(table)} == {"275", "95", "300", "33000"}


def test_a_file_of_somebody_else_is_not_overwritten(run: Run, desk: Desk, tmp_path: Path):
    mine = tmp_path / "mine.csv"
    mine.write_text("my notes", encoding="utf-8")
    refused = run("--schema", "invoice", "-o", mine)
    assert refused.status == 2 and "--force" in refused.err and mine.read_text() == "my notes"
    assert run("--schema", "invoice", "-o", mine, "--force").status == 0
    mine.write_text("edited since", encoding="utf-8")
    assert run("--schema", "invoice", "-o", mine).status == 2


def test_without_a_schema_everything_is_listed(run: Run, desk: Desk):
    listed = run()
    assert (
        listed.status == 0
        and "  invoice: number, date" in listed.out
        and "No table was made yet" in listed.out
    )
    run("--schema", "invoice", "--limit", "1")
    assert "  invoice@default: 1 row, 1 document of default" in run().out
    told = json.loads(run("--json").out)
    assert told["tables"][0]["rows"] == 1 and "invoice" in [one["name"] for one in told["schemas"]]


def test_an_estimate_asks_nothing(run: Run, desk: Desk):
    told = run("--schema", "invoice", "--estimate")
    assert (
        told.status == 0 and "4 documents to ask by rules" in told.out and "from a few documents" in told.out
    )
    values = json.loads(run("--schema", "invoice", "--estimate", "--json").out)
    assert values["documents"] == 4 and values["dollars"] == 0 and values["tokens"]["total"] == 0
    assert desk.tables.names() == []


def test_an_estimate_of_a_model_names_tokens_and_price(run: Run, desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    values = json.loads(run("--schema", "invoice", "-m", "openai:gpt-4o-mini", "--estimate", "--json").out)
    assert values["tokens"]["prompt"] > 4 * 400 and values["dollars"] > 0
    assert values["basis"] == "assumed" and values["seconds"] > 0
    monkeypatch.setenv("DOCENT_PRICE_PROMPT", "1000000")
    dear = json.loads(run("--schema", "invoice", "-m", "openai:gpt-4o-mini", "--estimate", "--json").out)
    assert dear["dollars"] == dear["tokens"]["prompt"]


def test_json_is_alone_on_standard_output(run: Run, desk: Desk, tmp_path: Path):
    told = run("--schema", "invoice", "--where", "source=a.md", "-o", tmp_path / "a.jsonl", "--json")
    report = json.loads(told.out)
    assert told.err == "" and (report["done"], report["rows"], report["conflicts"]) == (1, 1, [])
    assert report["files"] == [str(tmp_path / "a.jsonl")]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--schema", "invoce"], "Did you mean 'invoice'?"),
        (["--schema", "invoice", "-c", "nothing"], "There is no collection 'nothing'"),
        (["--schema", "invoice", "-o", "out.pdf"], ".csv, .xlsx, .parquet, .jsonl, .sqlite"),
        (["--schema", "invoice", "-o", "no/such/folder/out.csv"], "Make it first"),
        (["--schema", "invoice", "--where", "colour=red"], "There is no field 'colour'"),
        (["--schema", "invoice", "-m", "openai:gpt-4o"], "OPENAI_API_KEY"),
        (["-o", "out.csv"], "--schema NAME"),
    ],
)
def test_wrong_use_is_told_before_anything_is_asked(run: Run, desk: Desk, arguments: list[str], told: str):
    result = run(*arguments)
    assert result.status == 2 and told in result.err and "Traceback" not in result.err
    assert desk.tables.names() == []


def test_a_table_that_is_being_filled_is_left_alone(run: Run, desk: Desk):
    from app.tables.lock import filling

    run("--schema", "invoice", "--limit", "1")
    with filling(desk.tables.path("invoice@default")):
        busy = run("--schema", "invoice")
    assert busy.status == 2 and f"pid {os.getpid()}" in busy.err


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(desk: Desk, tmp_path: Path):
    many = {f"{n:04}.md": INVOICES["a.md"].replace("A-1", f"A-{n}") for n in range(700)}
    desk.write(many)
    out = tmp_path / "out.csv"
    command = [
        sys.executable,
        "-c",
        "from app.cli import main; main()",
        "extract",
        "-s",
        "invoice",
        "-o",
        str(out),
    ]
    environment = {**os.environ, "DOCENT_DATA_DIR": str(tmp_path / "data")}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not _rows(desk):
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        told = process.communicate(timeout=60)[1]
    assert process.returncode == 130, told
    assert "goes on from there" in told and "left" in told
    assert not out.exists() and 0 < _rows(desk) < len(many)
    assert subprocess.run(command, env=environment, check=False, capture_output=True).returncode == 0
    assert len(rows(out)) == len(many) + len(INVOICES)


def _rows(desk: Desk) -> int:
    if "invoice@default" not in desk.tables.names():
        return 0
    with desk.tables.open("invoice@default") as table:
        return table.counts()["rows"]
