"""`docent import`, `docent export` as JSON, and `docent feedback`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_export import chats, docent  # noqa: F401 - fixtures

from app.config import load_settings
from app.history import Verdict
from app.runtime import build


@pytest.fixture
def rated(chats: list[str]) -> str:  # noqa: F811
    """The id of an answer that was rated and corrected."""
    with build(load_settings()) as runtime:
        said = runtime.history.messages(chats[0])[-1].id
        runtime.history.feedback.rate(said, Verdict.BAD)
        runtime.history.feedback.explain(said, reason="wrong", words="No\x1b[31m.", correction="16 days [1].")
    return said


def test_what_is_exported_can_be_imported(docent, rated: str, tmp_path: Path, monkeypatch):  # noqa: F811
    assert docent("export", "--all", "-o", "all.json").status == 0
    again = docent("import", "all.json", "--json")
    assert {name: len(found) for name, found in json.loads(again.out).items()} == {"added": 0, "known": 2}
    monkeypatch.setenv("DOCENT_DATA_DIR", str(tmp_path / "other"))
    result = docent("import", "all.json")
    assert (result.status, len(result.out.splitlines())) == (0, 2)
    assert "Imported: 2" in result.err
    assert "16 days" in json.loads(docent("feedback", "list", "--json").out)[0]["correction"]
    one = docent("export", "last", "-o", "one.json", "--json")
    assert json.loads(one.out)["mime"] == "application/json"
    assert docent("import", "one.json").err == "Imported: 0; there already: 1\n"


def test_nothing_is_imported_when_one_file_is_broken(docent, chats: list[str]):  # noqa: F811
    Path("good.md").write_text("**User:** Hello?\n\n**Assistant:** Yes.\n", encoding="utf-8")
    Path("bad.json").write_text('[\n{"mapping": }]', encoding="utf-8")
    result = docent("import", "good.md", "bad.json")
    assert result.status == 2
    assert "'bad.json' cannot be imported. Line 2" in result.err
    assert len(docent("export", "--list").out.splitlines()) == 2
    assert docent("import", "nonesuch.json").status == 2
    assert docent("import", "good.md").status == 0
    assert len(docent("export", "--list").out.splitlines()) == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("--all", "-o", "x.md"), "Only JSON"), (("--format", "json", "--answer", 1), "whole conversation")],
    ids=["all", "answer"],
)
def test_what_json_is_not_for_is_told(docent, chats: list[str], arguments: tuple[str, ...], words: str):  # noqa: F811
    result = docent("export", *arguments)
    assert result.status == 2 and words in result.err


def test_ratings_are_listed(docent, rated: str):  # noqa: F811
    [line] = docent("feedback", "list").out.splitlines()
    assert line.startswith("- 20") and line.endswith("(wrong; No\ufffd[31m.; corrected)")
    [found] = json.loads(docent("feedback", "list", "--json").out)
    assert (found["message_id"], found["verdict"], found["reason"]) == (rated, "bad", "wrong")


def test_ratings_are_written_for_tuning(docent, rated: str):  # noqa: F811
    result = docent("feedback", "export", "-o", "pairs.jsonl")
    assert result.err == "Written: pairs.jsonl (1 examples)\n"
    row = json.loads(Path("pairs.jsonl").read_text(encoding="utf-8"))
    assert (row["chosen"], row["rejected"]) == (" 16 days [1].", " 연차는 15일입니다 [1].")
    assert docent("feedback", "export", "-o", "pairs.jsonl").status == 2
    assert docent("feedback", "export", "--format", "kto", "--conversational", "-o", "kto.jsonl").status == 0
    assert len(Path("kto.jsonl").read_text(encoding="utf-8").splitlines()) == 2


def test_without_ratings_it_says_where_they_come_from(docent, chats: list[str]):  # noqa: F811
    assert "docent ui" in docent("feedback", "list").err
