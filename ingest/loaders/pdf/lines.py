"""The lines of a PDF page with their place and type, by PDFium; ruled tables taken out of them whole."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from ctypes import byref, c_double
from dataclasses import replace
from math import hypot
from typing import Any

from ingest.loaders.pdf.columns import with_tables
from ingest.loaders.pdf.line import Gap, Line, Rows
from ingest.loaders.pdf.ruling import Grid, Point, grids, turned
from ingest.loaders.pdf.unseen import Hidden, unseen, words

_BOLD = 600
_BLANK = re.compile(" +")
# From this on, in multiples of the type's size, a blank is looked at as one between columns.
_WIDE_BLANK = 0.7
# A line whose base line falls by more than this, in multiples of its size, is several.
_FALLS = 0.5
# A merged cell's text is repeated in each of its rows, so that a row can be read alone; longer texts are not.
_LONGEST_REPEATED = 60
# Above this a cell holds a page's layout, not a value.
_LONGEST_CELL = 1_500
# Below this share of cells with text, lines are a drawing.
_LEAST_FILLED = 0.4
# Above this share of cells with words that lines run through, too.
_MOST_CUT = 0.1


class TextPage:
    """Text of one page, and where its characters stand.

    Args:
        page, text_page: of pypdfium2, both open.
    """

    def __init__(self, page: Any, text_page: Any) -> None:
        import pypdfium2.raw as pdfium

        self._page = page
        self._raw = text_page.raw
        self._pdfium = pdfium
        self.text: str = text_page.get_text_range() if text_page.count_chars() else ""
        self._wide = bool(self.text) and max(self.text) > "\uffff"
        self.hidden: list[Hidden] = []
        self._edges = c_double(), c_double(), c_double(), c_double()
        self._place = turned(page.get_rotation())
        self._take_hidden(text_page)

    def _take_hidden(self, text_page: Any) -> None:
        """Put blanks where characters stand that nobody sees, so that all places stay as they are."""
        ways = unseen(self._page, text_page, text_page.count_chars()) if self.text.strip() else {}
        if not ways or self._wide:
            return
        indexes = [self._character(unit) for unit in range(len(self.text))]
        self.hidden = words(self.text, indexes, ways)
        self.text = "".join(
            " " if index in ways else letter for letter, index in zip(self.text, indexes, strict=True)
        )

    def lines(self) -> list[Line]:
        """Lines as PDFium found them, tables where their first character stands."""
        if not self.text.strip():
            return []
        found = list(_outermost(grids(self._page)))
        if found:
            return with_tables(list(self._lines_and_tables(found)))
        return with_tables(
            [line for offset, text in self._raw_lines() for line in self._lines_in(text, offset)]
        )

    def _lines_in(self, text: str, offset: int) -> Iterator[Line]:
        """What PDFium takes for one line, as the lines that it is: it joins some rows of a form."""
        line = self._line(text, offset)
        if line is None or line.top - line.bottom <= _FALLS * line.size:
            yield from [line] if line else []
            return
        start = 0
        for blank in _BLANK.finditer(text.rstrip()):
            before, behind = (offset + self._units(text[:at]) for at in (blank.start() - 1, blank.end()))
            if self._base(before) - self._base(behind) > _FALLS * line.size:
                yield from filter(
                    None, [self._line(text[start : blank.start()], offset + self._units(text[:start]))]
                )
                start = blank.end()
        yield from filter(None, [self._line(text[start:], offset + self._units(text[:start]))])

    def _base(self, unit: int) -> float:
        """The base line of a character, in points from the page's bottom."""
        x, y = c_double(), c_double()
        self._pdfium.FPDFText_GetCharOrigin(self._raw, self._character(unit), byref(x), byref(y))
        return y.value

    def _raw_lines(self) -> Iterator[tuple[int, str]]:
        offset = 0
        for text in self.text.split("\r\n"):
            yield offset, text
            offset += self._units(text) + 2

    def _line(self, text: str, offset: int) -> Line | None:
        """Args: offset: where `text` begins in the page's, in UTF-16 units, by which PDFium counts."""
        if not (body := text.strip()):
            return None
        pdfium, raw = self._pdfium, self._raw
        x, top, bottom, matrix = c_double(), c_double(), c_double(), pdfium.FS_MATRIX()
        start = offset + len(text) - len(text.lstrip())
        first = self._character(start)
        last = max(first, self._character(start + self._units(body) - 1))
        pdfium.FPDFText_GetCharOrigin(raw, last, byref(x), byref(bottom))
        pdfium.FPDFText_GetCharOrigin(raw, first, byref(x), byref(top))
        pdfium.FPDFText_GetMatrix(raw, first, byref(matrix))
        size = max(pdfium.FPDFText_GetFontSize(raw, first) * hypot(matrix.c, matrix.d), 1.0)
        bold = all(pdfium.FPDFText_GetFontWeight(raw, index) >= _BOLD for index in (first, last))
        # Where characters without a letter lie in between, places in the text are not those of characters.
        plain = last - first == len(body) - 1
        gaps = tuple(self._gaps(body, first, _WIDE_BLANK * size)) if plain else ()
        left, right, low, high = self._edges
        pdfium.FPDFText_GetCharBox(raw, last, left, right, low, high)
        spaced = text.endswith(" ")
        return Line(body, spaced, x.value, top.value, bottom.value, size, bold, right.value, gaps)

    def _gaps(self, body: str, first: int, least: float) -> Iterator[Gap]:
        left, right, low, high = self._edges
        box, raw = self._pdfium.FPDFText_GetCharBox, self._raw
        for blank in _BLANK.finditer(body):
            start, end = blank.span()
            box(raw, first + start - 1, left, right, low, high)
            edge = right.value
            box(raw, first + end, left, right, low, high)
            if left.value - edge >= least:
                yield Gap(start, edge, left.value)

    def _character(self, unit: int) -> int:
        return int(self._pdfium.FPDFText_GetCharIndexFromTextIndex(self._raw, unit))

    def _units(self, text: str) -> int:
        return len(text.encode("utf-16-le", "surrogatepass")) // 2 if self._wide else len(text)

    # -- tables --------------------------------------------------------------------------------------

    def _lines_and_tables(self, found: Sequence[Grid]) -> Iterator[Line]:
        tables = self._tables(found)
        if len(tables) < len(found):
            found = [grid for number, grid in enumerate(found) if number in tables]
            tables = self._tables(found)
        told = set()
        for (table, _), offset, text in self._runs(found):
            if table < 0:
                yield from self._lines_in(text, offset)
                continue
            line = self._line(text, offset)
            if line is not None and table not in told:
                told.add(table)
                shown = " ".join(" ".join(row) for row in tables[table])
                yield replace(line, text=shown, bold=False, gaps=(), rows=tables[table])

    def _tables(self, found: Sequence[Grid]) -> dict[int, Rows]:
        """Number of a grid -> what stands in it, for those that are tables."""
        cells: dict[int, dict[int, str]] = defaultdict(lambda: defaultdict(str))
        cut: Counter[int] = Counter()
        end, before = -1, -1
        for (table, cell), offset, text in self._runs(found):
            # A line's last blank tells whether its last word goes on in the next line.
            cells[table][cell] += f"{text}\n"
            if offset == end and self._touch(offset):
                cut.update({table, before})
            end, before = offset + self._units(text.rstrip()), table
        tables = {
            number: _rows(grid, cells[number])
            for number, grid in enumerate(found)
            if cut[number] <= _MOST_CUT * len(cells[number])
        }
        return {number: rows for number, rows in tables.items() if rows}

    def _touch(self, unit: int) -> bool:
        """Whether a character stands as close behind the one before it as in a word."""
        left, right, low, high = self._edges
        self._pdfium.FPDFText_GetCharBox(self._raw, self._character(unit - 1), left, right, low, high)
        edge, size = right.value, high.value - low.value
        self._pdfium.FPDFText_GetCharBox(self._raw, self._character(unit), left, right, low, high)
        return abs(left.value - edge) < 0.25 * max(size, high.value - low.value)

    def _runs(self, found: Sequence[Grid]) -> Iterator[tuple[tuple[int, int], int, str]]:
        """Lines divided where they pass into another cell: ((table, cell), offset, text); -1 is outside."""
        for offset, text in self._raw_lines():
            where, start, unit = (-1, -1), 0, offset
            for index, character in enumerate(text):
                here = self._where(unit, found) or where
                if here != where and index > start:
                    if text[start:index].strip():
                        yield where, offset + self._units(text[:start]), text[start:index]
                    start = index
                where = here
                unit += self._units(character)
            if text[start:].strip():
                yield where, offset + self._units(text[:start]), text[start:]

    def _where(self, unit: int, found: Sequence[Grid]) -> tuple[int, int] | None:
        """Table and cell around a character's middle; None for a blank, which PDFium may have added."""
        index = self._character(unit)
        if index < 0 or self._pdfium.FPDFText_GetUnicode(self._raw, index) <= 32:
            return None
        left, right, low, high = c_double(), c_double(), c_double(), c_double()
        self._pdfium.FPDFText_GetCharBox(self._raw, index, byref(left), byref(right), byref(low), byref(high))
        middle = self._place((left.value + right.value) / 2, (low.value + high.value) / 2)
        for number, grid in enumerate(found):
            if (cell := grid.cell_at(middle)) >= 0:
                return number, cell
        return -1, -1


