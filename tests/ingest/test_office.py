"""What readers make of texts and slides of office programs, good and hostile."""

from __future__ import annotations

import io
import struct
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import docx
import openpyxl
import pptx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from office_files import write_doc, write_odf, write_ole, write_ppt
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from app.errors import DocumentError
from ingest.loaders import READERS, SourceDocument, read

MATH = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
BOX = Inches(1), Inches(1), Inches(4), Inches(1)


def only(path: Path) -> SourceDocument:
    (document,) = read(path)
    return document


def blocks(path: Path) -> list[tuple[str, int, str]]:
    return [(block.kind, block.level, block.text) for block in only(path).blocks]


def rewritten(path: Path, change: Callable[[str, bytes], bytes], extra: dict[str, str] | None = None) -> Path:
    """The archive with each part changed, and with further parts."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, change(name, data))
        for name, text in (extra or {}).items():
            archive.writestr(name, text)
    return path


# -- DOCX --------------------------------------------------------------------------------------------


def numbering(document: docx.document.Document, *levels: tuple[str, str]) -> None:
    """A list 77 with these (format, text) for its levels."""
    xml = "".join(
        f'<w:lvl w:ilvl="{number}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for number, (form, text) in enumerate(levels)
    )
    root = document.part.numbering_part.element
    root.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{xml}</w:abstractNum>'))
    root.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))


def numbered(document: docx.document.Document, text: str, level: int, style: str | None = None) -> None:
    properties = document.add_paragraph(text, style=style)._p.get_or_add_pPr()
    properties.append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="77"/></w:numPr>')
    )


def test_docx_numbers_stand_where_word_shows_them(tmp_path: Path) -> None:
    document = docx.Document()
    numbering(document, ("decimal", "제%1조"), ("ganada", "%2."), ("decimalEnclosedCircle", "%3"))
    numbered(document, "목적", 0, "Heading 1")
    numbered(document, "정의", 0, "Heading 1")
    for text, level in [("직원", 1), ("정규직", 2), ("계약직", 2), ("회사", 1)]:
        numbered(document, text, level)
    document.save(str(tmp_path / "a.docx"))
    assert blocks(tmp_path / "a.docx") == [
        ("heading", 1, "제1조 목적"),
        ("heading", 1, "제2조 정의"),
        ("list", 0, "  가. 직원"),
        ("list", 0, "    ① 정규직"),
        ("list", 0, "    ② 계약직"),
        ("list", 0, "  나. 회사"),
    ]


def test_docx_merged_and_nested_tables_keep_their_columns(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(rows=3, cols=3)
    for row, texts in enumerate([["부서", "인원", ""], ["인사", "1", "2"], ["", "3", ""]]):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(1, 0).merge(table.cell(2, 0))
    inner = table.cell(2, 2).add_table(rows=1, cols=2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "안", "쪽"
    document.save(str(tmp_path / "a.docx"))
    assert [text for _, _, text in blocks(tmp_path / "a.docx")] == [
        "| 부서 | 인원 | 인원 |\n| --- | --- | --- |\n| 인사 | 1 | 2 |\n| 인사 | 3 |  |",
        "| 안 | 쪽 |\n| --- | --- |",
    ]


def test_docx_notes_boxes_equations_and_comments(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("연차는 15일이다.")
    paragraph._p.append(parse_xml(f'<w:r {nsdecls("w")}><w:footnoteReference w:id="2"/></w:r>'))
    formula = "<m:f><m:num><m:r><m:t>a</m:t></m:r></m:num><m:den><m:r><m:t>b</m:t></m:r></m:den></m:f>"
    paragraph = document.add_paragraph("값은 ")
    paragraph._p.append(parse_xml(f"<m:oMath {MATH}>{formula}</m:oMath>"))
    box = "<w:txbxContent><w:p><w:r><w:t>상자</w:t></w:r></w:p></w:txbxContent>"
    other = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    choice = f'<mc:Choice Requires="wps">{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>'
    words = "<w:del><w:r><w:t>지움</w:t></w:r></w:del><w:r><w:rPr><w:vanish/></w:rPr><w:t>숨김</w:t></w:r>"
    alternatives = f"<mc:AlternateContent>{choice}</mc:AlternateContent>"
    document.element.body.insert(
        2, parse_xml(f"<w:p {nsdecls('w')} {other}>{words}<w:r>{alternatives}</w:r></w:p>")
    )
    document.add_comment(paragraph.runs, text="확인 바람", author="김 부장")
    document.save(str(tmp_path / "a.docx"))
    note = '<w:footnote w:id="2"><w:p><w:r><w:t>공휴일 제외</w:t></w:r></w:p></w:footnote>'
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    rewritten(
        tmp_path / "a.docx",
        lambda name, data: (
            data.replace(
                b"</Relationships>",
                f'<Relationship Id="n" Type="{kind}" Target="n.xml"/></Relationships>'.encode(),
            )
            if name == "word/_rels/document.xml.rels"
            else data
        ),
        {"word/n.xml": f"<w:footnotes {nsdecls('w')}>{note}</w:footnotes>"},
    )
    assert [text for _, _, text in blocks(tmp_path / "a.docx")] == [
        "연차는 15일이다.",
        "¹ 공휴일 제외",
        r"값은 $\frac{a}{b}$",
        "상자",
        "Comments",
        "김 부장: 확인 바람",
    ]


def test_strict_and_macro_variants_are_read_as_the_plain_ones(tmp_path: Path) -> None:
    document = docx.Document()
    document.core_properties.author, document.core_properties.modified = "김철수", datetime(2026, 3, 1)
    document.add_heading("휴가", 1)
    document.save(str(tmp_path / "strict.docx"))

    def strict(_: str, data: bytes) -> bytes:
        word = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
        relations = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        data = data.replace(word, b"http://purl.oclc.org/ooxml/wordprocessingml/main")
        return data.replace(relations, b"http://purl.oclc.org/ooxml/officeDocument/relationships")

    found = only(rewritten(tmp_path / "strict.docx", strict))
    assert [block.text for block in found.blocks] == ["휴가"]
    assert found.metadata["author"] == ("김철수",) and found.metadata["modified"] == ("2026-03-01",)

    plain = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
    show = b"application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml"
    path = write_slides(tmp_path / "show.ppsx")
    assert only(rewritten(path, lambda _, data: data.replace(plain, show))).pages == 3


def test_what_authors_say_of_pictures_is_read_and_what_programs_say_is_not(tmp_path: Path) -> None:
    place = 'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    document = docx.Document()
    paragraph = document.add_paragraph("그림:")
    for said in (
        "조직도: 대표 아래 두 팀",
        "그림 3",
        "scan.png",
        "A dog Description automatically generated",
        "",
    ):
        picture = f'<wp:inline {place}><wp:docPr id="1" name="x" descr="{said}"/></wp:inline>'
        paragraph._p.append(parse_xml(f"<w:r {nsdecls('w')}><w:drawing>{picture}</w:drawing></w:r>"))
    document.save(str(tmp_path / "a.docx"))
    assert [text for _, _, text in blocks(tmp_path / "a.docx")] == ["그림:", "조직도: 대표 아래 두 팀"]


# -- PPTX --------------------------------------------------------------------------------------------


def write_slides(path: Path) -> Path:
    show = pptx.Presentation()
    show.core_properties.title = "2026 계획"
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text = "예산"
    slide.placeholders[1].text = "늘린다\n줄인다"
    slide.notes_slide.notes_text_frame.text = "천천히 말하기"
    slide = show.slides.add_slide(show.slide_layouts[6])
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(*BOX).text_frame.text = "묶음 안의 글"
    table = slide.shapes.add_table(2, 2, *BOX).table
    for cell, text in zip(table.iter_cells(), ["부서", "", "1", "2"], strict=True):
        cell.text = text
    table.cell(0, 0).merge(table.cell(0, 1))
    slide = show.slides.add_slide(show.slide_layouts[6])
    data = CategoryChartData()
    data.categories = ["1분기", "2분기"]
    data.add_series("매출", (10, 12.5))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *BOX, data)
    show.save(str(path))
    return path


def test_pptx_slides_are_pages_with_notes_tables_groups_and_charts(tmp_path: Path) -> None:
    document = only(write_slides(tmp_path / "a.pptx"))
    assert (document.title, document.pages, document.page_labels) == ("2026 계획", 3, [])
    assert [(block.page, block.kind, block.level, block.text) for block in document.blocks] == [
        (1, "heading", 1, "예산"),
        (1, "list", 0, "- 늘린다\n- 줄인다"),
        (1, "heading", 2, "Notes"),
        (1, "text", 0, "천천히 말하기"),
        (2, "heading", 1, "묶음 안의 글"),
        (2, "table", 0, "| 부서 | 부서 |\n| --- | --- |\n| 1 | 2 |"),
        (3, "heading", 1, "Slide 3"),
        (3, "table", 0, "|  | 매출 |\n| --- | --- |\n| 1분기 | 10 |\n| 2분기 | 12.5 |"),
    ]


def test_pptx_comments_name_their_authors(tmp_path: Path) -> None:
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    namespace = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
    links = {
        "ppt/slides/_rels/slide1.xml.rels": ("comments", "../comments/c.xml"),
        "ppt/_rels/presentation.xml.rels": ("commentAuthors", "authors.xml"),
    }

    def linked(name: str, data: bytes) -> bytes:
        if name not in links:
            return data
        kind, target = links[name]
        link = f'<Relationship Id="n" Type="{office}/{kind}" Target="{target}"/></Relationships>'
        return data.replace(b"</Relationships>", link.encode())

    authors = f'<p:cmAuthorLst {namespace}><p:cmAuthor id="3" name="김 부장"/></p:cmAuthorLst>'
    comments = f'<p:cmLst {namespace}><p:cm authorId="3"><p:text>확인 바람</p:text></p:cm></p:cmLst>'
    extra = {"ppt/comments/c.xml": comments, "ppt/authors.xml": authors}
    path = rewritten(write_slides(tmp_path / "a.pptx"), linked, extra)
    first = [block.text for block in only(path).blocks if block.page == 1]
    assert first[-2:] == ["Comments", "김 부장: 확인 바람"]


def test_pptx_numbers_that_do_not_begin_at_one_are_labels(tmp_path: Path) -> None:
    show = pptx.Presentation(str(write_slides(tmp_path / "a.pptx")))
    show.element.set("firstSlideNum", "5")
    show.save(str(tmp_path / "a.pptx"))
    assert only(tmp_path / "a.pptx").page_labels == ["5", "6", "7"]


def test_empty_shows_and_texts_are_refused(tmp_path: Path) -> None:
    show = pptx.Presentation()
    show.slides.add_slide(show.slide_layouts[6])
    show.save(str(tmp_path / "a.pptx"))
    docx.Document().save(str(tmp_path / "a.docx"))
    write_odf(tmp_path / "a.odt", "text", "<text:p/>")
    for name in ("a.pptx", "a.docx", "a.odt"):
        with pytest.raises(DocumentError, match=rf"{name} holds no text"):
            list(read(tmp_path / name))


# -- OpenDocument ------------------------------------------------------------------------------------


def test_odt_keeps_headings_lists_tables_notes_and_pages(tmp_path: Path) -> None:
    note = "<text:note-citation>1</text:note-citation><text:note-body><text:p>주석</text:p></text:note-body>"
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    inner = "<text:list><text:list-item><text:p>둘</text:p></text:list-item></text:list>"
    items = f"<text:list-item><text:p>하나</text:p>{inner}</text:list-item>"
    body = (
        '<text:p text:style-name="Title">규정</text:p>'
        "<text:tracked-changes><text:p>지움</text:p></text:tracked-changes>"
        f'<text:h text:outline-level="2">휴가</text:h>'
        f'<text:p>15<text:s text:c="2"/>일<text:note>{note}</text:note></text:p>'
        f"<text:soft-page-break/><text:list>{items}</text:list>"
        f"<table:table><table:table-row>{''.join(map(cell.format, '가나'))}</table:table-row></table:table>"
    )
    meta = (
        "<meta:initial-creator>김철수</meta:initial-creator><dc:date>2026-03-01T09:00:00</dc:date>"
        "<meta:keyword>휴가</meta:keyword>"
    )
    document = only(write_odf(tmp_path / "a.odt", "text", body, meta=meta))
    assert (document.title, document.pages) == ("규정", 2)
    assert document.metadata == {"author": ("김철수",), "modified": ("2026-03-01",), "tags": ("휴가",)}
    assert [(block.kind, block.level, block.page, block.text) for block in document.blocks] == [
        ("text", 0, 1, "규정"),
        ("heading", 2, 1, "휴가"),
        ("text", 0, 1, "15  일"),
        ("text", 0, 1, "¹ 주석"),
        ("list", 0, 2, "- 하나\n  - 둘"),
        ("table", 0, 2, "| 가 | 나 |\n| --- | --- |"),
    ]


def test_odp_slides_are_pages_with_notes(tmp_path: Path) -> None:
    text = "<draw:text-box><text:p>{}</text:p></draw:text-box>"
    body = (
        f"<draw:page><draw:frame>{text.format('본문')}</draw:frame>"
        f'<draw:frame presentation:class="title">{text.format("제목")}</draw:frame>'
        f"<presentation:notes><draw:frame>{text.format('메모')}</draw:frame></presentation:notes></draw:page><draw:page/>"
    )
    document = only(write_odf(tmp_path / "a.odp", "presentation", body))
    assert document.pages == 2
    assert [(block.kind, block.page, block.text) for block in document.blocks] == [
        ("heading", 1, "제목"),
        ("text", 1, "본문"),
        ("heading", 1, "Notes"),
        ("text", 1, "메모"),
    ]


# -- RTF, DOC, PPT -----------------------------------------------------------------------------------

RTF = (
    rb"{\rtf1\ansi\ansicpg949{\info{\title \'c8\'de\'b0\'a1}{\author Kim}{\creatim\yr2026\mo3\dy1\hr9}}"
    rb"\'bf\'ac\'c2\'f7 15\'c0\'cf\par \trowd\cellx1\cellx2 a\cell b\cell\row"
    rb"\trowd\cellx1\cellx2 1\cell 2\cell\row\pard \u45149?\par}"
)


def test_rtf_in_korean_with_a_table_and_its_information(tmp_path: Path) -> None:
    (tmp_path / "a.rtf").write_bytes(RTF)
    document = only(tmp_path / "a.rtf")
    assert document.title == "휴가"
    assert document.metadata == {"author": ("Kim",), "created": ("2026-03-01",)}
    assert [block.text for block in document.blocks] == [
        "연차 15일",
        "| a | b |\n| --- | --- |\n| 1 | 2 |",
        "끝",
    ]


def test_other_files_named_doc_are_read_as_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "rtf.doc").write_bytes(RTF)
    assert only(tmp_path / "rtf.doc").title == "휴가"
    document = docx.Document()
    document.add_paragraph("새 문서")
    document.save(str(tmp_path / "new.doc"))
    assert blocks(tmp_path / "new.doc") == [("text", 0, "새 문서")]
    (tmp_path / "page.doc").write_text(
        "<html><body><p>웹 문서의 한 문장입니다.</p></body></html>", encoding="utf-8"
    )
    assert blocks(tmp_path / "page.doc")[0][2] == "웹 문서의 한 문장입니다."


@pytest.mark.parametrize("pieces", [1, 3])
def test_doc_keeps_headings_lists_tables_and_results_of_fields(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pieces: int
) -> None:
    monkeypatch.setitem(sys.modules, "kreuzberg", None)
    text = "휴가\r\x13PAGE\x141\x15쪽: 연차는 15일이다.\r하나\r이름\a일수\a\a김\a둘\r셋\a\a끝\r"
    plain, cell, row = b"\0\0", b"\0\0\x16\x24\x01", b"\0\0\x16\x24\x01\x17\x24\x01"
    item = b"\0\0\x0a\x26\x01\x0b\x46\x02\0"
    properties = [b"\x02\0", plain, item, cell, cell, row, cell, cell, cell, row, plain]
    assert blocks(write_doc(tmp_path / "a.doc", text, properties, pieces)) == [
        ("heading", 2, "휴가"),
        ("text", 0, "1쪽: 연차는 15일이다."),
        ("list", 0, "  - 하나"),
        ("table", 0, "| 이름 | 일수 |\n| --- | --- |\n| 김 | 둘 셋 |"),
        ("text", 0, "끝"),
    ]


def test_old_files_say_their_title_and_a_false_count_costs_nothing(tmp_path: Path) -> None:
    title = "휴가 규정".encode("cp949")
    said = [
        (1, struct.pack("<II", 2, 949)),
        (2, struct.pack("<II", 30, len(title)) + title.ljust(12, b"\0")),
        (8, struct.pack("<II", 0x1000 | 30, 0xFFFFFFFF)),
        (12, struct.pack("<IQ", 64, 134_168_832_000_000_000)),
    ]
    places, data = b"", b""
    for name, value in said:
        places += struct.pack("<II", name, 8 + 8 * len(said) + len(data))
        data += value
    summary = bytes(44) + struct.pack("<I", 48) + struct.pack("<II", 0, len(said)) + places + data
    path = write_doc(tmp_path / "a.doc", "본문\r", [b"\0\0"], extra={"\x05SummaryInformation": summary})
    document = only(path)
    assert (document.title, document.metadata) == ("휴가 규정", {"created": ("2026-03-02",)})


def test_doc_without_kreuzberg_names_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kreuzberg", None)
    path = write_ole(tmp_path / "a.doc", {"WordDocument": b"\xec\xa5\xc1\x00"})
    with pytest.raises(
        DocumentError,
        match=r"a\.doc is broken, or older than 97: .* need the package kreuzberg: run .*pip install.*legacy",
    ):
        list(read(path))


def test_an_encrypted_doc_names_the_cure(tmp_path: Path) -> None:
    path = write_ole(tmp_path / "a.doc", {"WordDocument": b"\xec\xa5\xc1\x00" + bytes(7) + b"\x01"})
    with pytest.raises(
        DocumentError, match=r"a\.doc is encrypted: remove the password, and save it as \.docx"
    ):
        list(read(path))


@pytest.mark.parametrize(("suffix", "stream"), [("doc", "WordDocument"), ("ppt", "PowerPoint Document")])
def test_a_broken_doc_is_an_error_of_the_file(tmp_path: Path, suffix: str, stream: str) -> None:
    pytest.importorskip("kreuzberg")
    path = write_ole(tmp_path / f"a.{suffix}", {stream: b"\xff" * 4096})
    with pytest.raises(DocumentError, match=rf"a\.{suffix} "):
        list(read(path))


def test_words_that_kreuzberg_gives_become_tables_and_paragraphs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kreuzberg = pytest.importorskip("kreuzberg")
    text = "표 SEQ 표 \\* ARABIC 1: 휴가\n\n\t이름\t일수\t\t김\t15\t\t"

    class Extracted:
        content = text

    monkeypatch.setattr(kreuzberg, "extract_file_sync", lambda *_, **__: Extracted)
    path = write_ole(tmp_path / "a.doc", {"WordDocument": b"\xec\xa5\xc1\x00"})
    assert blocks(path) == [
        ("text", 0, "표 1: 휴가"),
        ("table", 0, "| 이름 | 일수 |\n| --- | --- |\n| 김 | 15 |"),
    ]


def test_ppt_slides_are_pages_with_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kreuzberg", None)
    path = write_ppt(tmp_path / "a.ppt", [("예산", "늘린다\r줄인다"), ("인사", "셋")], note="천천히")
    document = only(path)
    assert (document.title, document.pages) == ("예산", 2)
    assert [(block.page, block.kind, block.level, block.text) for block in document.blocks] == [
        (1, "heading", 1, "예산"),
        (1, "text", 0, "늘린다"),
        (1, "text", 0, "줄인다"),
        (1, "heading", 2, "Notes"),
        (1, "text", 0, "천천히"),
        (2, "heading", 1, "인사"),
        (2, "text", 0, "셋"),
    ]


def test_a_damaged_ppt_is_read_or_an_error_of_the_file(tmp_path: Path) -> None:
    whole = write_ppt(tmp_path / "a.ppt", [("예산", "늘린다")], note="천천히").read_bytes()
    start = 1536  # of the streams
    for at in range(start, start + 600, 7):
        (tmp_path / "a.ppt").write_bytes(whole[:at] + b"\xff\xff\xff" + whole[at + 3 :])
        try:
            assert only(tmp_path / "a.ppt").blocks
        except DocumentError as error:
            assert "a.ppt" in str(error)


# -- XML ---------------------------------------------------------------------------------------------


def test_xml_keeps_titles_records_and_paragraphs(tmp_path: Path) -> None:
    text = (
        '<?xml version="1.0" encoding="euc-kr"?><규정><title>휴가 규정</title><담당>인사팀</담당>'
        "<태그>연차</태그><태그>병가</태그>"
        '<항 번호="1"><p>연차는 <b>15일</b>이다.</p><p>병가는 따로 준다.</p></항>'
        "<설명>&lt;p&gt;웹 글&lt;/p&gt;&lt;script&gt;x&lt;/script&gt;</설명></규정>"
    )
    (tmp_path / "a.xml").write_bytes(text.encode("euc-kr"))
    assert blocks(tmp_path / "a.xml") == [
        ("heading", 1, "휴가 규정"),
        ("list", 0, "담당: 인사팀\n태그: 연차, 병가"),
        ("list", 0, "번호: 1"),
        ("text", 0, "연차는 15일이다."),
        ("text", 0, "병가는 따로 준다."),
        ("list", 0, "설명: 웹 글"),
    ]


@pytest.mark.parametrize("content", [b"<", b"plain words", b"\x00\x01\x02", b"<a>whole <b>half</a>"])
def test_what_is_no_xml_is_an_error_of_the_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.xml").write_bytes(content)
    with pytest.raises(DocumentError, match=r"a\.xml, line 1: not valid XML \(.+\); mend it there"):
        list(read(tmp_path / "a.xml"))


# -- hostile files -----------------------------------------------------------------------------------

ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY file SYSTEM "file:///etc/hostname">
<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>"""


