"""What readers make of files, good and bad."""

from __future__ import annotations

import json
import os
import unicodedata
import zipfile
from pathlib import Path

import docx
import pypdf
import pytest
from doubles import paragraph, write_pdf

from app.errors import DocumentError
from ingest.loaders import SourceDocument, is_readable, read


def only(path: Path) -> SourceDocument:
    (document,) = read(path)
    return document


def texts(path: Path) -> list[str]:
    return [block.text for document in read(path) for block in document.blocks]


def written(path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


# -- text and encodings ------------------------------------------------------------------------------

KOREAN = "연차 휴가는 1년에 15일이다.\n\n병가는 Dr. Kim의 진단서가 필요하다.\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp949", "euc-kr", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_korean_text_is_the_same_from_every_encoding(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path / "휴가.txt", KOREAN, encoding)
    assert texts(path) == ["연차 휴가는 1년에 15일이다.", "병가는 Dr. Kim의 진단서가 필요하다."]


def test_decomposed_text_and_names_are_composed(tmp_path: Path) -> None:
    path = written(
        tmp_path / unicodedata.normalize("NFD", "휴가_규정.txt"), unicodedata.normalize("NFD", KOREAN)
    )
    document = only(path)
    assert document.title == "휴가 규정"
    assert document.blocks[0].text == "연차 휴가는 1년에 15일이다."


def test_western_text_is_not_taken_for_korean(tmp_path: Path) -> None:
    text = "Änderung der Öffnungszeiten: das Café schließt früher."
    assert texts(written(tmp_path / "a.txt", text, "cp1252")) == [text]


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"\x89PNG\r\n", b"\x00\x01\x02\x03" * 50])
def test_a_binary_named_txt_is_refused(tmp_path: Path, start: bytes) -> None:
    path = written(tmp_path / "image.txt", start + bytes(range(256)) * 20)
    with pytest.raises(DocumentError, match=r"image\.txt is not a text file .* suffix of its real format"):
        list(read(path))


