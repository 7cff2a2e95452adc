"""What comes of books: chapters in order, their names, the book's metadata; locked and hostile ones."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from app.errors import DocumentError
from ingest.loaders import SourceDocument, read

CONTAINER = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'
ABOUT = (
    "<dc:title>휴가 안내서</dc:title><dc:creator>김민수</dc:creator><dc:date>2026-03-02T00:00:00Z</dc:date>"
)


def opf(*chapters: str, about: str = ABOUT, more: str = "") -> str:
    items = "".join(f'<item id="i{number}" href="{name}"/>' for number, name in enumerate(chapters))
    spine = "".join(f'<itemref idref="i{number}"/>' for number in range(len(chapters)))
    return (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"{about}</metadata><manifest>{items}{more}</manifest><spine>{spine}</spine></package>"
    )


def page(body: str) -> str:
    head = '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>t</title>'
    return f"{head}</head><body>{body}</body></html>"


def epub(path: Path, parts: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in {"META-INF/container.xml": CONTAINER, **parts}.items():
            book.writestr(name, content)
    return path


def only(path: Path) -> SourceDocument:
    (document,) = read(path)
    return document


def test_chapters_come_in_the_order_of_the_spine(tmp_path: Path) -> None:
    path = epub(
        tmp_path / "a.epub",
        {
            "OPS/a%20.xhtml": page("<p>Not this one.</p>"),
            "OPS/2.xhtml": page("<h1>둘째 장</h1><p>병가는 따로 준다.</p>"),
            "OPS/text/1.xhtml": page("<p>연차는 15일이다.</p><ul><li>하나</li><li>둘</li></ul>"),
            "OPS/book.opf": opf("text/1.xhtml", "2.xhtml", "gone.xhtml", "2.xhtml"),
        },
    )
    document = only(path)
    assert document.title == "휴가 안내서"
    assert document.metadata == {"author": ("김민수",), "date": ("2026-03-02",)}
    assert [(block.kind, block.text) for block in document.blocks] == [
        ("text", "휴가 안내서\nAuthors: 김민수\nDate: 2026-03-02"),
        ("text", "연차는 15일이다."),
        ("list", "- 하나"),
        ("list", "- 둘"),
        ("heading", "둘째 장"),
        ("text", "병가는 따로 준다."),
    ]


@pytest.mark.parametrize(
    ("item", "contents"),
    [
        (
            '<item id="n" href="toc/nav.xhtml" properties="nav"/>',
            page('<nav><ol><li><a href="../1.xhtml#top">첫째 <b>장</b></a></li></ol></nav>'),
        ),
        (
            '<item id="n" href="toc/nav.xhtml" media-type="application/x-dtbncx+xml"/>',
            "<ncx><navMap><navPoint><navLabel><text>첫째 장</text></navLabel>"
            '<content src="../1.xhtml"/></navPoint></navMap></ncx>',
        ),
    ],
)
def test_the_table_of_contents_names_chapters_without_a_heading(
    tmp_path: Path, item: str, contents: str
) -> None:
    parts = {
        "OPS/book.opf": opf("1.xhtml", about="", more=item),
        "OPS/1.xhtml": page("<p>본문.</p>"),
        "OPS/toc/nav.xhtml": contents,
    }
    document = only(epub(tmp_path / "a.epub", parts))
    assert [(block.kind, block.text) for block in document.blocks] == [
        ("heading", "첫째 장"),
        ("text", "본문."),
    ]
    assert document.title == "첫째 장"


def test_a_locked_book_says_so_and_locked_fonts_do_not_matter(tmp_path: Path) -> None:
    def locked(name: str) -> dict[str, str]:
        return {
            "META-INF/encryption.xml": f'<encryption><CipherReference URI="{name}"/></encryption>',
            "OPS/book.opf": opf("1.xhtml"),
            "OPS/1.xhtml": page("<p>본문.</p>"),
        }

    assert only(epub(tmp_path / "a.epub", locked("OPS/font.otf"))).blocks[-1].text == "본문."
    with pytest.raises(DocumentError, match=r"b\.epub is protected against copying"):
        only(epub(tmp_path / "b.epub", locked("OPS/1.xhtml")))


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"OPS/book.opf": ""},
        {"OPS/book.opf": opf("../../../../etc/passwd")},
        {"OPS/book.opf": opf("1.xhtml"), "OPS/1.xhtml": ""},
        {"OPS/book.opf": opf("1.xhtml"), "OPS/1.xhtml": page("<img src='a.png'/>")},
    ],
)
def test_books_without_text_are_errors(tmp_path: Path, parts: dict[str, str]) -> None:
    with pytest.raises(DocumentError, match=r"a\.epub (is broken or not an EPUB|holds no text)"):
        only(epub(tmp_path / "a.epub", parts))


def test_what_is_no_archive_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.epub").write_bytes(b"PK\x03\x04 no book")
    with pytest.raises(DocumentError, match=r"a\.epub is broken or not an EPUB"):
        only(tmp_path / "a.epub")


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = epub(tmp_path / "a.epub", {"OPS/book.opf": opf("1.xhtml"), "OPS/1.xhtml": page("<p>x</p>")})
    data = path.read_bytes()
    entry = data.index(b"OPS/1.xhtml", data.index(b"PK\x01\x02")) - 46
    path.write_bytes(data[: entry + 24] + struct.pack("<I", 2**31) + data[entry + 28 :])
    with pytest.raises(DocumentError, match=r"a\.epub unpacks to 2,048 MB"):
        only(path)


def test_entities_reach_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("TOP SECRET", encoding="utf-8")
    entity = f'<!DOCTYPE package [<!ENTITY f SYSTEM "file://{tmp_path}/secret.txt">]>'
    about = "<dc:title>T &f;</dc:title><dc:creator>A &f;</dc:creator>"
    parts = {
        "OPS/book.opf": entity + opf("1.xhtml", about=about),
        "OPS/1.xhtml": entity + page("<p>본문. &f;</p>"),
    }
    document = only(epub(tmp_path / "a.epub", parts))
    assert "본문." in document.blocks[-1].text
    assert "SECRET" not in str(document)
