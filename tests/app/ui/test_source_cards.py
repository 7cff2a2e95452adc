"""A source card shows the quoted words inside their passage, whatever stands in it."""

from __future__ import annotations

import re

import pytest

from app.schemas import Citation
from app.ui import source_cards
from app.ui.texts import Texts

EN, KO = Texts("en"), Texts("ko")
PASSAGE = "Section 4. Staff have 15 days\nof paid leave. Unused days expire."


def citation(**changes: object) -> Citation:
    given = {
        "n": 1,
        "source": "hr/handbook.pdf",
        "page": 12,
        "quote": "Staff have 15 days of paid leave.",
        "score": 0.83,
        "chunk_id": "c1",
        "context": PASSAGE,
        "title": "Handbook",
        "headings": ("Handbook", "4 Leave"),
    }
    return Citation.model_validate(given | changes)


def test_the_quote_is_marked_in_its_passage_across_line_breaks():
    html = source_cards.highlighted("Staff have 15 days of paid leave.", PASSAGE)
    assert html == "Section 4. <mark>Staff have 15 days\nof paid leave.</mark> Unused days expire."


def test_a_quote_that_is_not_in_the_passage_is_shown_alone():
    assert source_cards.highlighted("Other words.", PASSAGE) == "<mark>Other words.</mark>"


def test_a_long_passage_is_cut_around_the_quote():
    passage = "before " * 400 + "THE QUOTE. " + "after " * 400
    html = source_cards.highlighted("THE QUOTE.", passage)
    assert html.startswith("… before")
    assert html.endswith("after …")
    assert "<mark>THE QUOTE.</mark>" in html
    assert len(html) < source_cards.CONTEXT_CHARACTERS + 60


def test_a_card_names_file_page_heading_path_and_score():
    html = source_cards.cards([citation()], "m1", EN)
    for part in (
        "handbook.pdf",
        "p. 12",
        "<span>Handbook</span><i>›</i><span>4 Leave</span>",
        "match 83 %",
        "1 source",
    ):
        assert part in html
    assert "12쪽" in source_cards.cards([citation()], "m1", KO)


def test_marks_and_cards_meet():
    [mark] = source_cards.marks([citation()], "m1", EN).values()
    assert mark.href == "source/m1/1?lang=en"
    assert f'href="{mark.href}"' in source_cards.cards([citation()], "m1", EN)
    assert mark.title == "handbook.pdf, p. 12\n“Staff have 15 days of paid leave.”"


@pytest.mark.parametrize("field", ["source", "quote", "context", "title", "record_id"])
def test_documents_cannot_put_markup_on_the_page(field: str):
    markup = '"><img src=x onerror=alert(1)>'
    quote = markup if field == "context" else "15 days"
    html = source_cards.cards([citation(**{"quote": quote, field: markup})], "m1", EN)
    assert "<img" not in html
    assert "onerror=alert(1)&gt;" in html


def test_no_sources_no_cards():
    assert source_cards.cards([], "m1", EN) == ""


def test_a_card_tells_the_age_of_its_source_and_whether_it_changed():
    fresh = source_cards.cards([citation()], "m1", EN)
    assert "d-age" not in fresh
    assert "d-changed" not in fresh
    old = citation(modified="2001-03-02", changed=True)
    assert re.search(r"2001-03-02 · \d\d years old<.*changed since it was indexed", shown(old, EN))
    assert re.search(r"2001-03-02 · \d\d년 전<.*색인한 뒤 바뀜", shown(old, KO))


def test_a_card_names_rows_and_what_the_document_says_of_itself():
    html = shown(
        citation(
            source="b.xlsx",
            page=None,
            lines=(12, 40),
            headings=("<Budget>",),
            metadata={"author": ("Kim <b>",), "date": ("2001-03-02",), "abstract": ("long " * 50,)},
        ),
        EN,
    )
    assert "&lt;Budget&gt; › rows 12–40" in html
    assert "<b>author</b> Kim &lt;b&gt;" in html
    assert "2001-03-02" not in html
    assert "long long" not in html


def shown(one: Citation, texts: Texts) -> str:
    return source_cards.cards([one], "m1", texts)
