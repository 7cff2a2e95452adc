"""Charts of office files: their title and the figures that they were drawn from, which the file keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.loaders.base import Block, markdown_table, one_line
from ingest.loaders.cells import shown

_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_MOST_POINTS = 5000


def chart_blocks(root: Any, page: int | None = None) -> Iterator[Block]:
    """The blocks of a chart's XML: the title as text, a table with a column for each series."""
    title = root.find(f"{_C}chart/{_C}title")
    if title is not None and (text := one_line(" ".join(node.text or "" for node in title.iter(f"{_A}t")))):
        yield Block(text, page=page)
    series = list(root.iter(f"{_C}ser"))
    categories: dict[int, str] = {}
    for one in series:
        categories = categories or _points(one, "cat", "xVal")
    values = [_points(one, "val", "yVal") for one in series]
    points = sorted({point for points in (categories, *values) for point in points})[:_MOST_POINTS]
    names = ["", *(" ".join(_points(one, "tx").values()) for one in series)]
    rows = [[categories.get(point, ""), *(column.get(point, "") for column in values)] for point in points]
    if rows and (table := markdown_table([names if any(names) else ["\0"] * len(names), *rows])):
        yield Block(table.replace("\0", ""), "table", page=page)


def _points(series: Any, *names: str) -> dict[int, str]:
    """Index -> text of what is cached for a series below the first of `names` that is there."""
    for name in names:
        if (part := series.find(f"{_C}{name}")) is not None:
            code = part.findtext(f".//{_C}formatCode") or "General"
            return {int(point.get("idx") or 0): _text(point, code) for point in part.iter(f"{_C}pt")}
    return {}


def _text(point: Any, code: str) -> str:
    text = (point.findtext(f"{_C}v") or "").strip()
    if point.getparent().tag != f"{_C}numCache":
        return one_line(text)
    try:
        return shown(float(text), point.get("formatCode") or code)
    except ValueError:
        return text
