"""Ruled tables of a PDF page: the lines are PDFium's, the cells between them pdfplumber's.

pdfplumber alone reads every character of a page in Python, tenths of a second each; its geometry on the lines
that PDFium has at hand takes milliseconds and finds the same cells.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from ctypes import byref, c_float, c_int
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Point = tuple[float, float]
"""x from the left and y from the top of the page as it is shown; only differences matter."""

Box = tuple[float, float, float, float]
"""x0, top, x1, bottom."""

Edge = dict[str, Any]

# What a page may hold before it is taken for a drawing, not a page with tables.
_MOST_PATHS = 5_000
_MOST_SEGMENTS = 40_000
_MOST_CROSSINGS = 60_000
_MOST_CELLS = 4_000
_DEEPEST_FORM = 4

_TOLERANCE = 3.0
_SHORTEST = 1.0


@dataclass(frozen=True, slots=True)
class Grid:
    """A table's cells by the lines between them.

    Attributes:
        xs, ys: the vertical and horizontal lines, one more than columns and rows.
        cells: for each row the number of the cell in each column; -1 for none. A merged cell has its number
            in all places.
    """

    xs: Sequence[float]
    ys: Sequence[float]
    cells: Sequence[Sequence[int]]

    @property
    def box(self) -> Box:
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]

    def cell_at(self, point: Point) -> int:
        """The number of the cell around a point; -1 where there is none."""
        column, row = bisect_right(self.xs, point[0]) - 1, bisect_right(self.ys, point[1]) - 1
        inside = 0 <= column < len(self.xs) - 1 and 0 <= row < len(self.ys) - 1
        return self.cells[row][column] if inside else -1


def turned(rotation: int) -> Callable[[float, float], Point]:
    """From a page's own coordinates to those of the page as it is shown, turned by `rotation` degrees."""
    return {
        0: lambda x, y: (x, -y),
        90: lambda x, y: (y, x),
        180: lambda x, y: (-x, y),
        270: lambda x, y: (-y, -x),
    }[rotation % 360]


def grids(page: Any) -> list[Grid]:
    """The ruled tables of a page of pypdfium2 with at least two rows and columns, from the top."""
    edges = list(_edges(page, turned(page.get_rotation())))
    if min(sum(edge["orientation"] == way for edge in edges) for way in "hv") == 0 or len(edges) < 4:
        return []
    return [grid for cells in _tables(edges) if len((grid := _grid(cells)).xs) > 2 and len(grid.ys) > 2]


def _tables(edges: Sequence[Edge]) -> list[list[Box]]:
    from pdfplumber import table

    merged = table.merge_edges(list(edges), _TOLERANCE, _TOLERANCE, _TOLERANCE, _TOLERANCE)
    merged = [edge for edge in merged if edge["width"] + edge["height"] >= _TOLERANCE]
    lying = [edge for edge in merged if edge["orientation"] == "h"]
    standing = [edge for edge in merged if edge["orientation"] == "v"]
    if not 0 < len(lying) * len(standing) <= _MOST_CROSSINGS:
        return []
    sides = list(_open_sides(lying, standing))
    if sides:
        merged = table.merge_edges([*merged, *sides], _TOLERANCE, _TOLERANCE, _TOLERANCE, _TOLERANCE)
    crossings = table.edges_to_intersections(merged, _TOLERANCE, _TOLERANCE)
    if len(crossings) > _MOST_CELLS:
        return []
    found: list[list[Box]] = table.cells_to_tables(table.intersections_to_cells(crossings))
    return found


def _open_sides(lying: Sequence[Edge], standing: Sequence[Edge]) -> Iterator[Edge]:
    """What closes tables that are ruled between their columns but not at their sides."""
    for line in standing:
        touched = [
            edge
            for edge in lying
            if line["top"] - _TOLERANCE <= edge["top"] <= line["bottom"] + _TOLERANCE
            and edge["x0"] + _TOLERANCE < line["x0"] < edge["x1"] - _TOLERANCE
        ]
        for above, below in pairwise(sorted(touched, key=lambda edge: float(edge["top"]))):
            for side in ("x0", "x1"):
                if abs(above[side] - below[side]) <= _TOLERANCE:
                    yield _edge((above[side], above["top"]), (above[side], below["top"]))


