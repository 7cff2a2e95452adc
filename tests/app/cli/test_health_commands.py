"""The health of a collection on the command line: `--report`, `doctor --collection`, and a run's notes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from lxml import html

from app.cli import main

SENTENCES = [
    f"Section {n} of the handbook says what holds for leave, travel and pay in the year {2000 + n}."
    for n in range(30)
]


class Result(NamedTuple):
    status: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `docent …` in this process, on a wide terminal."""
    monkeypatch.setenv("COLUMNS", "160")

    def call(*arguments: str | Path) -> Result:
        monkeypatch.setattr(sys, "argv", ["docent", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        captured = capsys.readouterr()
        return Result(int(end.value.code or 0), captured.out, captured.err)

    return call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two editions of a document, a copy, and a file that cannot be read."""
    made = tmp_path / "docs"
    made.mkdir()
    text = "\n\n".join(SENTENCES)
    for name, content in {
        "guide.txt": text,
        "guide-new.txt": f"{text}\n\nThis sentence is new.",
        "copy.txt": text,
        "[red]odd[red].pdf": "nothing",
    }.items():
        (made / name).write_text(content, encoding="utf-8")
    return made


def test_a_run_writes_the_report_and_names_what_is_worth_a_look(run: Run, folder: Path, tmp_path: Path):
    file = tmp_path / "report.html"
    result = run("ingest", folder, "--report", file)
    assert result.status == 1  # one file failed
    assert "note One document is nearly the same as another." in result.out
    assert "note One file is a copy of another" in result.out
    text = html.parse(str(file)).getroot().text_content()
    assert "Health of “default”" in text and "[red]odd[red].pdf" in text
    assert "note" not in run("ingest", folder, "--report", file).out


def test_the_report_speaks_the_language_that_is_set(
    run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DOCENT_LANGUAGE", "ko")
    result = run("ingest", folder, "--json", "--report", tmp_path / "r.html")
    assert json.loads(result.out)["added"] == 3
    assert "파일 1개를 읽지 못했습니다." in (tmp_path / "r.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "wrong"), [("no/such/report.html", "folder that is not there"), ("docs", "is a folder")]
)
def test_a_report_that_cannot_be_written_is_refused_before_the_run(
    run: Run, folder: Path, tmp_path: Path, name: str, wrong: str
):
    result = run("ingest", folder, "--report", tmp_path / name)
    assert result.status == 2
    assert wrong in " ".join(result.err.split())
    assert run("doctor", "--collection").status != 0  # nothing was indexed


@pytest.mark.parametrize("option", ["--watch", "--dry-run"])
def test_a_report_is_of_a_run_that_ends(run: Run, folder: Path, tmp_path: Path, option: str):
    result = run("ingest", folder, option, "--report", tmp_path / "report.html")
    assert result.status == 2 and "--report" in result.err


@pytest.mark.parametrize("arguments", ["--collection", "-c", "--collection default", "-c default"])
def test_doctor_tells_of_a_collection_with_or_without_its_name(run: Run, folder: Path, arguments: str):
    run("ingest", folder, "--json")
    result = run("doctor", *arguments.split())
    assert result.status == 0
    for part in ("4 files, 3 documents", "Files by type", "TXT", "[red]odd[red].pdf", "guide-new.txt", "█"):
        assert part in result.out
    found: dict[str, Any] = json.loads(run("doctor", *arguments.split(), "--json").out)
    assert found["statuses"] == {"indexed": 3, "failed": 1}
    assert found["duplicates"] == [["copy.txt", "guide.txt"]]
    assert len(found["alike"]) == 1


def test_doctor_says_how_to_make_a_collection_that_is_not_there(run: Run):
    result = run("doctor", "--collection", "nowhere")
    assert result.status != 0
    assert "There is no collection 'nowhere'" in result.err
