"""Characters of a PDF page that nobody sees: beside the page, too small, or drawn without a trace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ctypes import byref, c_double, c_float, c_uint
from itertools import groupby
from math import hypot
from typing import Any

from ingest.loaders.base import one_line

Hidden = tuple[str, str]
"""How it is hidden, as `Block.hidden` has it, and the words."""

# Points below which nobody reads.
_READABLE = 3.0
# Colours as light as this may be those of the paper.
_LIGHT = 225
_CLEAR = 40
_INVISIBLE = 3
# Least difference of grey, of 255, between the letters and what is behind them.
_CONTRAST = 24
_SCALE = 2.0
_MOST_PIXELS = 16_000_000
_MOST_OBJECTS = 20_000
_LEAST_LETTERS = 4


def unseen(page: Any, text_page: Any, count: int) -> dict[int, str]:
    """Index of a character -> how it is hidden.

    A page is drawn only where a character is as light as paper, clear, or set not to be drawn, to look
    whether it leaves a trace all the same: on a dark ground, or as the words of a scan below its picture.
    """
    if not _has_candidates(page):
        return {}
    found = {index: way for index in range(count) if (way := _suspect(page, text_page, index))}
    doubtful = [index for index, way in found.items() if way == "?"]
    image = _drawn(page) if doubtful else None
    for index in doubtful:
        if image is None or _leaves_trace(image, page, text_page, index):
            del found[index]
        else:
            found[index] = "colour"
    return found


def words(text: str, indexes: Sequence[int], ways: dict[int, str]) -> list[Hidden]:
    """What the hidden characters say, run by run.

    Args:
        indexes: of the characters of `text` on the page, one for each.
    """
    runs = groupby(
        zip(text, indexes, strict=True), key=lambda pair: ways.get(pair[1], " " if pair[0].isspace() else "")
    )
    said: dict[str, list[str]] = {}
    last = ""
    for way, run in runs:
        letters = "".join(letter for letter, _ in run)
        if way.strip():
            said.setdefault(way, []).append(letters)
            last = way
        elif way and last:
            said[last].append(" ")
        else:
            last = ""
    joined = ((way, one_line("".join(parts))) for way, parts in said.items())
    return [(way, text) for way, text in joined if sum(map(str.isalnum, text)) >= _LEAST_LETTERS]


def _has_candidates(page: Any) -> bool:
    """Whether a text object of the page, or one of its forms, may hide something: most pages have none."""
    import pypdfium2.raw as pdfium

    width, height = page.get_size()
    edges = c_float(), c_float(), c_float(), c_float()
    for part in _objects(page):
        if pdfium.FPDFPageObj_GetType(part) != pdfium.FPDF_PAGEOBJ_TEXT:
            continue
        size = c_float()
        pdfium.FPDFTextObj_GetFontSize(part, byref(size))
        if (
            size.value < 2 * _READABLE
            or _is_light(part)
            or pdfium.FPDFTextObj_GetTextRenderMode(part) == _INVISIBLE
        ):
            return True
        matrix = pdfium.FS_MATRIX()
        pdfium.FPDFPageObj_GetMatrix(part, byref(matrix))
        if size.value * hypot(matrix.c, matrix.d) < _READABLE:
            return True
        pdfium.FPDFPageObj_GetBounds(part, *map(byref, edges))
        left, bottom, right, top = (edge.value for edge in edges)
        if right < 0 or top < 0 or left > width or bottom > height:
            return True
    return False


def _objects(page: Any) -> Iterator[Any]:
    import pypdfium2.raw as pdfium

    forms = []
    for index in range(min(pdfium.FPDFPage_CountObjects(page.raw), _MOST_OBJECTS)):
        part = pdfium.FPDFPage_GetObject(page.raw, index)
        forms += [part] if pdfium.FPDFPageObj_GetType(part) == pdfium.FPDF_PAGEOBJ_FORM else []
        yield part
    for form in forms:
        for index in range(min(pdfium.FPDFFormObj_CountObjects(form), _MOST_OBJECTS)):
            yield pdfium.FPDFFormObj_GetObject(form, index)


def _is_light(part: Any) -> bool:
    import pypdfium2.raw as pdfium

    red, green, blue, alpha = c_uint(), c_uint(), c_uint(), c_uint()
    if not pdfium.FPDFPageObj_GetFillColor(part, byref(red), byref(green), byref(blue), byref(alpha)):
        return False
    return min(red.value, green.value, blue.value) >= _LIGHT or alpha.value <= _CLEAR


def _suspect(page: Any, text_page: Any, index: int) -> str:
    """How a character is hidden, "?" where only drawing it will tell, "" if it is not."""
    import pypdfium2.raw as pdfium

    raw = text_page.raw
    if pdfium.FPDFText_GetUnicode(raw, index) <= 32 or pdfium.FPDFText_IsGenerated(raw, index) == 1:
        return ""
    left, right, bottom, top = _box(raw, index)
    x0, y0, x1, y1 = _visible_box(page)
    if right < x0 or left > x1 or top < y0 or bottom > y1:
        return "place"
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(raw, index, byref(matrix))
    if pdfium.FPDFText_GetFontSize(raw, index) * hypot(matrix.c, matrix.d) < _READABLE:
        return "size"
    red, green, blue, alpha = c_uint(), c_uint(), c_uint(), c_uint()
    pdfium.FPDFText_GetFillColor(raw, index, byref(red), byref(green), byref(blue), byref(alpha))
    light = min(red.value, green.value, blue.value) >= _LIGHT or alpha.value <= _CLEAR
    part = pdfium.FPDFText_GetTextObject(raw, index)
    invisible = part and pdfium.FPDFTextObj_GetTextRenderMode(part) == _INVISIBLE
    return "?" if light or invisible else ""


def _box(raw: Any, index: int) -> tuple[float, float, float, float]:
    import pypdfium2.raw as pdfium

    left, right, bottom, top = c_double(), c_double(), c_double(), c_double()
    pdfium.FPDFText_GetCharBox(raw, index, byref(left), byref(right), byref(bottom), byref(top))
    return left.value, right.value, bottom.value, top.value


def _visible_box(page: Any) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = page.get_cropbox()
    return x0, y0, x1, y1


def _drawn(page: Any) -> Any:
    """The page in grey, as an array; None where it is too large to be drawn."""
    width, height = page.get_size()
    scale = min(_SCALE, (_MOST_PIXELS / max(width * height, 1.0)) ** 0.5)
    if page.get_rotation() or scale < 1:
        return None
    bitmap = page.render(scale=scale, grayscale=True)
    image = bitmap.to_numpy().copy()
    bitmap.close()
    return image[..., 0] if image.ndim == 3 else image


def _leaves_trace(image: Any, page: Any, text_page: Any, index: int) -> bool:
    left, right, bottom, top = _box(text_page.raw, index)
    x0, y0, x1, y1 = _visible_box(page)
    across, down = image.shape[1] / max(x1 - x0, 1.0), image.shape[0] / max(y1 - y0, 1.0)
    columns = slice(max(0, int((left - x0) * across)), int((right - x0) * across) + 2)
    rows = slice(max(0, int((y1 - top) * down)), int((y1 - bottom) * down) + 2)
    part = image[rows, columns]
    return bool(part.size) and int(part.max()) - int(part.min()) >= _CONTRAST