def saved(kind: str, path: Path) -> Path:
    """A small file of the kind that says "safe"."""
    if kind == "docx":
        document = docx.Document()
        document.add_paragraph("safe")
        document.save(str(path))
    elif kind == "pptx":
        show = pptx.Presentation()
        show.slides.add_slide(show.slide_layouts[5]).shapes.title.text = "safe"
        show.save(str(path))
    elif kind == "xlsx":
        book = openpyxl.Workbook()
        book.active["A1"] = "safe"
        book.save(path)
    else:
        write_odf(path, "text", "<text:p>safe</text:p>")
    return path


MAIN = {
    "docx": "word/document.xml",
    "pptx": "ppt/slides/slide1.xml",
    "xlsx": "xl/worksheets/sheet1.xml",
    "odt": "content.xml",
}


@pytest.mark.parametrize("kind", MAIN)
def test_entities_are_not_opened(tmp_path: Path, kind: str) -> None:
    secret = (
        Path("/etc/hostname").read_text(encoding="utf-8").strip() if Path("/etc/hostname").exists() else "?"
    )

    def hostile(name: str, data: bytes) -> bytes:
        if name != MAIN[kind]:
            return data
        data = data[data.index(b"?>") + 2 :] if data.startswith(b"<?xml") else data
        return ENTITIES + data.replace(b"safe", b"safe &file; &c;")

    path = rewritten(saved(kind, tmp_path / f"a.{kind}"), hostile)
    try:
        text = "\n".join(block.text for block in only(path).blocks)
    except DocumentError as error:
        text = str(error)
    assert "lollol" not in text and (secret not in text or len(secret) < 3)


