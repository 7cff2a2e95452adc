"""`docent migrate` at the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli import main

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.setenv("DOCENT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DOCENT_VECTOR_BACKEND", "faiss")
    monkeypatch.setenv("COLUMNS", "1000")

    def call(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["docent", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit_:
            main()
        captured = capsys.readouterr()
        return int(exit_.value.code or 0), captured.out + captured.err

    return call


@pytest.fixture
def filled(run: Run, tmp_path: Path) -> Run:
    (tmp_path / "leave.md").write_text("# Leave\n\nStaff have 15 days of annual leave.\n", encoding="utf-8")
    assert run("ingest", str(tmp_path / "leave.md"))[0] == 0
    return run


def test_there_and_back(filled: Run) -> None:
    status, told = filled("migrate", "--to", "chroma")
    assert status == 0
    assert "is in chroma now, and was in faiss" in told and "DOCENT_VECTOR_BACKEND=chroma" in told
    assert json.loads(filled("search", "annual leave", "--json")[1])[0]["source"] == "leave.md"
    assert "The vectors lie in chroma, and DOCENT_VECTOR_BACKEND=faiss" in filled("doctor")[1]

    status, told = filled("migrate", "--verify", "--json")
    assert status == 0 and json.loads(told)["problems"] == []

    status, told = filled("migrate", "--undo")
    assert status == 0 and "again" in told
    status, told = filled("migrate", "--confirm")
    assert status == 0 and "Deleted" in told
    assert filled("migrate", "--undo")[0] == 2


def test_what_is_wrong_is_said(filled: Run) -> None:
    for arguments, said in (
        ((), "docent migrate --to faiss"),
        (("--to", "chroma", "--undo"), "at a time"),
        (("--to", "chrom"), "Did you mean 'chroma'"),
        (("--to", "faiss"), "is in faiss already"),
        (("--to", "chroma", "-c", "none"), "There is no collection 'none'"),
        (("--verify", "-c", "none"), "There is no collection 'none'"),
    ):
        status, told = filled("migrate", *arguments)
        assert status == 2 and said in told
