"""What comes of Hangul's files: text, headings and tables; locked, old and broken files; hostile ones."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from ole import ole

from app.errors import DocumentError
from ingest.loaders import Block, SourceDocument, hwp5, read

HP = 'xmlns:hp="http://www.hancom.co.kr/hwpml/2011/paragraph"'
ENCRYPTED, DISTRIBUTION = 2, 4


def only(path: Path) -> SourceDocument:
    (document,) = read(path)
    return document


def kinds(document: SourceDocument) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in document.blocks]


# -- HWP 5 -------------------------------------------------------------------------------------------


def record(tag: int, data: bytes, level: int = 0) -> bytes:
    return struct.pack("<I", tag | level << 10 | len(data) << 20) + data


def hwp(path: Path, *paragraphs: str, flags: int = 0, body: str = "BodyText") -> Path:
    """An HWP 5 file of plain paragraphs, uncompressed (PARA_HEADER, PARA_TEXT and PARA_CHAR_SHAPE each)."""
    section = b""
    for paragraph in paragraphs:
        text = f"{paragraph}\r".encode("utf-16-le")
        section += record(66, struct.pack("<IIHBBHHHIH", len(text) // 2, 0, 0, 0, 0, 1, 0, 1, 0, 0))
        section += record(67, text, 1) + record(68, bytes(8), 1)
    head = b"HWP Document File".ljust(32, b"\0") + struct.pack("<II", 0x05000300, flags) + bytes(216)
    streams = {"FileHeader": head, "DocInfo": record(16, bytes(26)), f"{body}/Section0": section}
    path.write_bytes(ole(streams))
    return path


def test_hwp_gives_its_paragraphs(tmp_path: Path) -> None:
    document = only(
        hwp(tmp_path / "휴가_규정.hwp", "연차는 15일이다.", "1. 병가는 *별도로* 준다. [붙임]", "    ① 경조사")
    )
    assert document.title == "휴가 규정"
    assert kinds(document) == [
        ("text", "연차는 15일이다."),
        ("text", "1. 병가는 *별도로* 준다. [붙임]"),
        ("text", "① 경조사"),
    ]


def test_without_unhwp_hwp_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_unhwp(monkeypatch)
    inline = "\x0b" + "가나다라마바" + "\x0b"  # eight characters: its number, what it refers to, its number
    document = only(
        hwp(tmp_path / "휴가_규정.hwp", f"연차는{inline} 15일\n이다.", "", "병가\x09" + "x" * 6 + "\x09끝.")
    )
    assert document.title == "휴가 규정"
    assert kinds(document) == [("text", "연차는 15일\n이다."), ("text", "병가\t끝.")]
    with pytest.raises(DocumentError, match=r"b\.hwp is protected by a password"):
        only(hwp(tmp_path / "b.hwp", "비밀", flags=ENCRYPTED))


def test_tables_of_records(tmp_path: Path) -> None:
    def list_of(column: int, row: int, text: str) -> bytes:
        head = record(72, struct.pack("<IIHHHH", 1, 0, column, row, 1, 1) + bytes(26), 2)
        return head + record(67, f"{text}\r".encode("utf-16-le"), 3)

    section = record(71, b" lbt", 1) + record(72, bytes(12), 2) + record(67, "표 1\r".encode("utf-16-le"), 3)
    section += record(77, bytes(20), 2) + list_of(0, 0, "구분") + list_of(1, 0, "일수")
    section += list_of(0, 1, "연차") + list_of(2, 1, "15") + record(67, "끝.\r".encode("utf-16-le"), 1)
    head = b"HWP Document File".ljust(32, b"\0") + struct.pack("<II", 0x05000300, 1) + bytes(216)
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(section) + packer.flush()
    (tmp_path / "a.hwp").write_bytes(ole({"FileHeader": head, "BodyText/Section0": packed}))
    assert [(block.kind, block.text) for block in hwp5.blocks(tmp_path / "a.hwp")] == [
        ("text", "표 1"),
        ("table", "| 구분 | 일수 |  |\n| --- | --- | --- |\n| 연차 |  | 15 |"),
        ("text", "끝."),
    ]


def test_a_protected_hwp_names_the_cure(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"a\.hwp is protected by a password: .* remove the password"):
        only(hwp(tmp_path / "a.hwp", "비밀", flags=ENCRYPTED))


def test_a_distribution_copy_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"a\.hwp is (a locked copy|broken)"):
        only(hwp(tmp_path / "a.hwp", "배포", flags=DISTRIBUTION, body="ViewText"))


def test_hwp_3_names_the_cure(tmp_path: Path) -> None:
    (tmp_path / "a.hwp").write_bytes(b"HWP Document File V3.00 \x1a\x01\x02\x03\x04\x05" + bytes(500))
    with pytest.raises(DocumentError, match=r"a\.hwp is of HWP 3 or older.*save it as HWPX"):
        only(tmp_path / "a.hwp")


@pytest.mark.parametrize("cut", [600, 1100, 1600, 2500])
def test_a_cut_off_hwp_is_an_error(tmp_path: Path, cut: int) -> None:
    path = hwp(tmp_path / "a.hwp", "연차는 15일이다.")
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DocumentError, match=r"a\.hwp .*Hancom Office and save it as HWPX"):
        only(path)


def test_a_hwp_whose_lengths_lie_is_an_error_or_read(tmp_path: Path) -> None:
    path = hwp(tmp_path / "a.hwp", *["연차는 15일이다."] * 40)
    whole = path.read_bytes()
    for position in range(512, len(whole), 97):
        path.write_bytes(whole[:position] + b"\xff\xff\xff\xff" + whole[position + 4 :])
        try:
            assert only(path).blocks
        except DocumentError as error:
            assert str(error).startswith("a.hwp ")


@pytest.mark.parametrize(
    "content", [b"hello", b"%PDF-1.7", b"\xd0\xcf\x11\xe0" + bytes(600), b"PK\x03\x04abc"]
)
@pytest.mark.parametrize("suffix", ["hwp", "hwpx"])
def test_what_is_no_hwp_is_an_error(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(content)
    with pytest.raises(DocumentError, match=rf"a\.{suffix} is broken"):
        only(path)


# -- HWPX --------------------------------------------------------------------------------------------


def run(text: str, inside: str = "", shape: int = 0) -> str:
    words = f'<hp:run charPrIDRef="0">{inside}<hp:t>{text}</hp:t></hp:run>'
    return f'<hp:p paraPrIDRef="{shape}" styleIDRef="0">{words}</hp:p>'


def cell(text: str) -> str:
    return f'<hp:tc><hp:subList>{run(text)}</hp:subList><hp:cellSpan colSpan="1" rowSpan="1"/></hp:tc>'


def table(*rows: tuple[str, ...]) -> str:
    inside = "".join(f"<hp:tr>{''.join(map(cell, row))}</hp:tr>" for row in rows)
    return f'<hp:tbl rowCnt="{len(rows)}" colCnt="{len(rows[0])}">{inside}</hp:tbl>'


def box(text: str) -> str:
    return f"<hp:rect><hp:drawText><hp:subList>{text}</hp:subList></hp:drawText></hp:rect>"


def hwpx(path: Path, *sections: str, **more: str) -> Path:
    """A package of sections; `more` are other parts, "__" for "/" and "_" for "."."""
    head = (
        '<hh:head xmlns:hh="http://www.hancom.co.kr/hwpml/2011/head"><hh:refList><hh:paraProperties>'
        '<hh:paraPr id="0"><hh:heading type="NONE" idRef="0" level="0"/></hh:paraPr>'
        '<hh:paraPr id="1"><hh:heading type="OUTLINE" idRef="0" level="0"/></hh:paraPr>'
        "</hh:paraProperties></hh:refList></hh:head>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/hwp+zip")
        package.writestr("Contents/header.xml", head)
        for number, section in enumerate(sections):
            xml = f'<hs:sec xmlns:hs="http://www.hancom.co.kr/hwpml/2011/section" {HP}>{section}</hs:sec>'
            package.writestr(f"Contents/section{number}.xml", xml)
        for name, content in more.items():
            package.writestr(name.replace("__", "/").replace("_", "."), content)
    return path


def test_hwpx_gives_paragraphs_and_tables_in_order(tmp_path: Path) -> None:
    rows = table(("구분", "일수"), ("연차", "15"), ("병가|특별", "3"))
    document = only(
        hwpx(tmp_path / "휴가_규정.hwpx", run("연차는 15일이다.") + run("", rows), run("둘째 구역."))
    )
    assert document.title == "휴가 규정"
    (first, found, last) = document.blocks
    assert (first.text, last.text) == ("연차는 15일이다.", "둘째 구역.")
    assert found.kind == "table"
    assert [line.replace(" ", "") for line in found.text.splitlines() if "-" not in line] == [
        "|구분|일수|",
        "|연차|15|",
        "|병가\\|특별|3|",
    ]


def test_text_around_and_within_shapes_is_kept(tmp_path: Path) -> None:
    inner = box(run("안쪽 상자의 글."))
    section = f"<hp:p><hp:run>{box(run('바깥 상자의 ', inner))}<hp:t>상자 뒤의 본문.</hp:t></hp:run></hp:p>"
    texts = "\n".join(text for _, text in kinds(only(hwpx(tmp_path / "a.hwpx", section))))
    for words in ("상자 뒤의 본문.", "바깥 상자의", "안쪽 상자의 글."):
        assert words in texts


def test_notes_captions_equations_and_outlines_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_unhwp(monkeypatch)
    note = f"<hp:ctrl><hp:footNote><hp:subList>{run('각주의 글.')}</hp:subList></hp:footNote></hp:ctrl>"
    comment = "<hp:shapeComment>수식입니다.</hp:shapeComment>"
    equation = f"<hp:equation><hp:script>a over b</hp:script>{comment}</hp:equation>"
    captioned = table(("가", "나"), ("다", "라")).replace(
        "<hp:tr>", f"<hp:caption><hp:subList>{run('표 1')}</hp:subList></hp:caption><hp:tr>", 1
    )
    frame = table(("상자처럼 쓴 표.",))
    section = (
        run("제1장 휴가", shape=1)
        + run("본문.", note)
        + run("식:", equation)
        + run("", captioned)
        + run("", frame)
    )
    assert kinds(only(hwpx(tmp_path / "a.hwpx", section))) == [
        ("heading", "제1장 휴가"),
        ("text", "본문."),
        ("text", "각주의 글."),
        ("text", "a over b 식:"),
        ("text", "표 1"),
        ("table", "| 가 | 나 |\n| --- | --- |\n| 다 | 라 |"),
        ("text", "상자처럼 쓴 표."),
    ]


def no_unhwp(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a computer for which there is no library."""
    monkeypatch.setitem(__import__("sys").modules, "unhwp", None)


