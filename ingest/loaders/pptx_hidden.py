"""What stands on a slide and nobody sees: hidden shapes, shapes beside the slide, type too small or white."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ingest.loaders.base import Block, one_line
from ingest.loaders.office import local_name
from ingest.suspicion import examine

if TYPE_CHECKING:
    from pptx.slide import Slide

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_FILLED = ("pic", "solidFill", "gradFill", "blipFill", "pattFill")
# In hundredths of a point: nobody reads what is smaller than three points.
_READABLE = 300


def take_hidden(slide: Slide, page: int, size: tuple[int, int]) -> Iterator[Block]:
    """Take out of a slide what is not to be seen on it, and tell what that was.

    Args:
        size: of the slides, in the unit of the format.
    """
    is_plain = _is_plain(slide)
    for shape in [node for node in slide.shapes._spTree.iter() if local_name(node) == "sp"]:
        way = "mark" if _is_marked(shape) else "place" if _is_beside(shape, size) else ""
        if way and shape.getparent() is not None:
            yield from _told(_words(shape), page, way)
            shape.getparent().remove(shape)
            continue
        for paragraph in shape.iter(f"{_A}p"):
            yield from _runs(paragraph, page, is_plain)


def _is_plain(slide: Slide) -> bool:
    """Whether a slide is white all over: no picture, no filled shape, and the background of its theme."""
    layout = slide.slide_layout
    roots = [part._element for part in (slide, layout, layout.slide_master)]
    if any(local_name(node) in _FILLED for root in roots for node in root.iter() if _is_shown(node)):
        return False
    grounds = (node for root in roots for node in root.iter() if local_name(node) == "bg")
    ground = next(grounds, None)
    colours = [] if ground is None else [node.get("val") for node in ground.iter(f"{_A}schemeClr")]
    return ground is None or colours in (["bg1"], ["lt1"])


def _is_shown(node: Any) -> bool:
    """Whether a fill is that of a shape, and not of letters or of a line around it."""
    above = node.getparent()
    return local_name(node) == "pic" or (above is not None and local_name(above) in ("spPr", "bgPr", "tcPr"))


def _runs(paragraph: Any, page: int, is_plain: bool) -> Iterator[Block]:
    """White may stand on what is dark, which only drawing would tell: then it must be suspicious, too."""
    small = [run for run in paragraph.findall(f"{_A}r") if _is_small(run)]
    white = [run for run in paragraph.findall(f"{_A}r") if run not in small and _is_white(run)]
    for runs, way in ((small, "size"), (white, "colour")):
        text = one_line("".join(_words(run) for run in runs))
        if text and (way == "size" or is_plain or any(examine([text]))):
            yield from _told(text, page, way)
            for run in runs:
                paragraph.remove(run)


def _told(text: str, page: int, way: str) -> Iterator[Block]:
    if text := one_line(text):
        yield Block(text, page=page, hidden=way)


def _words(element: Any) -> str:
    return " ".join(node.text or "" for node in element.iter(f"{_A}t"))


def _is_marked(shape: Any) -> bool:
    return any(local_name(node) == "cNvPr" and node.get("hidden") in ("1", "true") for node in shape.iter())


def _is_beside(shape: Any, size: tuple[int, int]) -> bool:
    """Whether all of a shape lies outside; one in a group has the group's own measure."""
    if local_name(shape.getparent()) == "grpSp":
        return False
    frame = next((node for node in shape.iter() if local_name(node) == "xfrm"), None)
    offset, extent = (None, None) if frame is None else (frame.find(f"{_A}off"), frame.find(f"{_A}ext"))
    if offset is None or extent is None or not all(size):
        return False
    x, y = int(offset.get("x") or 0), int(offset.get("y") or 0)
    return (
        x >= size[0]
        or y >= size[1]
        or x + int(extent.get("cx") or 0) <= 0
        or y + int(extent.get("cy") or 0) <= 0
    )


def _is_small(run: Any) -> bool:
    properties = run.find(f"{_A}rPr")
    size = "" if properties is None else properties.get("sz") or ""
    return size.isdigit() and int(size) < _READABLE


def _is_white(run: Any) -> bool:
    colour = run.find(f"{_A}rPr/{_A}solidFill/{_A}srgbClr")
    clear = run.find(f"{_A}rPr/{_A}solidFill//{_A}alpha")
    return (colour is not None and (colour.get("val") or "").upper() == "FFFFFF") or (
        clear is not None and clear.get("val") == "0"
    )