@pytest.mark.parametrize("kind", MAIN)
@pytest.mark.parametrize("damage", [b"", b"<", b"\xff\xfe\x00", b"<a><b></a>"])
def test_broken_parts_are_errors_of_the_file(tmp_path: Path, kind: str, damage: bytes) -> None:
    path = rewritten(
        saved(kind, tmp_path / f"a.{kind}"), lambda name, data: damage if name == MAIN[kind] else data
    )
    with pytest.raises(DocumentError, match=rf"a\.{kind} "):
        list(read(path))


@pytest.mark.parametrize("kind", MAIN)
def test_archives_that_are_none_encrypted_or_too_large_name_the_cure(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"a.{kind}"
    path.write_bytes(b"PK\x03\x04" + bytes(500))
    with pytest.raises(
        DocumentError, match=rf"a\.{kind} is broken or not a {kind.upper()} file: open it in \w+ and"
    ):
        list(read(path))
    write_ole(path, {"EncryptedPackage": b"x"})
    with pytest.raises(DocumentError, match=rf"a\.{kind} is encrypted.*remove the password"):
        list(read(path))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MAIN[kind], bytes(3 * 1024**2))
    monkeypatch.setattr("ingest.loaders.office.MAX_UNPACKED_BYTES", 2 * 1024**2)
    with pytest.raises(DocumentError, match=rf"a\.{kind} unpacks to 3 MB, more than the 2 MB"):
        list(read(path))


