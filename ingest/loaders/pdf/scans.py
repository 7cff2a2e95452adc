"""Pages of a PDF that are pictures: drawn by PDFium, read by tesseract."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

from ingest.loaders.ocr import DPI, RecognisedLine, Tesseract, side_by_side
from ingest.loaders.pdf.document import FEW_LETTERS, Page
from ingest.loaders.pdf.line import Line

if TYPE_CHECKING:
    from PIL.Image import Image

# A sheet of A2 at 300 dots an inch; larger pages are drawn coarser.
_MOST_PIXELS = 36_000_000
# This share of a bad text's letters is enough for what takes its place.
_ENOUGH = 0.5
_SIZE, _HEADING_SIZE = 10.0, 15.0
_LINE, _PARAGRAPH = 13.0, 30.0


def recognise(
    document: Any, pages: Sequence[Page], wanted: Sequence[int], ocr: Tesseract, pdfium: Lock
) -> None:
    """Give the wanted pages, by index, what is read in them, where that is more than a stamp on a picture.

    Where there is much text, it is bad, or recognition is wanted of every page: then less of it will do.

    Args:
        document: of pypdfium2, open.
        pdfium: held while PDFium works, which is not while tesseract does.
    """

    def read(index: int) -> list[RecognisedLine]:
        with pdfium:
            image = _drawn(document, index)
        return ocr.lines(image) if image else []

    for index, found in zip(wanted, side_by_side(read, wanted), strict=True):
        had = _letters(line.text for line in pages[index].lines)
        if _letters(line.text for line in found) > (had if had < FEW_LETTERS else _ENOUGH * had):
            pages[index].lines = _placed(found)


def _letters(texts: Any) -> int:
    return sum(character.isalnum() for text in texts for character in text)


def _drawn(document: Any, index: int) -> Image | None:
    import pypdfium2

    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        return None
    try:
        width, height = page.get_size()
        scale = min(DPI / 72, (_MOST_PIXELS / max(width * height, 1.0)) ** 0.5)
        bitmap = page.render(scale=scale, grayscale=True)
        image: Image = bitmap.to_pil().copy()
        bitmap.close()
        return image
    finally:
        page.close()


def _placed(found: Sequence[RecognisedLine]) -> list[Line]:
    """Lines below each other as print would be set; where they really stood is told by their paragraphs."""
    lines = []
    top = 0.0
    for line in found:
        top -= _PARAGRAPH if line.opens else _LINE
        size = _HEADING_SIZE if line.large else _SIZE
        lines.append(Line(line.text, True, 72.0, top, top, size, bold=False))
    return lines