def test_without_unhwp_hwpx_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_unhwp(monkeypatch)
    path = hwpx(tmp_path / "a.hwpx", run("연차는<hp:tab/>15일<hp:lineBreak/>이다."))
    assert only(path).blocks == [Block("연차는\t15일\n이다.")]


def test_the_package_names_author_date_and_title(tmp_path: Path) -> None:
    package = (
        '<opf:package xmlns:opf="http://www.idpf.org/2007/opf/"><opf:metadata>'
        '<opf:title>휴가 규정</opf:title><opf:meta name="creator" content="text">김민수</opf:meta>'
        '<opf:meta name="keyword">휴가, 연차</opf:meta>'
        '<opf:meta name="ModifiedDate">2026-03-02T07:01:50Z</opf:meta></opf:metadata></opf:package>'
    )
    document = only(hwpx(tmp_path / "a.hwpx", run("본문."), Contents__content_hpf=package))
    assert document.title == "휴가 규정"
    assert document.metadata == {"author": ("김민수",), "tags": ("휴가", "연차"), "date": ("2026-03-02",)}


def test_an_encrypted_hwpx_names_the_cure(tmp_path: Path) -> None:
    manifest = '<odf:manifest xmlns:odf="x"><odf:encryption-data/></odf:manifest>'
    path = hwpx(tmp_path / "a.hwpx", "\x01\x02", **{"META-INF__manifest_xml": manifest})
    with pytest.raises(DocumentError, match=r"a\.hwpx is protected by a password"):
        only(path)


