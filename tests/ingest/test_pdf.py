"""What the PDF reader makes of tables, bookmarks, labels, locks and ruins."""

from __future__ import annotations

from pathlib import Path

import pypdf
import pytest
from doubles import Placed, paragraph, ruled, write_pdf

from app.errors import DocumentError
from ingest.loaders import Block, SourceDocument, read


def only(path: Path) -> SourceDocument:
    (document,) = read(path)
    return document


def blocks(folder: Path, *pages: list[Placed | str]) -> list[Block]:
    return list(only(write_pdf(folder / "a.pdf", pages)).blocks)


def tables(folder: Path, *pages: list[Placed | str]) -> list[list[list[str]]]:
    """The tables' rows as cells, without the rule below the header."""
    found = [block.text.splitlines() for block in blocks(folder, *pages) if block.kind == "table"]
    return [
        [[cell.strip() for cell in line.strip("|").split("|")] for line in [lines[0], *lines[2:]]]
        for lines in found
    ]


def row(y: float, *cells: str, xs: tuple[float, ...] = (80, 280, 380)) -> list[Placed]:
    return [(x, y, 10, cell) for x, cell in zip(xs, cells, strict=False) if cell]


LEAVE = [["service", "days", "pay"], ["1 year", "15", "full"], ["3 years", "18", "full"]]
LEAVE_ROWS = [placed for number, cells in enumerate(LEAVE) for placed in row(605 - 20 * number, *cells)]
XS, YS = (72, 272, 372, 472), (620, 600, 580, 560)


# -- tables with lines -------------------------------------------------------------------------------


def test_a_ruled_table_stands_where_it_was_and_once(tmp_path: Path) -> None:
    above, below = paragraph("Leave grows with service."), paragraph("Unused days lapse.", top=520)
    found = blocks(tmp_path, [*above, ruled(XS, YS), *LEAVE_ROWS, *below])
    assert [(block.kind, block.page) for block in found] == [("text", 1), ("table", 1), ("text", 1)]
    assert found[0].text == "Leave grows with service." and found[2].text == "Unused days lapse."
    assert found[1].text.splitlines() == [
        "| service | days | pay |",
        "| --- | --- | --- |",
        "| 1 year | 15 | full |",
        "| 3 years | 18 | full |",
    ]


def test_lines_in_a_cell_are_joined_and_its_bars_are_escaped(tmp_path: Path) -> None:
    cells = [*row(605, "duty", "who"), *row(590, "Badge, laptop and", "A|B"), *row(578, "safety walk")]
    assert tables(tmp_path, [ruled((72, 272, 372), (620, 600, 570)), *cells]) == [
        [["duty", "who"], ["Badge, laptop and safety walk", "A\\", "B"]]
    ]


def test_a_table_without_lines_at_its_sides_keeps_its_outer_columns(tmp_path: Path) -> None:
    level = "".join(f"72 {y} m 472 {y} l S\n" for y in YS)
    inner = "".join(f"{x} 620 m {x} 560 l S\n" for x in (272, 372))
    assert tables(tmp_path, [level, inner, *LEAVE_ROWS]) == [LEAVE]


def test_rules_drawn_as_thin_boxes_count(tmp_path: Path) -> None:
    level = "".join(f"72 {y} 400 0.7 re f\n" for y in YS)
    upright = "".join(f"{x} 560 0.7 60 re f\n" for x in XS)
    assert tables(tmp_path, [level, upright, *LEAVE_ROWS]) == [LEAVE]


def test_a_merged_cell_is_told_in_each_of_its_rows(tmp_path: Path) -> None:
    lines = "72 620 m 372 620 l S 172 600 m 372 600 l S 72 580 m 372 580 l S 72 560 m 372 560 l S\n"
    upright = "".join(f"{x} 620 m {x} 560 l S\n" for x in (72, 172, 372))
    cells = [(80, 605, 10, "Family"), (180, 605, 10, "wedding"), (180, 585, 10, "birth")]
    found = tables(tmp_path, [lines, upright, *cells, (80, 565, 10, "Other"), (180, 565, 10, "move")])
    assert found == [[["Family", "wedding"], ["Family", "birth"], ["Other", "move"]]]


