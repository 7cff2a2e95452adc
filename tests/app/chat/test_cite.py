"""Citation marks: however a model writes them and however the stream is cut, and the words they lead to."""

from __future__ import annotations

import pytest
from support.passages import KOREAN, LEAVE, REMOTE, chunk, hits

from app.chat.context import Passage, passages
from app.chat.marks import Marks, without_marks
from app.chat.verify import verify

FOUND = passages(hits(chunk(LEAVE), chunk(KOREAN, "휴가.md"), chunk(REMOTE, "remote.md", page=4)))


def cleaned(text: str, known: int = 9, pieces: int | None = None) -> tuple[str, Marks]:
    """The text through `Marks`, cut into pieces of so many characters."""
    marks = Marks(range(1, known + 1))
    size = pieces or max(1, len(text))
    parts = [marks.feed(text[start : start + size]) for start in range(0, len(text), size)]
    return "".join([*parts, marks.end()]), marks


MARKS = [
    ("Yes [1].", "Yes [1]."),
    ("Yes[1].", "Yes[1]."),
    ("B [3]. A [1]. B [3].", "B [1]. A [2]. B [1]."),
    ("Both [1, 2].", "Both [1][2]."),
    ("Both [1,2].", "Both [1][2]."),
    ("Both [1][2].", "Both [1][2]."),
    ("Both [1] [2].", "Both [1] [2]."),
    ("All [2-4].", "All [1][2][3]."),
    ("All [1–3; 7].", "All [1][2][3][4]."),
    ("Both [1 and 2].", "Both [1][2]."),
    ("둘 다 [1과 2].", "둘 다 [1][2]."),
    ("둘 다 [1、2].", "둘 다 [1][2]."),
    ("Wide 【1】.", "Wide [1]."),
    ("Wide 【2†source】.", "Wide [1]."),
    ("Wide 【2†L10-L12】.", "Wide [1]."),
    ("Full ［１］.", "Full [1]."),
    ("Named [source 2].", "Named [1]."),
    ("Named [Passage 2].", "Named [1]."),
    ("이름 [출처 2].", "이름 [1]."),
    ("Foot [^2].", "Foot [1]."),
    ("Twice [1][1].", "Twice [1]."),
    ("Twice [1, 1].", "Twice [1]."),
    ("Nowhere [12].", "Nowhere."),
    ("Nowhere [0] at all.", "Nowhere at all."),
    ("Half [1, 12].", "Half [1]."),
    ("Huge [99999999999999999999].", "Huge [99999999999999999999]."),
    ("A range of nonsense [1-4000].", "A range of nonsense [1]."),
    ("No mark [sic].", "No mark [sic]."),
    ("A [link](https://example.org).", "A [link](https://example.org)."),
    ("- [ ] open\n- [x] done", "- [ ] open\n- [x] done"),
    ("An open [", "An open ["),
    ("An open [1", "An open [1"),
    ("Trailing  ", "Trailing  "),
    ("", ""),
]


@pytest.mark.parametrize(("said", "shown"), MARKS)
def test_marks_become_uniform(said: str, shown: str):
    assert cleaned(said)[0] == shown


@pytest.mark.parametrize("size", [1, 2, 3, 5])
@pytest.mark.parametrize(("said", "shown"), MARKS)
def test_the_cuts_of_the_stream_make_no_difference(said: str, shown: str, size: int):
    assert cleaned(said, pieces=size)[0] == shown


def test_removed_marks_are_counted():
    assert cleaned("a [1], b [7], c [8, 9], d [2]", known=2)[1].removed == 3


def test_a_partial_mark_is_held_back_and_nothing_else():
    marks = Marks([1])
    assert marks.feed("Yes [") == "Yes"
    assert marks.feed("1") == ""
    assert marks.feed("] and") == " [1] and"
    assert marks.feed(" [not a mark, but a long remark in brackets that goes on and on and on") != ""


