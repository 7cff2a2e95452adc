"""Pages are drawn in a process with limits: what a file does there costs that file alone."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest
from doubles import paragraph, write_pdf
from PIL import Image
from pypdf.generic import RectangleObject

from app.config import Settings
from app.errors import DocumentError
from app.originals.pdf.pages import Pages
from app.originals.pdf.quotes import Quote

LEAVE = "Every employee has 25 days of paid leave."
QUOTE = Quote(LEAVE, LEAVE, 1, 1)


@pytest.fixture
def pages() -> Iterator[Pages]:
    made = Pages(Settings())
    yield made
    made.close()


def image(pages: Pages, path: Path, page: int = 1, width: int = 600) -> Image.Image:
    return Image.open(io.BytesIO(pages.picture(path, page, width).bytes()))


def test_a_process_that_dies_is_replaced(pages: Pages, tmp_path: Path):
    path = write_pdf(tmp_path / "a.pdf", [paragraph(LEAVE)])
    assert pages.look(path, QUOTE).share == 1.0
    [worker] = pages._workers._all
    os.kill(worker._process.pid, signal.SIGKILL)
    assert image(pages, path).width == 600


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4\nno more", b"\x00" * 5000])
def test_a_ruin_is_a_clear_error_and_the_next_file_is_fine(pages: Pages, tmp_path: Path, content: bytes):
    ruin = tmp_path / "ruin.pdf"
    ruin.write_bytes(content)
    for ask in (lambda: pages.look(ruin, QUOTE), lambda: pages.picture(ruin, 1, 600)):
        with pytest.raises(DocumentError, match=r"ruin\.pdf cannot be shown"):
            ask()
    assert image(pages, write_pdf(tmp_path / "a.pdf", [paragraph(LEAVE)])).width == 600


def test_a_file_that_is_gone_is_a_clear_error(pages: Pages, tmp_path: Path):
    with pytest.raises(DocumentError, match=r"gone\.pdf cannot be shown: No such file"):
        pages.look(tmp_path / "gone.pdf", QUOTE)


def test_a_page_is_drawn_once_until_its_file_changes(pages: Pages, tmp_path: Path):
    path = write_pdf(tmp_path / "a.pdf", [paragraph(LEAVE)])
    first = pages.picture(path, 1, 600)
    assert pages.picture(path, 1, 599) is first, "widths are rounded up to a few"
    write_pdf(path, [paragraph("Other words altogether.")])
    assert pages.picture(path, 1, 600).data != first.data
    assert pages.look(path, QUOTE).boxes == {}


@pytest.mark.parametrize("size", [(14_400, 14_400), (14_400, 3), (3, 14_400), (100_000, 100_000)])
def test_a_page_of_any_size_is_drawn_within_reason(pages: Pages, tmp_path: Path, size: tuple[int, int]):
    writer = pypdf.PdfWriter(write_pdf(tmp_path / "plain.pdf", [paragraph(LEAVE)]))
    writer.pages[0].mediabox = RectangleObject((0, 0, *size))
    writer.write(tmp_path / "a.pdf")
    drawn = image(pages, tmp_path / "a.pdf", width=3000)
    assert drawn.width * drawn.height <= 17_000_000


def test_a_page_of_a_photograph_is_sent_smaller(pages: Pages, tmp_path: Path):
    Image.effect_noise((1600, 2000), 90).convert("RGB").save(tmp_path / "photo.pdf")
    assert pages.picture(tmp_path / "photo.pdf", 1, 1600).kind == "image/jpeg"


def test_a_form_is_drawn_as_it_was_filled_in(pages: Pages, tmp_path: Path):
    field = (
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (Kim) /Rect [72 300 300 330] "
        "/MK << /BG [1 0 0] >> /DA (/Helv 12 Tf 0 g) /F 4 >>"
    )
    raw = write_pdf(tmp_path / "a.pdf", [paragraph(LEAVE)]).read_bytes()
    changed = raw.replace(b"/Type /Page /", f"/Annots [{field}] /Type /Page /".encode())
    catalog = f"/AcroForm << /NeedAppearances true /Fields [{field}] >> /Type /Catalog".encode()
    (tmp_path / "form.pdf").write_bytes(changed.replace(b"/Type /Catalog", catalog))
    drawn = image(pages, tmp_path / "form.pdf")
    assert drawn.getpixel((round(150 / 595 * 600), round((842 - 315) / 595 * 600))) == (255, 0, 0)
