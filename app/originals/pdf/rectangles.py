"""Rectangles around characters of a PDF page, one for each line, as the page is shown."""

from __future__ import annotations

from collections.abc import Iterator
from ctypes import byref, c_double, c_int
from typing import Any, NamedTuple

# The page is laid out in thousandths of a point by PDFium, which knows about turned and cropped pages.
_FINE = 1000
# A line ends where a gap is wider than this, in heights of its characters: what is in it may be another's.
_WIDEST_GAP = 2.5
# PDFium's mark for the hyphen of a word that was divided at the end of a line.
_DIVIDED = 2


class Box(NamedTuple):
    """A rectangle, in points from the top left corner of the page as it is shown."""

    left: float
    top: float
    right: float
    bottom: float


class Shown:
    """A page as it is shown: its size in points, and boxes of its characters.

    Args:
        page, text_page: of pypdfium2, both open.
    """

    def __init__(self, page: Any, text_page: Any) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium = pdfium
        self._page, self._text = page.raw, text_page.raw
        self.width, self.height = page.get_size()
        self._edges = tuple(c_double() for _ in range(4))
        self._loose = pdfium.FS_RECTF()

    def boxes(self, first: int, last: int) -> Iterator[Box]:
        """One for each line, or part of a line, of the characters from `first` to `last`."""
        line: Box | None = None
        before: Box | None = None
        for index in range(first, last + 1):
            code = self._pdfium.FPDFText_GetUnicode(self._text, index)
            if code <= 32 and code != _DIVIDED:
                continue
            room = self._room(index)
            ink = self._ink(index) or room
            if line is None or before is None or not _goes_on(before, room):
                if line is not None:
                    yield line
                line = ink
            else:
                line = _around(line, ink)
            before = room
        if line is not None:
            yield line

    def _ink(self, index: int) -> Box | None:
        """What is drawn of a character; None where the font does not tell."""
        left, right, bottom, top = self._edges
        self._pdfium.FPDFText_GetCharBox(
            self._text, index, byref(left), byref(right), byref(bottom), byref(top)
        )
        if left.value >= right.value or bottom.value >= top.value:
            return None
        return self._turned(left.value, bottom.value, right.value, top.value)

    def _room(self, index: int) -> Box:
        """The room that its line has for a character: alike for a full stop and a capital."""
        box = self._loose
        self._pdfium.FPDFText_GetLooseCharBox(self._text, index, byref(box))
        return self._turned(box.left, box.bottom, box.right, box.top)

    def _turned(self, left: float, bottom: float, right: float, top: float) -> Box:
        (x0, y0), (x1, y1) = self._point(left, bottom), self._point(right, top)
        return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))

    def _point(self, x: float, y: float) -> tuple[float, float]:
        across, down = c_int(), c_int()
        size = (round(self.width * _FINE), round(self.height * _FINE))
        self._pdfium.FPDF_PageToDevice(self._page, 0, 0, *size, 0, x, y, byref(across), byref(down))
        return across.value / _FINE, down.value / _FINE


def _goes_on(before: Box, box: Box) -> bool:
    """Whether a character stands in one line with the one before it, set across the page or along it."""
    across = _overlap(before.top, before.bottom, box.top, box.bottom)
    along = _overlap(before.left, before.right, box.left, box.right)
    if across >= along:
        gap, size = _gap(before.left, before.right, box.left, box.right), before.bottom - before.top
    else:
        gap, size = _gap(before.top, before.bottom, box.top, box.bottom), before.right - before.left
    return max(across, along) >= 0.5 and gap <= _WIDEST_GAP * size


def _overlap(begin: float, end: float, other_begin: float, other_end: float) -> float:
    """How much of the shorter stretch both have, in [0, 1]."""
    both = min(end, other_end) - max(begin, other_begin)
    return max(0.0, both) / max(min(end - begin, other_end - other_begin), 1e-3)


def _gap(begin: float, end: float, other_begin: float, other_end: float) -> float:
    return max(other_begin - end, begin - other_end)


def _around(one: Box, other: Box) -> Box:
    return Box(
        min(one.left, other.left),
        min(one.top, other.top),
        max(one.right, other.right),
        max(one.bottom, other.bottom),
    )
