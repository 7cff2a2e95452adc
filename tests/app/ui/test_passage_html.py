"""A passage is drawn with its tables, and nothing in it is HTML."""

from __future__ import annotations

from app.ui.passage_html import passage_html

TABLE = "| Item | Price |\n| --- | --- |\n| green tea | 5 |\n| <b>milk</b> | 7 |\n"
TEXT = f"{TABLE}All with tax."


def test_a_table_is_a_table_and_its_rule_is_gone():
    html = passage_html(TEXT, 0, len(TEXT))
    assert "<thead><tr><th>Item</th><th>Price</th></tr></thead>" in html
    assert "<tr><td>green tea</td><td>5</td></tr>" in html
    assert "---" not in html
    assert html.endswith("</div>All with tax.")


def test_what_documents_write_is_escaped():
    assert "<td>&lt;b&gt;milk&lt;/b&gt;</td>" in passage_html(TEXT, 0, len(TEXT))


def test_marks_go_on_over_text_and_cells():
    begin, end = TEXT.index("tea"), TEXT.index("All") + 3
    html = passage_html(TEXT, 0, len(TEXT), [(begin, end)])
    assert "<td>green <mark>tea</mark></td><td><mark>5</mark></td>" in html
    assert "<mark>All</mark> with tax." in html


def test_a_part_has_the_rows_in_it_below_the_header():
    begin = TEXT.index("| <b>")
    html = passage_html(TEXT, begin, len(TEXT))
    assert "Item" in html and "milk" in html
    assert "green tea" not in html
    assert "<table>" not in passage_html(TEXT, TEXT.index("All"), len(TEXT))