def test_a_table_that_is_turned_with_its_page_reads_the_right_way(tmp_path: Path) -> None:
    turned = "q 0 1 -1 0 595 0 cm\n"
    path = write_pdf(
        tmp_path / "flat.pdf",
        [
            [turned, ruled((72, 272, 372, 472), (420, 400, 380, 360))]
            + [(x, y - 200, size, text) for x, y, size, text in LEAVE_ROWS]
            + ["Q\n"]
        ],
    )
    writer = pypdf.PdfWriter(path)
    writer.pages[0].rotate(90)
    writer.write(tmp_path / "turned.pdf")
    (table,) = only(tmp_path / "turned.pdf").blocks
    assert (table.kind, table.text.splitlines()[2]) == ("table", "| 1 year | 15 | full |")


def test_a_frame_around_prose_is_no_table(tmp_path: Path) -> None:
    found = blocks(tmp_path, [ruled((60, 500), (720, 650)), *paragraph("A framed sentence", "of two lines.")])
    assert [(block.kind, block.text) for block in found] == [("text", "A framed sentence of two lines.")]


def test_a_drawing_whose_lines_run_through_words_is_no_table(tmp_path: Path) -> None:
    net = ruled([72 + 13 * step for step in range(20)], [720 - 13 * step for step in range(12)])
    words = paragraph(*["Unquestionably overlapping description"] * 6, top=700)
    assert {block.kind for block in blocks(tmp_path, [net, *words])} == {"text"}


def test_a_page_of_very_many_lines_still_gives_its_text(tmp_path: Path) -> None:
    hatching = "".join(f"{x % 500} {x % 700} m {x % 500 + 9} {x % 700} l S\n" for x in range(30_000))
    net = ruled([10 + step * 1.5 for step in range(380)], [10 + step * 2 for step in range(400)])
    found = blocks(tmp_path, [hatching, *paragraph("A map of the site.")], [net, *paragraph("Graph paper.")])
    assert [block.text for block in found] == ["A map of the site.", "Graph paper."]


def test_a_table_that_goes_on_has_its_header_on_the_next_page_too(tmp_path: Path) -> None:
    more = [*row(785, "6 years", "21", "full"), *row(765, "10 years", "25", "full")]
    following = [ruled(XS, (800, 780, 760)), *more, *paragraph("Unused days lapse.")]
    found = tables(tmp_path, [ruled(XS, YS), *LEAVE_ROWS], following)
    assert found == [LEAVE, [LEAVE[0], ["6 years", "21", "full"], ["10 years", "25", "full"]]]
    other = [ruled(XS[:3], (800, 780, 760)), *row(785, "6 years", "21"), *row(765, "10 years", "25")]
    assert tables(tmp_path, [ruled(XS, YS), *LEAVE_ROWS], other)[1] == [["6 years", "21"], ["10 years", "25"]]


def test_the_head_of_each_page_set_as_a_table_is_furniture(tmp_path: Path) -> None:
    head = [ruled((72, 272, 372), (820, 800, 780)), *row(805, "Rule 7", "Rev. 3"), *row(785, "HR", "2026")]
    pages = [
        [*head, *paragraph(f"Chapter {name} says something.", "And more.", "And the rest of it.")]
        for name in ("alpha", "beta", "gamma", "delta")
    ]
    assert {block.kind for block in blocks(tmp_path, *pages)} == {"text"}


# -- tables without lines ----------------------------------------------------------------------------


def test_aligned_rows_are_a_table(tmp_path: Path) -> None:
    found = blocks(tmp_path, [*paragraph("Leave grows:"), *LEAVE_ROWS, *paragraph("It lapses.", top=520)])
    assert [block.kind for block in found] == ["text", "table", "text"]
    assert "| 3 years | 18 | full |" in found[1].text


def test_a_cell_of_two_lines_is_one(tmp_path: Path) -> None:
    rows = [
        *row(605, "Day 1", "Badge, laptop,", xs=(80, 200)),
        *row(592, "", "safety walk", xs=(80, 200)),
        *row(579, "Week 4", "First review", xs=(80, 200)),
        *row(566, "Month 6", "Decision", xs=(80, 200)),
    ]
    assert tables(tmp_path, [*rows]) == [
        [["Day 1", "Badge, laptop, safety walk"], ["Week 4", "First review"], ["Month 6", "Decision"]]
    ]


def test_prose_in_two_columns_stays_prose(tmp_path: Path) -> None:
    line = "the committee meets on the first day of each month"
    sides = [placed for number in range(8) for placed in row(700 - 14 * number, line, line, xs=(60, 330))]
    assert {block.kind for block in blocks(tmp_path, sides)} == {"text"}


