"""Runs of a DOCX that nobody sees: set as hidden, smaller than can be read, white on white."""

from __future__ import annotations

import re
from typing import Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_OFF = ("0", "false", "off", "none")
# In half points: nobody reads what is smaller than three points.
_READABLE = 6
_WHITE = re.compile(r"[fF][a-fA-F9]{5}|[fF]{6}")
_PLAIN_TABLES = (None, "TableGrid", "TableNormal", "a1", "a3")
_BOX = f"{_W}txbxContent"


def hidden_way(run: Any) -> str:
    """How a run is hidden, as `Block.hidden` has it; "" if it is not."""
    properties = run.find(f"{_W}rPr")
    if properties is None:
        return ""
    vanish = properties.find(f"{_W}vanish")
    if vanish is not None and vanish.get(f"{_W}val") not in _OFF:
        return "mark"
    size = _value(properties, "sz")
    if size.isdigit() and int(size) < _READABLE:
        return "size"
    colour = properties.find(f"{_W}color")
    if not _WHITE.fullmatch(_value(properties, "color")) or colour.get(f"{_W}themeColor"):
        return ""
    return _on(run, properties)


def _on(run: Any, properties: Any) -> str:
    """White is hidden where nothing around it is shaded; where that cannot be told, perhaps."""
    if _shaded(properties) or _value(properties, "highlight") not in ("", "none", "white"):
        return ""
    node = run.getparent()
    while node is not None:
        if any(_shaded(node.find(f"{_W}{name}")) for name in ("pPr", "tcPr", "tblPr")):
            return ""
        style = node.find(f"{_W}tblPr/{_W}tblStyle")
        if node.tag == _BOX or (style is not None and style.get(f"{_W}val") not in _PLAIN_TABLES):
            return "colour?"
        if node.tag == f"{_W}document" and node.find(f"{_W}background") is not None:
            return "colour?"
        styled = node.find(f"{_W}pPr/{_W}pStyle")
        if styled is not None and styled.get(f"{_W}val") not in ("Normal", "BodyText", "ListParagraph", "a"):
            return "colour?"
        node = node.getparent()
    return "colour"


def _shaded(properties: Any) -> bool:
    shading = None if properties is None else properties.find(f"{_W}shd")
    fill = "" if shading is None else shading.get(f"{_W}fill") or ""
    pattern = "" if shading is None else shading.get(f"{_W}val") or ""
    coloured = fill not in ("", "auto") and not _WHITE.fullmatch(fill)
    return coloured or pattern == "solid" or pattern.startswith("pct")


def _value(properties: Any, name: str) -> str:
    node = properties.find(f"{_W}{name}")
    return "" if node is None else node.get(f"{_W}val") or ""
