"""Scans and images: read by tesseract where it is installed, told apart where it is not."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pypdf
import pytest
from doubles import paragraph, write_pdf
from PIL import Image, ImageDraw, ImageFont

from app.config import Settings
from app.errors import DocumentError
from ingest.loaders import SourceDocument, ocr, read
from ingest.loaders.options import ReadOptions, read_options, reading_with

LETTER = ("Annual leave policy", "Every employee has fifteen days of leave.", "Unused days lapse in March.")


@pytest.fixture
def tesseract() -> None:
    """The real program with English; skipped where it is missing, unless that is a failure."""
    if shutil.which("tesseract") is None or ocr.tesseract() is None:
        if os.environ.get("DOCENT_REQUIRE_OCR") == "1":
            pytest.fail("tesseract is not installed. DOCENT_REQUIRE_OCR=1 asks for it.")
        pytest.skip("tesseract is not installed.")


@pytest.fixture
def no_tesseract(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))


def only(path: Path, options: ReadOptions | None = None) -> SourceDocument:
    with reading_with(options or ReadOptions()):
        (document,) = list(read(path))
    return document


def words(document: SourceDocument) -> str:
    return " ".join(block.text for block in document.blocks)


def sheet(*lines: str, size: int = 48) -> Image.Image:
    """Lines as a printer would set them at 300 dots an inch."""
    image = Image.new("L", (1700, 200 + 2 * size * len(lines)), 255)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size)
    for number, line in enumerate(lines):
        draw.text((100, 100 + 2 * size * number), line, fill=0, font=font)
    return image


def scan(path: Path, *sheets: Image.Image) -> Path:
    sheets[0].save(path, "PDF", save_all=True, append_images=sheets[1:], resolution=300)
    return path


def joined(path: Path, *parts: Path) -> Path:
    writer = pypdf.PdfWriter()
    for part in parts:
        writer.append(part)
    writer.write(path)
    return path


def program(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """A tesseract of our own, first on PATH; it has English and Korean."""
    folder.mkdir()
    path = folder / "tesseract"
    listing = "if '--list-langs' in sys.argv: print('List (2):'); print('eng'); print('kor'); sys.exit()"
    path.write_text(f"#!{sys.executable}\nimport sys, time\n{listing}\n{body}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


# -- with the real program ---------------------------------------------------------------------------


@pytest.mark.usefixtures("tesseract")
def test_a_scanned_pdf_is_read_page_by_page(tmp_path: Path) -> None:
    path = scan(tmp_path / "scan.pdf", sheet(*LETTER), sheet("Sick leave needs a certificate."))
    document = only(path)
    assert (document.pages, list(document.textless_pages)) == (2, [])
    assert "fifteen days of leave" in words(document)
    assert [block.page for block in document.blocks if "certificate" in block.text] == [2]


@pytest.mark.usefixtures("tesseract")
def test_only_pages_without_text_are_recognised_unless_all_are_wanted(tmp_path: Path) -> None:
    typed = write_pdf(tmp_path / "typed.pdf", [paragraph("It binds all staff.")])
    mixed = joined(tmp_path / "mixed.pdf", typed, scan(tmp_path / "scan.pdf", sheet(*LETTER)))
    document = only(mixed)
    assert document.blocks[0].text == "It binds all staff." and "fifteen days" in words(document)
    left = only(mixed, ReadOptions(ocr="off"))
    assert (words(left), list(left.textless_pages)) == ("It binds all staff.", [2])


@pytest.mark.usefixtures("tesseract")
def test_a_stamp_on_a_scan_does_not_pass_for_its_text(tmp_path: Path) -> None:
    image = scan(tmp_path / "scan.pdf", sheet(*LETTER))
    stamp = write_pdf(tmp_path / "stamp.pdf", [[(20, 5, 6, "Received 2026-03-01")]])
    writer = pypdf.PdfWriter(image)
    writer.pages[0].merge_page(pypdf.PdfReader(stamp).pages[0])
    writer.write(tmp_path / "stamped.pdf")
    assert "fifteen days of leave" in words(only(tmp_path / "stamped.pdf"))


@pytest.mark.usefixtures("tesseract")
def test_a_bad_text_layer_gives_way_where_every_page_is_wanted(tmp_path: Path) -> None:
    image = scan(tmp_path / "scan.pdf", sheet(*LETTER))
    # Over the letters of the picture, as recognition puts it.
    layer = [(24, y, 4, "qzx vbk wqj pfh zzk " * 3) for y in (85, 62, 39)]
    hidden = write_pdf(tmp_path / "hidden.pdf", [["3 Tr\n", *layer]])
    writer = pypdf.PdfWriter(image)
    writer.pages[0].merge_page(pypdf.PdfReader(hidden).pages[0])
    writer.write(tmp_path / "bad.pdf")
    assert "qzx" in words(only(tmp_path / "bad.pdf"))
    assert words(only(tmp_path / "bad.pdf", ReadOptions(ocr="on"))).count("qzx") == 0


@pytest.mark.usefixtures("tesseract")
@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "bmp", "gif"])
def test_an_image_is_a_document(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"leave_policy.{suffix}"
    sheet(*LETTER).convert("RGB").save(path)
    document = only(path)
    assert (document.title, document.pages) == ("leave policy", 1)
    assert "fifteen days of leave" in words(document)


@pytest.mark.usefixtures("tesseract")
def test_the_frames_of_a_tiff_are_pages(tmp_path: Path) -> None:
    sheets = [sheet(*LETTER), Image.new("L", (400, 400), 255), sheet("Sick leave needs a certificate.")]
    sheets[0].save(tmp_path / "fax.tif", save_all=True, append_images=sheets[1:])
    document = only(tmp_path / "fax.tif")
    assert (document.pages, list(document.textless_pages)) == (3, [2])
    assert document.blocks[-1].page == 3 and "certificate" in document.blocks[-1].text


@pytest.mark.usefixtures("tesseract")
def test_small_print_on_a_transparent_ground_and_a_turned_photo_are_read(tmp_path: Path) -> None:
    small = sheet(*LETTER).resize((680, 200), Image.Resampling.LANCZOS)
    ink = Image.new("RGBA", small.size, (0, 0, 0, 0))
    ink.putalpha(small.point(lambda value: 255 - value))
    ink.save(tmp_path / "screen.png")
    assert "fifteen days of leave" in words(only(tmp_path / "screen.png"))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    sheet(*LETTER).rotate(90, expand=True).save(tmp_path / "photo.jpg", exif=exif)
    assert "fifteen days of leave" in words(only(tmp_path / "photo.jpg"))


@pytest.mark.usefixtures("tesseract")
def test_the_rows_of_a_table_stay_apart(tmp_path: Path) -> None:
    image = sheet("occasion", "wedding", "moving house")
    image.paste(sheet("paid days", "five", "two").crop((80, 0, 600, 400)), (900, 0))
    image.save(tmp_path / "a.png")
    found = [block.text for block in only(tmp_path / "a.png").blocks]
    assert found == ["occasion paid days", "wedding five", "moving house two"]


@pytest.mark.usefixtures("tesseract")
def test_two_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    left = [f"Rule {number} says that staff may travel" for number in range(1, 9)]
    right = [f"Note {number} says that costs are paid" for number in range(1, 9)]
    image = Image.new("L", (2400, 1100), 255)
    image.paste(sheet(*left).crop((0, 0, 1150, 1000)), (0, 0))
    image.paste(sheet(*right).crop((80, 0, 1200, 1000)), (1260, 0))
    image.save(tmp_path / "a.png")
    text = words(only(tmp_path / "a.png"))
    assert text.index("Rule 8") < text.index("Note 1")


@pytest.mark.usefixtures("tesseract")
def test_an_image_without_print_says_so(tmp_path: Path) -> None:
    Image.new("L", (300, 300), 200).save(tmp_path / "grey.png")
    with pytest.raises(DocumentError, match=r"grey\.png has no text that text recognition"):
        only(tmp_path / "grey.png")


# -- without it, and with one that fails -------------------------------------------------------------


@pytest.mark.usefixtures("no_tesseract")
def test_without_tesseract_the_cure_is_named(tmp_path: Path) -> None:
    page = sheet(*LETTER)
    page.save(tmp_path / "a.png")
    with pytest.raises(DocumentError, match=r"a\.png is an image: install tesseract \(Debian"):
        only(tmp_path / "a.png")
    with pytest.raises(
        DocumentError, match=r"scan\.pdf has no text on any of its 1 pages; it is a scan: install"
    ):
        only(scan(tmp_path / "scan.pdf", page))
    with pytest.raises(DocumentError, match="set DOCENT_OCR=auto"):
        only(tmp_path / "a.png", ReadOptions(ocr="off"))


def test_languages_that_are_not_installed_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "bin", monkeypatch, "")
    with reading_with(ReadOptions(ocr_languages="jpn+kor+eng")):
        found = ocr.tesseract()
    assert found is not None and found.languages == "kor+eng"
    sheet("x").save(tmp_path / "a.png")
    with pytest.raises(DocumentError, match=r"DOCENT_OCR_LANGUAGES .* not 'jpn': eng\+kor"):
        only(tmp_path / "a.png", ReadOptions(ocr_languages="jpn"))


def test_what_tesseract_is_not_sure_of_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(line: int, confidence: int, *words: str) -> Sequence[str]:
        return [
            f"5\t1\t1\t1\t{line}\t{number}\t{100 * number}\t{30 * line}\t90\t20\t{confidence}\t{word}"
            for number, word in enumerate(words)
        ]

    table = "\n".join([*told(1, 90, "연차", "는"), *told(2, 20, "~|", "_="), *told(3, 90, "25일이다.")])
    text = "연차는\n~| _=\n25일이다.\n\n병가\n\f"
    program(
        tmp_path / "bin",
        monkeypatch,
        f"sys.stdin.buffer.read(); print({table!r}); print({text!r})",
    )
    sheet("x").save(tmp_path / "a.png")
    assert [block.text for block in only(tmp_path / "a.png").blocks] == ["연차는 25일이다.", "병가"]


@pytest.mark.parametrize(
    "body", ["sys.exit(3)", "time.sleep(30)", "print('5\\t' * 11)", "print(b'\\xff'.hex())"]
)
def test_a_tesseract_that_fails_costs_its_page_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    program(tmp_path / "bin", monkeypatch, body)
    monkeypatch.setattr(ocr, "_PAGE_SECONDS", 1.5)
    typed = write_pdf(tmp_path / "typed.pdf", [paragraph("It binds all staff.")])
    mixed = joined(tmp_path / "mixed.pdf", typed, scan(tmp_path / "scan.pdf", sheet("x")))
    assert only(mixed).blocks[0].text == "It binds all staff."


def test_recognition_ends_before_the_time_of_the_file_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "bin", monkeypatch, "print('A line of print')")
    path = scan(tmp_path / "scan.pdf", *[sheet("x")] * 3)
    with pytest.raises(DocumentError, match="has no text on any of its 3 pages"):
        only(path, ReadOptions(ocr_seconds=0))
    assert ReadOptions.of(Settings(read_seconds=100)).ocr_seconds < 100


# -- hostile images ----------------------------------------------------------------------------------


@pytest.mark.parametrize("side", [9_500, 15_000])
def test_an_image_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, side: int) -> None:
    program(tmp_path / "bin", monkeypatch, "sys.exit('never called')")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    data = BytesIO()
    Image.new("1", (side, side)).save(data, "PNG")
    monkeypatch.undo()
    program(tmp_path / "bin2", monkeypatch, "sys.exit('never called')")
    (tmp_path / "bomb.png").write_bytes(data.getvalue())
    with pytest.raises(DocumentError, match=r"bomb\.png has more than 80 million pixels"):
        only(tmp_path / "bomb.png")


def test_a_broken_image_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "bin", monkeypatch, "print('A line of print')")
    (tmp_path / "noise.png").write_bytes(os.urandom(4_000))
    with pytest.raises(DocumentError, match=r"noise\.png is broken or not an image"):
        only(tmp_path / "noise.png")
    data = BytesIO()
    sheet(*LETTER).save(data, "PNG")
    (tmp_path / "cut.png").write_bytes(data.getvalue()[:900])
    with pytest.raises(DocumentError, match=r"cut\.png"):
        only(tmp_path / "cut.png")


def test_options_hold_inside_only() -> None:
    with reading_with(ReadOptions(ocr="on")):
        assert read_options().ocr == "on"
    assert read_options() == ReadOptions()