def _grid(boxes: Sequence[Box]) -> Grid:
    xs = sorted({x for box in boxes for x in (box[0], box[2])})
    ys = sorted({y for box in boxes for y in (box[1], box[3])})
    cells = [[-1] * (len(xs) - 1) for _ in ys[1:]]
    for number, (x0, top, x1, bottom) in enumerate(sorted(boxes, key=lambda box: (box[1], box[0]))):
        for row in range(ys.index(top), ys.index(bottom)):
            for column in range(xs.index(x0), xs.index(x1)):
                cells[row][column] = number
    return Grid(xs, ys, cells)


# -- lines -------------------------------------------------------------------------------------------


def _edges(page: Any, place: Callable[[float, float], Point]) -> Iterator[Edge]:
    """Upright and level lines that are drawn on the page; none where there are too many for a table."""
    import pypdfium2.raw as pdfium

    paths = list(_paths(page.raw, pdfium.FPDFPage_CountObjects, pdfium.FPDFPage_GetObject, ()))
    if len(paths) > _MOST_PATHS:
        return
    left = _MOST_SEGMENTS
    for path, matrices in paths:
        count = pdfium.FPDFPath_CountSegments(path)
        left -= count
        if left < 0:
            return
        corners = [(place(*_through(matrices, x, y)), drawn) for x, y, drawn in _corners(path, count)]
        for (one, _), (other, drawn) in pairwise(corners):
            if drawn and (edge := _straight(one, other)):
                yield edge


def _paths(
    holder: Any, count: Callable[[Any], int], get: Callable[[Any, int], Any], forms: tuple[Any, ...]
) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Paths that leave a mark, each with the matrices from it outwards; forms are entered."""
    import pypdfium2.raw as pdfium

    seen = 0
    for index in range(count(holder)):
        part = get(holder, index)
        kind = pdfium.FPDFPageObj_GetType(part)
        if kind == pdfium.FPDF_PAGEOBJ_PATH and _leaves_a_mark(part):
            yield part, (_matrix(part), *forms)
            seen += 1
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and len(forms) < _DEEPEST_FORM:
            inner = (_matrix(part), *forms)
            yield from _paths(part, pdfium.FPDFFormObj_CountObjects, pdfium.FPDFFormObj_GetObject, inner)
        if seen > _MOST_PATHS:
            return


def _leaves_a_mark(path: Any) -> bool:
    import pypdfium2.raw as pdfium

    fill, stroke = c_int(), c_int()
    pdfium.FPDFPath_GetDrawMode(path, byref(fill), byref(stroke))
    return bool(fill.value or stroke.value)


def _matrix(part: Any) -> tuple[float, ...]:
    import pypdfium2.raw as pdfium

    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(part, byref(matrix))
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _through(matrices: Sequence[tuple[float, ...]], x: float, y: float) -> Point:
    for a, b, c, d, e, f in matrices:
        x, y = a * x + c * y + e, b * x + d * y + f
    return x, y


def _corners(path: Any, count: int) -> Iterator[tuple[float, float, bool]]:
    """Corners of a path; the last of three says whether a straight line leads there."""
    import pypdfium2.raw as pdfium

    x, y = c_float(), c_float()
    start: tuple[float, float] = (0.0, 0.0)
    for index in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(path, index)
        pdfium.FPDFPathSegment_GetPoint(segment, byref(x), byref(y))
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            start = (x.value, y.value)
        yield x.value, y.value, kind == pdfium.FPDF_SEGMENT_LINETO
        if pdfium.FPDFPathSegment_GetClose(segment):
            yield *start, True


def _straight(one: Point, other: Point) -> Edge | None:
    """The line between two points if it is upright or level."""
    width, height = abs(one[0] - other[0]), abs(one[1] - other[1])
    return _edge(one, other) if min(width, height) < 0.5 and max(width, height) >= _SHORTEST else None


def _edge(one: Point, other: Point) -> Edge:
    (x0, x1), (top, bottom) = sorted((one[0], other[0])), sorted((one[1], other[1]))
    lies = x1 - x0 > bottom - top
    if lies:
        bottom = top
    else:
        x1 = x0
    return {
        "orientation": "h" if lies else "v",
        "x0": x0,
        "x1": x1,
        "top": top,
        "bottom": bottom,
        "width": x1 - x0,
        "height": bottom - top,
    }
