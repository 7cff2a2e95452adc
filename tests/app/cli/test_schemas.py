"""`docent schemas`: listed, shown as JSON Schema, checked and kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app import cli
from app.cli.doctor import CHECKS
from app.config import load_settings
from app.errors import DocentError
from app.runtime import build


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "schemas"
    folder.mkdir()
    (folder / "broken.yaml").write_text("fields: {a: {pattern: '('}}\n", encoding="utf-8")
    monkeypatch.setenv("DOCENT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DOCENT_SCHEMA_DIR", str(folder))
    return tmp_path


def run(*arguments: str) -> str:
    result = CliRunner().invoke(cli.app, ["schemas", *arguments])
    if isinstance(result.exception, DocentError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_all_are_listed_and_what_is_broken_is_told_of():
    shown = run("list", "--lang", "ko")
    assert "invoice" in shown and "청구서 (shipped)" in shown
    assert "broken.yaml: “a”, pattern: “(” cannot be used" in shown
    listed = json.loads(run("list", "--json"))
    assert "seller_registration" in next(s for s in listed["schemas"] if s["name"] == "invoice")["fields"]
    assert len(listed["unusable"]) == 1
    with build(load_settings()) as runtime:
        finding = CHECKS["schemas"](runtime)
    assert finding.state == "note" and "broken.yaml: “a”, pattern" in finding.detail


def test_a_schema_is_shown_checked_and_kept(settings: Path):
    shown = run("show", "청구서")
    assert json.loads(shown)["properties"]["due_date"]["title"] == "Due date"
    file = settings / "copy.json"
    file.write_text(shown.replace('"x-name": "invoice"', '"x-name": "our invoice"'), encoding="utf-8")
    assert "our invoice is sound: 17 fields." in run("check", str(file), "--keep")
    assert run("show", "our invoice", "--yaml").startswith("name: our invoice\n")
    assert "(own, version 1)" in run("list")


def test_what_is_wrong_is_told_line_by_line(settings: Path):
    file = settings / "wrong.yaml"
    file.write_text("fields: {a: colour, b: {type: object}}\n", encoding="utf-8")
    with pytest.raises(DocentError, match=r"wrong\.yaml: “a”, type: “colour” is no type"):
        run("check", str(file))
    for arguments in (
        ["check", str(settings / "none.yaml")],
        ["show", "nothing"],
        ["show", "cited_answer", "--yaml"],
    ):
        with pytest.raises(DocentError):
            run(*arguments)