@pytest.mark.parametrize("suffix", ["txt", "md", "pdf", "docx", "html", "csv", "json", "jsonl"])
def test_an_empty_file_is_refused(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(DocumentError, match=rf"nothing\.{suffix} is empty \(0 bytes\)"):
        list(read(written(tmp_path / f"nothing.{suffix}", b"")))


@pytest.mark.parametrize("suffix", ["txt", "md", "html", "csv", "jsonl"])
def test_a_file_of_blanks_is_refused(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(DocumentError, match=rf"blank\.{suffix} holds no text"):
        list(read(written(tmp_path / f"blank.{suffix}", " \n\n\t\n")))


@pytest.mark.parametrize("suffix", ["pdf", "docx"])
def test_a_broken_file_is_refused(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(DocumentError, match=rf"broken\.{suffix} is broken or not a .*: .* anew"):
        list(read(written(tmp_path / f"broken.{suffix}", os.urandom(5000))))


def test_a_missing_file_and_an_unknown_suffix_are_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"gone\.txt cannot be read: No such file"):
        list(read(tmp_path / "gone.txt"))
    with pytest.raises(DocumentError, match=r"song\.mp3: files of type '\.mp3' are not read"):
        list(read(written(tmp_path / "song.mp3", b"x")))
    assert is_readable(Path("A.PDF")) and not is_readable(Path("song.mp3"))


# -- PDF ---------------------------------------------------------------------------------------------


def test_pdf_keeps_pages_headings_and_whole_sentences(tmp_path: Path) -> None:
    first = [
        (72, 760, 24, "Leave Policy"),
        (72, 720, 15, "*Annual leave"),
        *paragraph(
            "Every employee has fifteen days of leave in",
            "each year. It grows with ser-",
            "vice and",
            top=690,
        ),
    ]
    second = [
        *paragraph("with age. Unused days lapse.", top=760),
        *paragraph("Long service counts.", top=700),
    ]
    document = only(write_pdf(tmp_path / "leave.pdf", [first, second]))
    assert (document.title, document.pages) == ("Leave Policy", 2)
    assert [(block.kind, block.level, block.page, block.text) for block in document.blocks] == [
        ("heading", 1, 1, "Leave Policy"),
        ("heading", 2, 1, "Annual leave"),
        (
            "text",
            0,
            1,
            "Every employee has fifteen days of leave in each year. It grows with service and with age.",
        ),
        ("text", 0, 2, "Unused days lapse."),
        ("text", 0, 2, "Long service counts."),
    ]


def test_pdf_furniture_is_left_out(tmp_path: Path) -> None:
    pages = [
        [
            (72, 800, 9, "Contoso - internal"),
            *paragraph(f"Chapter {name} says something.", "And a little more."),
            (280, 40, 9, f"Page {number} of 5"),
        ]
        for number, name in enumerate(["alpha", "beta", "gamma", "delta", "epsilon"], 1)
    ]
    found = texts(write_pdf(tmp_path / "handbook.pdf", pages))
    assert found == [
        f"Chapter {name} says something. And a little more."
        for name in ("alpha", "beta", "gamma", "delta", "epsilon")
    ]


def test_pdf_title_from_its_metadata_unless_a_program_wrote_it(tmp_path: Path) -> None:
    page = paragraph("One sentence stands here alone.")
    assert only(write_pdf(tmp_path / "a_b.pdf", [page], title="Travel rules")).title == "Travel rules"
    assert only(write_pdf(tmp_path / "a_b.pdf", [page], title="Microsoft Word - final2.docx")).title == "a b"


def test_pdf_outline_names_headings_that_look_like_text(tmp_path: Path) -> None:
    plain = write_pdf(
        tmp_path / "plain.pdf", [[*paragraph("Scope"), *paragraph("It binds all staff.", top=650)]]
    )
    writer = pypdf.PdfWriter(plain)
    writer.add_outline_item(title="Scope", page_number=0)
    writer.write(tmp_path / "outlined.pdf")
    blocks = only(tmp_path / "outlined.pdf").blocks
    assert [(block.kind, block.text) for block in blocks] == [
        ("heading", "Scope"),
        ("text", "It binds all staff."),
    ]


def test_an_encrypted_pdf_names_the_cure(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter(write_pdf(tmp_path / "open.pdf", [paragraph("Secret.")]))
    writer.encrypt("sesame", algorithm="RC4-128")
    writer.write(tmp_path / "locked.pdf")
    with pytest.raises(DocumentError, match=r"locked\.pdf is encrypted; remove the password"):
        list(read(tmp_path / "locked.pdf"))


def test_a_pdf_of_empty_pages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        DocumentError, match=r"blank\.pdf has no text on any of its 2 pages; its pages are empty"
    ):
        list(read(write_pdf(tmp_path / "blank.pdf", [[], []])))


def test_a_truncated_pdf_gives_an_error_or_its_text(tmp_path: Path) -> None:
    data = write_pdf(tmp_path / "whole.pdf", [paragraph("A sentence on a page.")]).read_bytes()
    for share in (0.1, 0.5, 0.9):
        path = written(tmp_path / "cut.pdf", data[: int(len(data) * share)])
        try:
            assert texts(path) == ["A sentence on a page."]
        except DocumentError as error:
            assert "cut.pdf" in str(error)


# -- DOCX --------------------------------------------------------------------------------------------


def test_docx_keeps_headings_lists_tables_and_title(tmp_path: Path) -> None:
    document = docx.Document()
    document.core_properties.title = "Employee handbook"
    document.add_heading("Leave", 1)
    document.add_paragraph("All staff have leave.")
    document.add_heading("Sick leave", 2)
    document.add_paragraph("Tell your manager", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        (c for row in table.rows for c in row.cells), ["Years", "Days", "1 | 2", "15"], strict=True
    ):
        cell.text = text
    document.save(str(tmp_path / "handbook.docx"))
    found = only(tmp_path / "handbook.docx")
    assert found.title == "Employee handbook"
    assert found.pages is None
    assert [(block.kind, block.level, block.text) for block in found.blocks] == [
        ("heading", 1, "Leave"),
        ("text", 0, "All staff have leave."),
        ("heading", 2, "Sick leave"),
        ("list", 0, "- Tell your manager"),
        ("table", 0, "| Years | Days |\n| --- | --- |\n| 1 \\| 2 | 15 |"),
    ]


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.docx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("word/document.xml", "w") as file,
    ):
        for _ in range(600):
            file.write(bytes(1024**2))
    assert path.stat().st_size < 1024**2
    with pytest.raises(DocumentError, match=r"bomb\.docx unpacks to 600 MB"):
        list(read(path))


def test_an_encrypted_docx_names_the_cure(tmp_path: Path) -> None:
    path = written(tmp_path / "locked.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))
    with pytest.raises(DocumentError, match=r"locked\.docx is encrypted, or an old \.doc"):
        list(read(path))


# -- Markdown and HTML -------------------------------------------------------------------------------


def test_markdown_keeps_structure_and_drops_marks(tmp_path: Path) -> None:
    text = (
        '---\ntitle: "Rules"\n---\n# House *rules*\n\nSee **[the plan](x.md)** and ![a map](m.png).\n\n'
        "- one\n- two\n\n```python\nx = 1  # **kept**\n\n\ny = 2\n```\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\nLast\n----\n"
    )
    document = only(written(tmp_path / "rules.md", text))
    assert document.title == "Rules"
    assert [(block.kind, block.text) for block in document.blocks] == [
        ("heading", "House rules"),
        ("text", "See the plan and a map."),
        ("list", "- one\n- two"),
        ("code", "x = 1  # **kept**\n\n\ny = 2"),
        ("table", "| a | b |\n|---|---|\n| 1 | 2 |"),
        ("heading", "Last"),
    ]


HTML = """<html><head><title>Travel policy</title><style>p {}</style><script>var hidden = 1;</script></head>
<body><nav><a href="/">Home</a></nav><h1>Travel</h1>
<p>Book <b>early</b>, and book cheaply wherever it can be done.</p>
<h2>Rates</h2><table><tr><th>City</th><th>Rate</th></tr><tr><td>Seoul</td><td>120</td></tr></table>
<ul><li>Keep receipts</li></ul></body></html>"""


def test_html_gives_its_main_text_by_structure(tmp_path: Path) -> None:
    document = only(written(tmp_path / "t.html", HTML))
    everything = "\n".join(block.text for block in document.blocks)
    assert document.title == "Travel policy"
    assert [block.text for block in document.blocks if block.kind == "heading"] == ["Travel", "Rates"]
    assert "| Seoul | 120 |" in everything and "- Keep receipts" in everything
    assert "hidden" not in everything and "Home" not in everything


def test_html_in_its_declared_encoding(tmp_path: Path) -> None:
    head = '<head><meta charset="euc-kr"><title>휴가</title></head>'
    page = f"<html>{head}<body><p>연차는 15일이다.</p></body></html>"
    assert only(written(tmp_path / "k.html", page, "euc-kr")).blocks[0].text == "연차는 15일이다."


def test_deeply_nested_html_does_not_break_the_reader(tmp_path: Path) -> None:
    page = "<html><body>" + "<div>" * 5000 + "deep text" + "</div>" * 5000 + "</body></html>"
    path = written(tmp_path / "deep.html", page)
    try:
        assert "deep text" in "\n".join(texts(path))
    except DocumentError as error:
        assert "deep.html" in str(error)


# -- tables and JSON ---------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_is_a_table_below_its_column_names(tmp_path: Path, delimiter: str) -> None:
    rows = [["이름", "부서", "비고"], ["김철수", "인사", '"a, b; c"'], ["이영희", "총무", ""]]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    (table,) = only(written(tmp_path / "staff.csv", text, "cp949")).blocks
    assert (table.kind, table.line) == ("table", 2)
    assert table.text.split("\n") == [
        "| 이름 | 부서 | 비고 |",
        "| --- | --- | --- |",
        "| 김철수 | 인사 | a, b; c |",
        "| 이영희 | 총무 |  |",
    ]


def test_a_table_of_numbers_has_no_header(tmp_path: Path) -> None:
    (table,) = only(written(tmp_path / "n.tsv", "1\t2\n3\t4\n")).blocks
    assert (table.line, table.text) == (1, "|  |  |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |")


def test_json_becomes_lines_of_keys_and_values(tmp_path: Path) -> None:
    value = {
        "company": {"name": "Contoso", "sites": ["Seoul", "Busan"]},
        "staff": [{"id": 1}, {"id": 2}],
        "none": None,
    }
    assert texts(written(tmp_path / "c.json", json.dumps(value))) == [
        "company.name: Contoso\ncompany.sites: Seoul, Busan",
        "staff.id: 1\nstaff.id: 2",
    ]


def test_bad_json_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"c\.json, line 2: not valid JSON"):
        list(read(written(tmp_path / "c.json", '{"a": 1,\n b}')))
    with pytest.raises(DocumentError, match=r"deep\.json is nested too deeply"):
        list(read(written(tmp_path / "deep.json", "[" * 200_000)))


def test_json_lines_with_text_are_documents(tmp_path: Path) -> None:
    lines = ['{"id": 7, "title": " First ", "text": "One.\\n\\nTwo.\\u2028Three."}', "", '{"text": "Alone."}']
    documents = list(read(written(tmp_path / "r.jsonl", "\n".join(lines))))
    assert [(d.record_id, d.title, [b.text for b in d.blocks]) for d in documents] == [
        ("7", "First", ["One.", "Two.\u2028Three."]),
        (None, "", ["Alone."]),
    ]


def test_json_lines_without_text_are_values(tmp_path: Path) -> None:
    (document,) = read(written(tmp_path / "v.jsonl", '{"a": 1}\n{"a": 2}\n'))
    assert [block.text for block in document.blocks] == ["a: 1", "a: 2"]


@pytest.mark.parametrize(
    ("second", "why"),
    [
        ("{oops", "not valid JSON"),
        ('{"title": "x"}', 'no "text"'),
        ('{"id": "a", "text": "t"}', "id 'a' is on line 1"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, second: str, why: str) -> None:
    path = written(tmp_path / "bad.jsonl", f'{{"id": "a", "text": "fine"}}\n\n{second}\n')
    with pytest.raises(DocumentError, match=rf"bad\.jsonl, line 3: {why}"):
        list(read(path))


def test_an_unforeseen_failure_of_a_parser_is_told_as_one_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("deep inside")

    monkeypatch.setattr("markdown_it.MarkdownIt.parse", broken)
    with pytest.raises(DocumentError, match=r"a\.md cannot be read as MD \(ZeroDivisionError: deep inside\)"):
        list(read(written(tmp_path / "a.md", "# x")))
