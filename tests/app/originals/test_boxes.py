"""Boxes stand around the quoted words and nothing else, however the page is made."""

from __future__ import annotations

from pathlib import Path

import pypdf
import pypdfium2
import pytest
from doubles import Placed, paragraph, ruled, write_pdf
from pypdf.generic import RectangleObject
from support.korean_pdf import write_korean_pdf
from support.pdf_text import text_in

from app.originals.pdf.quotes import Place, Quote, Quotes

LEAVE = "Every employee has 25 days of paid leave."


def place(path: Path, text: str, context: str = "", page: int = 1, page_end: int | None = None) -> Place:
    with pypdfium2.PdfDocument(path) as document:
        return Quotes(document).place(Quote(text, context or text, page, page_end or page))


def under(path: Path, text: str, context: str = "", page: int = 1, page_end: int | None = None) -> list[str]:
    """What stands in the boxes of a quote."""
    return text_in(path, place(path, text, context, page, page_end).boxes)


def test_a_quote_inside_a_line_has_one_box(tmp_path: Path):
    path = write_pdf(tmp_path / "a.pdf", [paragraph(f"It is so. {LEAVE} Unused days lapse.")])
    assert under(path, LEAVE) == [LEAVE]


def test_a_quote_over_lines_has_a_box_for_each(tmp_path: Path):
    lines = ["It is so. Every employee has", "25 days of paid leave in a", "calendar year. Days lapse."]
    path = write_pdf(tmp_path / "a.pdf", [paragraph(*lines)])
    found = under(path, "Every employee has 25 days of paid leave in a calendar year.")
    assert found == ["Every employee has", "25 days of paid leave in a", "calendar year."]


def test_a_word_that_was_divided_is_found_whole(tmp_path: Path):
    first, second = "All applications go to the admin-", "istration at once."
    path = write_pdf(tmp_path / "a.pdf", [paragraph(first, second)])
    found = under(path, "All applications go to the administration at once.")
    assert [line.rstrip("-\x02\ufffe") for line in found] == [first[:-1], second]


def test_of_two_places_the_one_with_the_passages_surroundings_is_meant(tmp_path: Path):
    page = [
        *paragraph("Office staff.", LEAVE, "Ask the office."),
        *paragraph("Drivers.", LEAVE, "Ask the depot.", top=500),
    ]
    path = write_pdf(tmp_path / "a.pdf", [page])
    heights = [
        place(path, LEAVE, f"{who} {LEAVE} {whom}").boxes[1][0].top
        for who, whom in (("Office staff.", "Ask the office."), ("Drivers.", "Ask the depot."))
    ]
    assert heights[0] < 200 < heights[1]


def test_prose_in_two_columns_is_boxed_in_its_own(tmp_path: Path):
    left = paragraph("The committee meets on", "the first day of a month.", left=60)
    right = paragraph("Its minutes are kept for", "ten years by the office.", left=330)
    path = write_pdf(tmp_path / "a.pdf", [[*left, *right]])
    assert under(path, "Its minutes are kept for ten years by the office.") == [
        "Its minutes are kept for",
        "ten years by the office.",
    ]


def test_cells_of_several_lines_are_found_though_the_file_mixes_their_lines(tmp_path: Path):
    cells: list[Placed | str] = [
        (80, 605, 10, "Day 1"),
        (180, 605, 10, "Badge, laptop"),
        (330, 605, 10, "Signed by"),
        (180, 592, 10, "and safety walk"),
        (330, 592, 10, "the supervisor"),
    ]
    below: list[Placed | str] = [(80, 575, 10, "Week 4"), (180, 575, 10, "Review"), (330, 575, 10, "Office")]
    path = write_pdf(tmp_path / "a.pdf", [[ruled((72, 172, 322, 472), (620, 587, 570)), *cells, *below]])
    found = under(path, "| Day 1 | Badge, laptop and safety walk | Signed by the supervisor |")
    assert sorted(found) == ["Badge, laptop", "Day 1", "Signed by", "and safety walk", "the supervisor"]


