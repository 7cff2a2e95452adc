"""What the benchmark of formats counts, over a folder that is made here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.formats import Outcome, judged, variants, words

ROOT = Path(__file__).parents[2]


def test_words_are_compared_without_marks() -> None:
    text = "# A **bold** [link](http://x.y) ![pic](a.png) <!-- no --> a\\_b &amp; <b>ｃ</b>"
    text += "\n```python\nx\n```\n| --- |"
    assert words(text) == ["a", "bold", "link", "a", "b", "c", "x"]


def test_recall_counts_words_as_often_as_they_occur(tmp_path: Path) -> None:
    (tmp_path / "expected.md").write_text("leave leave days pay", encoding="utf-8")
    entry = {
        "file": "a.txt",
        "expected_text": "expected.md",
        "must_contain": ["**leave** days", "pay day", "---"],
    }
    outcome = judged(Outcome("a.txt", "indexed", "Leave | days."), tmp_path, entry)
    assert outcome.recall == 0.5
    assert outcome.wanted == ["**leave** days", "pay day"]
    assert outcome.missing == ["pay day"]


def test_variants_of_a_text_are_told_apart_by_their_body() -> None:
    same = [Outcome(f"x-{name}.txt", "indexed", f"x-{name}\n\n본문") for name in ("CP949", "utf8")]
    assert "x: 2 encodings, the same text" in variants(same)
    assert "DIFFERENT" in variants([*same, Outcome("x-EUCKR.txt", "indexed", "x\n\n다름")])


def test_the_table_counts_files_and_clear_errors_are_no_failure(tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("이름,값\n가,1\n", encoding="cp949")
    (tmp_path / "bad.pdf").write_bytes(b"no pdf")
    entries = [{"file": "good.csv", "must_contain": ["이름 | 값", "nowhere"]}, {"file": "bad.pdf"}]
    (tmp_path / "manifest.jsonl").write_text("\n".join(map(json.dumps, entries)), encoding="utf-8")
    command = [sys.executable, "benchmarks/formats.py", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines() if line.strip()}
    assert rows[".csv"] == ["1", "1", "0", "0", "1/2"]
    assert rows[".pdf"] == ["1", "0", "1", "0"]
    assert "good.csv" in done.stdout and "not read: nowhere" in done.stdout