def test_a_part_that_lies_about_its_size_is_an_error_of_the_file(tmp_path: Path) -> None:
    data = saved("odt", tmp_path / "a.odt").read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = archive.getinfo("content.xml").file_size
    (tmp_path / "a.odt").write_bytes(data.replace(size.to_bytes(4, "little"), (9).to_bytes(4, "little")))
    with pytest.raises(DocumentError, match=r"a\.odt "):
        list(read(tmp_path / "a.odt"))


def test_an_encrypted_odt_names_the_cure(tmp_path: Path) -> None:
    path = saved("odt", tmp_path / "a.odt")
    rewritten(path, lambda _, data: data, {"META-INF/manifest.xml": "<m><encryption-data/></m>"})
    with pytest.raises(DocumentError, match=r"a\.odt is encrypted: remove the password"):
        list(read(path))


def test_deep_nesting_does_not_break_the_readers(tmp_path: Path) -> None:
    deep = (
        "<text:list><text:list-item>" * 100 + "<text:p>deep</text:p>" + "</text:list-item></text:list>" * 100
    )
    path = write_odf(tmp_path / "a.odt", "text", f"<text:p>top</text:p>{deep}")
    assert blocks(path)[0][2] == "top"
    document = docx.Document()
    cell = document.add_table(1, 1).cell(0, 0)
    for _ in range(80):
        cell = cell.add_table(1, 1).cell(0, 0)
    document.add_paragraph("after")
    document.save(str(tmp_path / "a.docx"))
    assert blocks(tmp_path / "a.docx")[-1][2] == "after"


# -- the documentation -------------------------------------------------------------------------------


def test_every_suffix_of_an_office_file_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs/indexing.md").read_text(encoding="utf-8")
    office = {"docx", "pptx", "xlsx", "xls", "odf", "legacy", "rtf", "xml", "delimited"}
    ours = [suffix for suffix, reader in READERS.items() if reader.split(":")[0].rpartition(".")[2] in office]
    assert len(ours) > 15
    assert [suffix for suffix in ours if f"`{suffix}`" not in page] == []