def test_a_hwpx_without_text_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"a\.hwpx holds no text"):
        only(hwpx(tmp_path / "a.hwpx", run("")))


# -- hostile HWPX ------------------------------------------------------------------------------------


def test_entities_reach_nothing_and_do_not_grow(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("TOP SECRET", encoding="utf-8")
    path = hwpx(tmp_path / "a.hwpx")
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    xml = (
        f'<!DOCTYPE s [<!ENTITY e0 "boom"><!ENTITY f SYSTEM "file://{tmp_path}/secret.txt">{bomb}]>'
        f'<hs:sec xmlns:hs="h" {HP}>{run("본문. &f; &e11;")}</hs:sec>'
    )
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("Contents/section0.xml", xml)
    try:
        texts = "".join(text for _, text in kinds(only(path)))
    except DocumentError:
        return
    assert "SECRET" not in texts
    assert texts.count("boom") < 100


def test_a_hwpx_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = hwpx(tmp_path / "a.hwpx", run("본문."))
    data = path.read_bytes()
    entry = data.index(b"Contents/section0.xml", data.index(b"PK\x01\x02")) - 46
    path.write_bytes(data[: entry + 24] + struct.pack("<I", 2**31) + data[entry + 28 :])
    with pytest.raises(DocumentError, match=r"a\.hwpx unpacks to 2,048 MB"):
        only(path)


def test_deep_nesting_ends(tmp_path: Path) -> None:
    section = run("끝.")
    for _ in range(300):
        section = run("겹", box(section))
    try:
        assert only(hwpx(tmp_path / "a.hwpx", section)).blocks
    except DocumentError as error:
        assert "a.hwpx" in str(error)