def test_streaming_stays_linear():
    text = "[ [ [ [1 " * 20_000
    assert len(cleaned(text, pieces=1000)[0]) > 0


def test_text_without_marks():
    assert without_marks("Yes [1][2]. No 【3】, [sic].") == "Yes. No, [sic]."


def cite(text: str, found: tuple[Passage, ...] = FOUND, question: str = ""):
    shown, marks = cleaned(text, known=len(found))
    return verify(shown, marks.shown, found, question).citations


@pytest.mark.parametrize(
    ("said", "quote"),
    [
        ("Employees get 25 days of leave [1].", "Every employee has 25 days of paid leave a year."),
        ("What is left expires on 31 March. [1]", "Unused days expire on 31 March."),
        ("With consent they are paid out [1].", LEAVE.split(". ")[2]),
        ("연차는 15일입니다 [2].", "연차 휴가는 1년에 15일입니다."),
        ("병가는 60일까지입니다.[2]", "병가는 진단서를 내면 60일까지 쓸 수 있습니다."),
        ("According to [1], unused days are gone after 31 March.", "Unused days expire on 31 March."),
        (
            "There are 25 days of leave [1]. They expire on 31 March [1].",
            "Every employee has 25 days of paid leave a year. Unused days expire on 31 March.",
        ),
    ],
)
def test_the_quote_is_what_supports_the_sentence(said: str, quote: str):
    [citation] = cite(said)
    assert citation.quote == quote
    assert citation.quote in citation.context


def test_citations_are_numbered_as_the_reader_sees_them():
    found = cite("Three days at home [3]. 25 days of leave [1].")
    assert [(one.n, one.source, one.page) for one in found] == [(1, "remote.md", 4), (2, "leave.md", None)]
    assert found[0].chunk_id == FOUND[2].hit.chunk.id
    assert found[0].score == FOUND[2].hit.score


def test_an_answer_in_another_language_is_quoted_by_the_question():
    [citation] = cite("그렇습니다 [1].", question="When do unused days expire?")
    assert citation.quote == "Unused days expire on 31 March."


def test_a_table_row_is_quoted_as_it_stands():
    table = chunk("| City | Days |\n|---|---|\n| Berlin | 3 |\n| Seoul | 5 |", "t.md")
    [citation] = cite("In Seoul it is 5 days [1].", passages(hits(table)))
    assert citation.quote == "| Seoul | 5 |"


def test_a_heading_in_the_passage_is_no_part_of_the_quote():
    text = (
        "3.2 Carrying leave over\nUp to 8 days may be carried over into the next year, and no more than that."
    )
    [citation] = cite("Up to 8 days may be carried over [1].", passages(hits(chunk(text))))
    assert citation.quote == text.split("\n")[1]


def test_the_quote_names_the_neighbour_that_it_stands_in():
    before, after = chunk(REMOTE, ordinal=0, page=1), chunk(LEAVE, ordinal=1, page=2)
    found = passages(hits(before), lambda *_: [after])
    [citation] = cite("Unused days expire on 31 March [1].", found)
    assert (citation.chunk_id, citation.page, citation.quote) == (
        after.id,
        2,
        "Unused days expire on 31 March.",
    )


def test_a_citation_names_the_page_of_its_quote():
    turn = LEAVE.index("Unused")
    leave = chunk(LEAVE, page=3, page_turns=((turn, 4),), page_label="iii–iv")
    found = passages(hits(leave))
    [first] = cite("Employees get 25 days of leave [1].", found)
    [second] = cite("What is left expires on 31 March [1].", found)
    [both] = cite("There are 25 days of leave [1]. They expire on 31 March [1].", found)
    assert [(one.page, one.page_end, one.page_label) for one in (first, second, both)] == [
        (3, None, "iii"),
        (4, None, "iv"),
        (3, 4, "iii–iv"),
    ]


def test_no_marks_no_citations():
    assert cite("Nothing is cited here.") == ()
