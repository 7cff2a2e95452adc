"""Rows of Markdown in a passage are told from its text, cell by cell."""

from __future__ import annotations

import pytest

from app.chat.tables import cell, flat, parts

TABLE = "| Item | Price |\n| --- | ---: |\n| tea \\| milk | 5 |\n| water |  |"


def test_a_table_stands_between_texts_and_nothing_is_lost():
    text = f"Prices:\n{TABLE}\nAll with tax."
    found = parts(text)
    assert "".join(text[part.begin : part.end] for part in found) == text
    assert [bool(part.rows) for part in found] == [False, True, False]
    rows = [[cell(text, span) for span in row] for row in found[1].rows]
    assert rows == [["Item", "Price"], ["tea | milk", "5"], ["water", ""]]


@pytest.mark.parametrize(
    "text",
    ["", "a | b", "| a | b |\n| c | d |", "| a |", "| --- |", "|---|---|\n", "|\n|-|", "a\n\n|\n||\n"],
)
def test_what_is_no_table_stays_text(text: str):
    assert not any(part.rows for part in parts(text))
    assert "".join(text[part.begin : part.end] for part in parts(text)) == text


def test_two_tables_are_two():
    assert [len(part.rows) for part in parts(f"{TABLE}\n\n{TABLE}") if part.rows] == [3, 3]


def test_a_preview_is_one_line_without_rules():
    assert flat(f"Prices:\n{TABLE}\nAll.") == "Prices: Item · Price; tea | milk · 5; water All."


def test_rows_that_a_quote_has_without_their_header_are_told_like_the_others():
    assert (
        flat("All of\n| tea \\| milk | 5 |\n| water |  |\nis fresh.")
        == "All of tea | milk · 5 water is fresh."
    )