def _outermost(found: Sequence[Grid]) -> Iterator[Grid]:
    """Without the tables in cells of other tables: their text is that cell's."""
    for grid in found:
        x0, top, x1, bottom = grid.box
        middle: Point = ((x0 + x1) / 2, (top + bottom) / 2)
        area = (x1 - x0) * (bottom - top)
        if not any(
            other.cell_at(middle) >= 0 and _area(other) > area for other in found if other is not grid
        ):
            yield grid


def _area(grid: Grid) -> float:
    x0, top, x1, bottom = grid.box
    return (x1 - x0) * (bottom - top)


def _rows(grid: Grid, texts: Mapping[int, str]) -> Rows:
    """What stands in a grid, without empty rows and columns; () if that is no table."""
    number = len({cell for row in grid.cells for cell in row})
    if len(texts) < _LEAST_FILLED * number or max(map(len, texts.values()), default=0) > _LONGEST_CELL:
        return ()
    rows = []
    for above, numbers in zip([(), *grid.cells], grid.cells, strict=False):
        row = [_shown(texts, numbers, above, column) for column in range(len(numbers))]
        rows += [row] if any(row) else []
    columns = [column for column in zip(*rows, strict=True) if any(column)]
    return tuple(zip(*columns, strict=True)) if len(rows) > 1 and len(columns) > 1 else ()


def _shown(texts: Mapping[int, str], numbers: Sequence[int], above: Sequence[int], column: int) -> str:
    """A merged cell's text stands in its first column, and in each of its rows where it is short."""
    number = numbers[column]
    text = texts.get(number, "").rstrip("\n")
    if column and numbers[column - 1] == number:
        return ""
    return "" if number in above and len(text) > _LONGEST_REPEATED else text
