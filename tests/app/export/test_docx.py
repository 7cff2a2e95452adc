"""Exports for Word, read back as Word reads them: the parts of the package, and python-docx."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree

import docx
import pytest
from support.answers import QUOTE, answer, citation

from app.export import Turn, export, turn_of
from app.schemas import CheckedSentence, Support

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


class Package:
    """A DOCX and what its parts say."""

    def __init__(self, *turns: Turn, language: str = "ko", **options: str) -> None:
        self.data = export(turns, "docx", language, **options).data
        self.files = zipfile.ZipFile(io.BytesIO(self.data))
        self.body = self.part("word/document.xml")
        self.notes = {
            int(note.get(f"{W}id")): "".join(text.text or "" for text in note.iter(f"{W}t"))
            for note in self.part("word/footnotes.xml")
        }
        self.references = [int(one.get(f"{W}id")) for one in self.body.iter(f"{W}footnoteReference")]

    def part(self, name: str) -> ElementTree.Element:
        return ElementTree.fromstring(self.files.read(name))

    @property
    def read(self) -> docx.document.Document:
        return docx.Document(io.BytesIO(self.data))

    @property
    def text(self) -> str:
        tables = [cell.text for table in self.read.tables for row in table.rows for cell in row.cells]
        return "\n".join([*(p.text for p in self.read.paragraphs), *tables])


def test_marks_are_footnotes_of_word():
    made = answer("A [1]. B [2]. C [1].", citation(1), citation(2, page=9, quote="휴가는 60일이다."))
    package = Package(turn_of(made))
    assert package.references == [1, 2]
    assert package.notes[1].strip() == f"hr/휴가 규정.pdf, 3쪽: “{QUOTE}”"
    assert package.notes[2].strip() == "hr/휴가 규정.pdf, 9쪽: “휴가는 60일이다.”"
    assert {-1, 0} < package.notes.keys()  # the lines above the notes
    again = ["".join(one.itertext()).strip() for one in package.body.iter(f"{W}instrText")]
    assert again == ["NOTEREF _RefNote1 \\f \\h"]
    bookmarks = [one.get(f"{W}name") for one in package.body.iter(f"{W}bookmarkStart")]
    assert bookmarks == ["_RefNote1", "_RefNote2"]


def test_the_package_names_its_footnotes():
    package = Package(turn_of(answer()))
    assert "footnotes+xml" in package.files.read("[Content_Types].xml").decode()
    assert "footnotes.xml" in package.files.read("word/_rels/document.xml.rels").decode()
    settings = [child.tag.removeprefix(W) for child in package.part("word/settings.xml")]
    assert settings.index("footnotePr") < settings.index("compat")


def test_footnotes_are_counted_through_a_conversation():
    one = answer("A [2]. B [1].", citation(1), citation(2))
    package = Package(turn_of(one), turn_of(one), turn_of(one))
    assert package.references == [1, 2, 3, 4, 5, 6]
    assert sorted(package.notes) == [-1, 0, 1, 2, 3, 4, 5, 6]


def test_korean_has_a_font_and_a_language():
    package = Package(turn_of(answer("연차는 **15일** `코드`입니다 [1].")))
    styles = {one.get(f"{W}styleId"): one for one in package.part("word/styles.xml").iter(f"{W}style")}
    for name in ("Normal", "Heading1", "Title", "FootnoteText"):
        [fonts] = styles[name].iter(f"{W}rFonts")
        assert fonts.get(f"{W}eastAsia") == "Malgun Gothic"
        assert not any("Theme" in key for key in fonts.attrib)
    assert package.read.core_properties.language == "ko-KR"
    assert package.read.core_properties.title == "휴가는 며칠인가요?"
    assert "연차는 15일 코드입니다" in package.text


def test_headings_lists_and_tables_are_words_own():
    text = "# A\n\n1. one\n2. two\n\nx\n\n7. seven\n   - deep\n\n| h [1] | k |\n|---|---|\n| 1 | 2 |\n"
    read = Package(turn_of(answer(text)), Turn("B")).read
    styles = [(p.style.name, p.text) for p in read.paragraphs]
    assert ("Heading 2", "A") in styles
    assert ("List Number", "seven") in styles
    assert ("List Bullet 2", "deep") in styles
    lists = {p.text: p._p.pPr.numPr.numId.val for p in read.paragraphs if p.style.name == "List Number"}
    assert lists["one"] == lists["two"] != lists["seven"]
    assert [cell.text for cell in read.tables[0].rows[1].cells] == ["1", "2"]
    assert read.tables[0].rows[0]._tr.trPr is not None


HOSTILE = "a\x00\x07\x1b\x0b\ufffe\ud800\U000e0041 <w:t>&amp;</w:t> \u202e ]]> 🎉 สวัสดี العربية"


def test_hostile_text_is_text():
    made = answer(
        f"{HOSTILE} ![x](http://evil.example/x) [y](http://evil.example/y) [1]",
        citation(1, source=HOSTILE, quote=HOSTILE, record_id=HOSTILE),
        question=HOSTILE,
        typed=None,
    )
    package = Package(turn_of(made), Turn(HOSTILE), title=HOSTILE)
    assert "<w:t>&amp;</w:t>" in package.text
    assert "🎉 สวัสดี العربية" in package.text
    assert "x (http://evil.example/x)" in package.text
    assert "<w:t>&amp;</w:t>" in package.notes[1]
    links = package.files.read("word/_rels/document.xml.rels").decode()
    assert "evil" not in links
    assert not list(package.body.iter(f"{W}hyperlink"))


def test_flags_stand_behind_their_sentences():
    sentence = CheckedSentence(text="연차는 99일입니다.", citations=(1,), support=Support.NOT)
    package = Package(turn_of(answer("연차는 99일입니다 [1]. 다음.", sentences=(sentence,))))
    assert "연차는 99일입니다. ⚠ 다음." in package.text
    assert "⚠ 출처에서 찾지 못함:" in package.text


@pytest.mark.parametrize("text", ["", "   ", "[1]", "- ", "1.\n2.\n", "> ", "| a |\n|---|", "```\n```"])
def test_strange_answers_are_files(text: str):
    for format in ("md", "docx"):
        assert export([turn_of(answer(text))], format, "en").data
