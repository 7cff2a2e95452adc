"""Made-up invoices: the same for the same seed, and sums that add up."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

pytest.importorskip("ir_measures")
pytest.importorskip("typst")

from app.answers.rules.amounts import numbers
from benchmarks.invoice_layouts import LAYOUTS, in_words
from benchmarks.invoice_records import record
from benchmarks.invoices import generate, layouts


def test_the_same_seed_writes_the_same_invoices(tmp_path: Path):
    for name in ("one", "other"):
        generate(tmp_path / name, 3, seed=5, kind="held-out")
    one, other = ((tmp_path / name / "truth.jsonl").read_text("utf-8") for name in ("one", "other"))
    assert one == other
    assert len(list((tmp_path / "one" / "documents").iterdir())) == 3
    assert set(json.loads(one.splitlines()[0])) == {"source", "layout", "language", "value"}


@pytest.mark.parametrize("seed", range(5))
def test_sums_add_up(seed: int):
    made = record(random.Random(seed), "ko" if seed % 2 else "en", "KRW" if seed % 2 else "EUR")
    assert made.net + made.discount == sum(line.amount for line in made.lines)
    assert made.total == made.net + made.tax


def test_there_are_layouts_of_every_format_in_both_languages():
    assert {(one.language, one.suffix) for one in LAYOUTS} >= {
        (language, suffix)
        for language in ("en", "ko")
        for suffix in (".pdf", ".docx", ".xlsx", ".html", ".txt")
    }
    assert len({one.name for one in layouts("held-out", random.Random(1))}) == 24


@pytest.mark.parametrize("value", [10, 374000, 1234000, 147476340, 100000000])
def test_amounts_in_words_are_read_as_they_are_spelled(value: int):
    text = f"일금 {in_words(value)}원정"
    assert [one.value for one in numbers(text, comma=False)] == [value]
