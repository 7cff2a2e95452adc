"""Changing the embedding model and going back, at the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.small_models import make_model

from app.cli import main

Run = Callable[..., tuple[int, str]]
BUILT_IN = "all-MiniLM-L6-v2"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `docent …` with this embedding model: its status, and what it printed."""
    monkeypatch.setenv("DOCENT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DOCENT_VECTOR_BACKEND", "faiss")
    monkeypatch.setenv("COLUMNS", "1000")

    def call(model: str, *arguments: str) -> tuple[int, str]:
        monkeypatch.setenv("DOCENT_EMBEDDING_MODEL", model)
        monkeypatch.setattr(sys, "argv", ["docent", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit_:
            main()
        captured = capsys.readouterr()
        return int(exit_.value.code or 0), captured.out + captured.err

    return call


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "leave.md").write_text("# Leave\n\nStaff have 15 days of annual leave.\n", encoding="utf-8")
    return folder


def test_a_switch_there_and_back(run: Run, docs: Path, tmp_path: Path) -> None:
    tiny = str(make_model(tmp_path / "tiny"))
    assert run(BUILT_IN, "ingest", str(docs))[0] == 0

    status, told = run(tiny, "search", "annual leave", "--json")
    assert status == 0 and json.loads(told)[0]["source"] == "leave.md"
    status, told = run(tiny, "ingest", str(docs))
    assert status == 2 and "--rebuild" in told
    assert f"answered with the vectors of {BUILT_IN}, until" in run(tiny, "doctor")[1]

    assert run(tiny, "ingest", "--rebuild")[0] == 0
    assert f"Kept to go back to with --restore: vectors of {BUILT_IN}" in run(tiny, "doctor")[1]

    status, told = run(tiny, "ingest", "--restore")
    assert status == 0 and f"vectors of {BUILT_IN}" in told
    assert f"Set DOCENT_EMBEDDING_MODEL={BUILT_IN} before" in told
    status, told = run(BUILT_IN, "ingest", "--forget-previous", "--json")
    assert status == 0 and json.loads(told)["forgotten"]["embedding_name"] == tiny
    status, told = run(BUILT_IN, "ingest", "--restore")
    assert status == 2 and "nothing to restore" in told


@pytest.mark.parametrize("option", ["--restore", "--forget-previous"])
def test_they_go_alone(run: Run, option: str) -> None:
    status, told = run(BUILT_IN, "ingest", "--rebuild", option)
    assert status == 2 and "alone" in told