def test_numbers_of_a_row_are_boxed_in_that_row(tmp_path: Path):
    rows = [
        cell
        for n, row in enumerate((("Years", "Days"), ("1", "15"), ("3", "15"), ("6", "18")))
        for cell in ((80, 605 - 20 * n, 10, row[0]), (200, 605 - 20 * n, 10, row[1]))
    ]
    path = write_pdf(tmp_path / "a.pdf", [rows])
    context = "| Years | Days |\n| --- | --- |\n| 1 | 15 |\n| 3 | 15 |\n| 6 | 18 |"
    found = place(path, "| 3 | 15 |", context)
    assert text_in(path, found.boxes) == ["3", "15"]
    assert {round(box.bottom) for box in found.boxes[1]} == {842 - 565}


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_turned_page_is_boxed_as_it_is_shown(tmp_path: Path, angle: int):
    writer = pypdf.PdfWriter(write_pdf(tmp_path / "a.pdf", [paragraph("It is so.", LEAVE, "Days lapse.")]))
    writer.pages[0].rotate(angle)
    writer.write(tmp_path / "turned.pdf")
    found = place(tmp_path / "turned.pdf", LEAVE)
    assert text_in(tmp_path / "turned.pdf", found.boxes) == [LEAVE]
    [box] = found.boxes[1]
    across, down = box.right - box.left, box.bottom - box.top
    assert (across > down) == (angle == 180)


def test_a_page_that_is_cropped_and_begins_elsewhere(tmp_path: Path):
    writer = pypdf.PdfWriter(write_pdf(tmp_path / "a.pdf", [paragraph("It is so.", LEAVE)]))
    writer.pages[0].mediabox = RectangleObject((-20, -30, 595, 842))
    writer.pages[0].cropbox = RectangleObject((50, 600, 400, 742))
    writer.write(tmp_path / "cropped.pdf")
    found = place(tmp_path / "cropped.pdf", LEAVE)
    assert text_in(tmp_path / "cropped.pdf", found.boxes) == [LEAVE]
    [box] = found.boxes[1]
    assert 0 < 72 - 50 - box.left < 2 or abs(box.left - 22) < 2
    assert abs(box.bottom - (742 - 700 + 1.3 * 11)) < 4


def test_a_quote_runs_over_a_pages_end_and_what_stands_between(tmp_path: Path):
    first = [*paragraph("It is so. Every employee has 25", "days of paid leave in"), *paragraph("7", top=40)]
    second = [*paragraph("Handbook of 2026", top=800), *paragraph("a calendar year. Unused days lapse.")]
    path = write_pdf(tmp_path / "a.pdf", [first, second])
    quote = "Every employee has 25 days of paid leave in a calendar year."
    known = place(path, quote, page=1, page_end=2)
    assert list(known.boxes) == [1, 2]
    pieces = ["Every employee has 25", "days of paid leave in", "a calendar year."]
    assert text_in(path, known.boxes) == pieces
    # The reader may have brought the sentence's end to the first page.
    assert place(path, quote).boxes == known.boxes


def test_the_header_of_a_table_that_goes_on_is_boxed_where_it_stands(tmp_path: Path):
    first = [(80, 605, 10, "Years of service"), (280, 605, 10, "Days of leave")]
    path = write_pdf(tmp_path / "a.pdf", [first, [(80, 605, 10, "3 years"), (280, 605, 10, "18")]])
    found = place(path, "| Years of service | Days of leave |", page=2)
    assert list(found.boxes) == [1]
    assert text_in(path, found.boxes) == ["Years of service", "Days of leave"]


def test_korean_is_boxed_whatever_form_its_letters_are_in(tmp_path: Path):
    sick = "병가는 60일까지 쓸 수 있다."
    path = write_korean_pdf(tmp_path / "a.pdf", ["연차 휴가는 1년에 15일이다.", sick])
    assert under(path, sick) == [sick]
    decomposed = write_korean_pdf(tmp_path / "b.pdf", ["연차 휴가는", "1년에 15일이다."], form="NFD")
    assert len(place(decomposed, "연차 휴가는 1년에 15일이다.").boxes[1]) == 2


@pytest.mark.parametrize("quote", ["", "| --- |", "…", "Nothing of this kind was ever written on any page."])
def test_what_is_not_there_has_no_box(tmp_path: Path, quote: str):
    path = write_pdf(tmp_path / "a.pdf", [paragraph("It is so.", LEAVE)])
    assert place(path, quote) == Place()


def test_a_page_of_very_many_letters_takes_no_longer_than_a_test_may(tmp_path: Path):
    path = write_pdf(tmp_path / "a.pdf", [[(10, 800 - n, 1, "ab" * 1500) for n in range(30)]])
    assert place(path, "ab" * 200 + "c" + "ab" * 300).share > 0.5


def test_pages_that_the_reader_is_wrong_about_do_no_harm(tmp_path: Path):
    path = write_pdf(tmp_path / "a.pdf", [paragraph(LEAVE)])
    assert under(path, LEAVE, page=9, page_end=12) == [LEAVE]
