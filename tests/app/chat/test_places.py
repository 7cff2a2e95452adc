"""Places and ages as people say them, in both languages."""

from __future__ import annotations

from datetime import date

import pytest

from app.chat.places import age, place
from app.schemas import Citation

BLANK = Citation(n=1, source="a.pdf", page=None, quote="", score=1.0, chunk_id="c")


@pytest.mark.parametrize(
    ("given", "english", "korean"),
    [
        ({}, "", ""),
        ({"page": 3}, "p. 3", "3쪽"),
        ({"page": 3, "page_end": 4}, "p. 3–4", "3–4쪽"),
        ({"page": 9, "page_label": "iv"}, "p. iv", "iv쪽"),
        ({"page": 9, "page_end": 10, "page_label": "iv–v"}, "p. iv–v", "iv–v쪽"),
        ({"source": "deck.PPTX", "page": 3}, "slide 3", "슬라이드 3"),
        ({"source": "deck.odp", "page": 3, "page_end": 5}, "slides 3–5", "슬라이드 3–5"),
        (
            {"source": "b.xlsx", "lines": (12, 40), "headings": ("Budget", "Travel")},
            "Budget › rows 12–40",
            "Budget › 12–40행",
        ),
        ({"source": "b.csv", "lines": (12, 12)}, "row 12", "12행"),
        ({"source": "rates.py", "lines": (12, 40), "headings": ("rate",)}, "lines 12–40", "12–40줄"),
        ({"source": "all.zip", "record_id": "in/b.csv", "lines": (2, 3)}, "rows 2–3", "2–3행"),
        ({"source": "mail.eml", "record_id": "deck.pptx", "page": 2}, "slide 2", "슬라이드 2"),
    ],
)
def test_a_place_is_named_as_its_kind_of_file_names_it(given: dict[str, object], english: str, korean: str):
    citation = BLANK.model_copy(update=given)
    assert (place(citation, "en"), place(citation, "ko")) == (english, korean)


@pytest.mark.parametrize(
    ("modified", "english", "korean"),
    [
        ("2026-11-01", "", ""),
        ("2026-12-24", "", ""),
        ("2026-10-20", "1 month old", "1개월 전"),
        ("2026-03-02", "8 months old", "8개월 전"),
        ("2025-11-20", "1 year old", "1년 전"),
        ("2024-03-02", "2 years old", "2년 전"),
    ],
)
def test_an_age_is_told_in_whole_months_and_years(modified: str, english: str, korean: str):
    today = date(2026, 11, 21)
    assert (age(modified, today, "en"), age(modified, today, "ko")) == (english, korean)
