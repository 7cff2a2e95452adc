"""The joined parts, as a developer meets them in the documentation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.config import load_settings
from app.runtime import build

ASKING = Path(__file__).parents[2] / "docs" / "asking.md"


def test_the_documented_use_of_the_chain_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("DOCENT_DATA_DIR", str(tmp_path / "data"))
    note = tmp_path / "keys.md"
    note.write_text("# Keys\n\nAn OpenAI key is added as OPENAI_API_KEY to the file .env.\n")
    with build(load_settings()) as runtime:
        runtime.ingest([note])
    [example, _] = re.findall(r"```python\n(.*?)```", ASKING.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(example, str(ASKING), "exec"), {})
    printed = capsys.readouterr().out
    assert "keys.md" in printed
    assert "added as OPENAI_API_KEY to the file .env [1]." in printed
