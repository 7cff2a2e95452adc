"""`docent replay`: an answer made again from its record."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from app.cli import main
from app.config import load_settings
from app.runtime import build
from app.schemas import Question, Role


def call(*arguments: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["docent", "replay", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


def test_an_answer_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("DOCENT_DATA_DIR", str(tmp_path / "data"))
    assert call(monkeypatch=monkeypatch) == 2
    assert "No answer with a record" in capsys.readouterr().err
    note = tmp_path / "leave.md"
    note.write_text("# Leave\n\nEvery employee has 25 days of paid leave a year.\n")
    with build(load_settings()) as runtime:
        runtime.ingest([note])
        conversation = runtime.history.create(collection="default")
        asked = runtime.history.append(conversation.id, Role.USER, "How many days of leave?")
        answer = runtime.answer(Question(text=asked.content))
        kept = runtime.history.append(
            conversation.id, Role.ASSISTANT, answer.answer, parent_id=asked.id, record=answer
        )
    capsys.readouterr()
    assert call("last", monkeypatch=monkeypatch) == 0
    told = capsys.readouterr().out
    assert "25 days" in told and "Both answers are the same, sign by sign." in told

    note.write_text("# Leave\n\nEvery employee has 30 days of paid leave a year.\n")
    with build(load_settings()) as runtime:
        runtime.ingest([note])
    capsys.readouterr()
    assert call(kept.id[:8], "--json", "--keep", monkeypatch=monkeypatch) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["message"], report["same"]) == (kept.id, False)
    assert {"kind": "removed", "text": "25"} in report["diff"]
    assert "documents_both" in [one["code"] for one in report["findings"]]
    assert report["answer"]["trace"]["chunks"]
    with build(load_settings()) as runtime:
        assert runtime.history.message(report["kept"]).parent_id == asked.id

    assert call("ffffffff", monkeypatch=monkeypatch) == 2
    assert "no answer 'ffffffff'" in capsys.readouterr().err
