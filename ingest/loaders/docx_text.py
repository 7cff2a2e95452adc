"""The words of a paragraph in DOCX, and what hangs on it: notes, boxes, charts, diagrams."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ingest.loaders.docx_hidden import hidden_way
from ingest.loaders.docx_math import latex
from ingest.loaders.office import picture_text

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_ALTERNATIVES = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"

_MARKS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-", f"{_W}ptab": "\t"}
_NOTES = {f"{_W}footnoteReference": "footnote", f"{_W}endnoteReference": "endnote"}
_DRAWINGS = {f"{_C}chart": f"{_RELATION}id", f"{_DIAGRAM}relIds": f"{_RELATION}dm"}

# What was deleted or moved away, how things look, and the reading aid above a word.
_SKIPPED = {f"{_W}{name}" for name in ("del", "moveFrom", "rPr", "pPr", "rt", "instrText")}

# Marks of check boxes in fonts of signs, which stand at private places of Unicode.
_SIGNS = {
    "F0A8": "☐",
    "F06F": "☐",
    "F0FE": "☒",
    "F078": "☒",
    "F0FD": "☒",
    "F052": "☑",
    "F0FC": "✓",
    "F0E0": "→",
}
_PICTURE = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
_MAX_DEPTH = 200


@dataclass(slots=True)
class Content:
    """What a paragraph holds.

    Attributes:
        notes: ("footnote" or "endnote", id) in order.
        boxes: elements with paragraphs of their own.
        drawings: relations to the parts of charts and diagrams.
        pictures: what is said of them for those who cannot see them.
        hidden: what is set so that nobody sees it: how, as `Block.hidden` has it, and the words.
    """

    text: str = ""
    notes: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[Any] = field(default_factory=list)
    drawings: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    hidden: list[tuple[str, str]] = field(default_factory=list)


def content(element: Any) -> Content:
    found = Content()
    parts: list[str] = []
    _collect(element, found, parts, 0)
    found.text = "".join(parts).strip()
    return found


def _collect(parent: Any, found: Content, parts: list[str], depth: int) -> None:
    for node in parent.iterchildren():
        tag = node.tag
        if tag == f"{_W}t":
            parts.append(node.text or "")
        elif tag in _MARKS:
            parts.append(_MARKS[tag])
        elif tag == f"{_W}sym":
            parts.append(_SIGNS.get((node.get(f"{_W}char") or "").upper(), ""))
        elif tag == f"{_M}oMath":
            parts.append(_equation(node, "$"))
        elif tag == f"{_M}oMathPara":
            parts.append(" ".join(_equation(inner, "$$") for inner in node.iterchildren(f"{_M}oMath")))
        elif tag in _NOTES:
            found.notes.append((_NOTES[tag], node.get(f"{_W}id") or ""))
        elif tag == f"{_W}txbxContent":
            found.boxes.append(node)
        elif tag == _PICTURE:
            found.pictures += filter(None, [picture_text(node.get("descr"))])
        elif tag in _DRAWINGS:
            found.drawings.append(node.get(_DRAWINGS[tag]) or "")
        elif tag == f"{_W}r" and (way := hidden_way(node)):
            if words := "".join(text.text or "" for text in node.iter(f"{_W}t")).strip():
                _add_hidden(found, way, words)
        elif tag not in _SKIPPED and not _is_spare(node) and depth < _MAX_DEPTH:
            _collect(node, found, parts, depth + 1)


def _is_spare(node: Any) -> bool:
    """Whether this says once more, for older programs, what was said before."""
    return node.tag == f"{_ALTERNATIVES}Fallback" and node.getprevious() is not None


def _add_hidden(found: Content, way: str, words: str) -> None:
    """Runs that follow one another are one text."""
    if found.hidden and found.hidden[-1][0] == way:
        words = f"{found.hidden.pop()[1]} {words}"
    found.hidden.append((way, words))


def _equation(node: Any, mark: str) -> str:
    formula = latex(node).strip()
    return f"{mark}{formula}{mark}" if formula else ""
