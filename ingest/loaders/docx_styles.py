"""What the styles of a DOCX say of its paragraphs: levels of headings, lists, the title."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from docx.document import Document

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile(r"(?i)^(?:heading|제목|überschrift|titre)\s*([1-9])$")
_LIST = re.compile(r"(?i)^list(?! paragraph)")
_MAX_STEPS = 50

T = TypeVar("T")


class Styles:
    """The styles by id; what they say is inherited, but for the title.

    Attributes:
        names: in English for Word's own styles, whatever its language.
        levels: of headings, from 1.
        lists: (id of the list, depth or None where the list tells).
        titles: styles of the document's title.
        bulleted: styles that are called lists, whatever they say.
    """

    def __init__(self, document: Document) -> None:
        self.names: dict[str, str] = {}
        levels: dict[str, int] = {}
        lists: dict[str, tuple[str, int | None]] = {}
        parents: dict[str, str] = {}
        for style in document.styles.element.iterchildren(f"{_W}style"):
            identifier, name = style.get(f"{_W}styleId") or "", value(style, "name")
            self.names[identifier], parents[identifier] = name, value(style, "basedOn")
            match = _HEADING.match(name)
            if level := int(match[1]) if match else outline_level(style.find(f"{_W}pPr")):
                levels[identifier] = level
            if number := value(style, "pPr/numPr/numId"):
                lists[identifier] = number, whole(value(style, "pPr/numPr/ilvl"))
        self.titles = {style for style, name in self.names.items() if name.lower() in ("title", "제목")}
        self.bulleted = {style for style, name in self.names.items() if _LIST.match(name)}
        self.levels = _inherited(levels, parents, self.titles)
        self.lists = _inherited(lists, parents, set())


def _inherited(values: dict[str, T], parents: dict[str, str], without: set[str]) -> dict[str, T]:
    found = dict(values)
    for identifier in parents:
        ancestor, steps = identifier, 0
        while ancestor and ancestor not in values and steps < _MAX_STEPS:
            ancestor, steps = parents.get(ancestor, ""), steps + 1
        if ancestor in values and identifier not in without:
            found[identifier] = values[ancestor]
    return found


def outline_level(properties: Any) -> int:
    """The level from 1, or 0 for body text, which Word numbers as the tenth level."""
    level = whole(value(properties, "outlineLvl")) if properties is not None else None
    return level + 1 if level is not None and level < 9 else 0


def value(element: Any, path: str) -> str:
    """The `w:val` at a path of Word's tags below an element; "" if it is not there."""
    found = element.find("/".join(f"{_W}{part}" for part in path.split("/")))
    return (found.get(f"{_W}val") or "") if found is not None else ""


def whole(text: str) -> int | None:
    return int(text) if text.isdecimal() else None
