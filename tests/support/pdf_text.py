"""What stands in a rectangle of a PDF page, as PDFium itself reads it: another way than that of the boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ctypes import byref, c_double
from pathlib import Path
from typing import Any

_FINE = 1000


def text_in(path: Path, boxes: Mapping[int, Sequence[Sequence[float]]]) -> list[str]:
    """The text in each box.

    Args:
        boxes: number of a page -> left, top, right and bottom in points of the page as it is shown.
    """
    import pypdfium2

    found = []
    with pypdfium2.PdfDocument(path) as document:
        for number, on_page in sorted(boxes.items()):
            page = document[number - 1]
            text_page = page.get_textpage()
            for box in on_page:
                found.append(" ".join(text_page.get_text_bounded(*_on_paper(page, box)).split()))
            text_page.close()
            page.close()
    return found


def _on_paper(page: Any, box: Sequence[float]) -> tuple[float, float, float, float]:
    """Left, bottom, right and top in the page's own coordinates, which may be turned and begin anywhere."""
    import pypdfium2.raw as pdfium

    width, height = page.get_size()
    size = (round(width * _FINE), round(height * _FINE))
    xs, ys = [], []
    for across, down in ((box[0], box[1]), (box[2], box[3])):
        x, y = c_double(), c_double()
        point = (round(across * _FINE), round(down * _FINE))
        pdfium.FPDF_DeviceToPage(page.raw, 0, 0, *size, 0, *point, byref(x), byref(y))
        xs.append(x.value)
        ys.append(y.value)
    return min(xs), min(ys), max(xs), max(ys)