@pytest.mark.parametrize("mark", ["1.", "-", "1.1", "(a)"])
def test_a_list_with_wide_blanks_behind_its_marks_is_no_table(tmp_path: Path, mark: str) -> None:
    items = [placed for number in range(4) for placed in row(700 - 14 * number, mark, "an item", xs=(60, 90))]
    assert not tables(tmp_path, items)


def test_two_rows_are_not_enough(tmp_path: Path) -> None:
    assert not tables(tmp_path, [*row(605, "Date", "Place"), *row(590, "May 1", "Seoul")])


# -- what a file says of itself ----------------------------------------------------------------------


def written(writer: pypdf.PdfWriter, path: Path) -> Path:
    writer.write(path)
    return path


def plain(folder: Path, count: int = 1) -> pypdf.PdfWriter:
    return pypdf.PdfWriter(write_pdf(folder / "plain.pdf", [paragraph("It binds all staff.")] * count))


def test_author_dates_and_keywords_are_metadata(tmp_path: Path) -> None:
    writer = plain(tmp_path)
    writer.add_metadata(
        {
            "/Author": "Kim Minji; Lee Jun",
            "/Keywords": "leave, pay;  travel",
            "/CreationDate": "D:20240102030405+09'00'",
            "/ModDate": "D:20260304",
        }
    )
    assert only(written(writer, tmp_path / "a.pdf")).metadata == {
        "author": ("Kim Minji", "Lee Jun"),
        "date": ("2026-03-04",),
        "tags": ("leave", "pay", "travel"),
    }


def test_page_labels_are_kept_unless_they_are_the_numbers(tmp_path: Path) -> None:
    writer = plain(tmp_path, 3)
    writer.set_page_label(0, 1, style="/r")
    writer.set_page_label(2, 2, style="/D", prefix="A-")
    assert list(only(written(writer, tmp_path / "a.pdf")).page_labels) == ["i", "ii", "A-1"]
    writer = plain(tmp_path, 3)
    writer.set_page_label(0, 2, style="/D")
    assert not only(written(writer, tmp_path / "b.pdf")).page_labels


def test_a_bookmark_names_a_heading_of_two_lines_and_one_with_a_number(tmp_path: Path) -> None:
    page = [
        *paragraph("1.2 Scope and general", "provisions of this rule", "It binds all staff."),
        *paragraph("Purpose", "It protects them.", top=600),
    ]
    writer = pypdf.PdfWriter(write_pdf(tmp_path / "plain.pdf", [page]))
    writer.add_outline_item(title="Scope and general provisions of this rule", page_number=0)
    writer.add_outline_item(title="2. Purpose", page_number=0)
    found = only(written(writer, tmp_path / "a.pdf")).blocks
    assert [(block.kind, block.text) for block in found] == [
        ("heading", "1.2 Scope and general provisions of this rule"),
        ("text", "It binds all staff."),
        ("heading", "Purpose"),
        ("text", "It protects them."),
    ]


# -- locks and ruins ---------------------------------------------------------------------------------


def test_a_file_that_only_forbids_changes_is_read(tmp_path: Path) -> None:
    writer = plain(tmp_path)
    writer.encrypt(user_password="", owner_password="boss", algorithm="AES-256")
    assert only(written(writer, tmp_path / "a.pdf")).blocks[0].text == "It binds all staff."


def test_a_file_that_pdfium_cannot_open_is_read_by_pypdf(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", [paragraph("It binds", "all staff.")], title="Travel rules")
    path.write_bytes(path.read_bytes().replace(b"/Root 1 0 R", b"/Root 99 0 R"))
    document = only(path)
    assert (document.title, document.pages) == ("Travel rules", 1)
    assert [block.text for block in document.blocks] == ["It binds all staff."]


@pytest.mark.parametrize(
    "change",
    [(b"/Kids [4 0 R]", b"/Kids [2 0 R]"), (b"/Count 1", b"/Count 99999999"), (b"/Length", b"/Lengfh")],
)
def test_a_lying_file_gives_its_text_or_a_clear_error(tmp_path: Path, change: tuple[bytes, bytes]) -> None:
    path = write_pdf(tmp_path / "a.pdf", [paragraph("It binds all staff.")])
    data = path.read_bytes()
    assert change[0] in data
    path.write_bytes(data.replace(*change))
    try:
        assert [block.text for block in only(path).blocks] == ["It binds all staff."]
    except DocumentError as error:
        assert str(error).startswith("a.pdf ")
