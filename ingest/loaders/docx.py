"""DOCX by python-docx: headings, lists, tables as Markdown; page numbers where Word left its page breaks."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import DocumentError
from ingest.loaders.base import Block, SourceDocument, markdown_table, one_line, title_from_name, without_text

if TYPE_CHECKING:
    from docx.document import Document

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile(r"(?i)^(?:heading|제목|überschrift|titre)\s*([1-9])$")
_OLE = b"\xd0\xcf\x11\xe0"

# A few KB of a hostile archive can unpack to more than any memory.
_MAX_UNPACKED_BYTES = 512 * 1024**2
_MAX_NESTING = 50


def read(path: Path) -> Iterator[SourceDocument]:
    import docx

    _check_archive(path)
    document = docx.Document(str(path))
    body = _Body(document)
    blocks = list(body.blocks(document.element.body, 0))
    if not blocks:
        raise without_text(path)
    heading = next((block.text for block in blocks if block.kind == "heading"), "")
    title = one_line(document.core_properties.title or "") or body.title or heading or title_from_name(path)
    yield SourceDocument(title, blocks, pages=body.page if body.paged else None)


def _check_archive(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(4)
    if start == _OLE:
        raise DocumentError(
            f"{path.name} is encrypted, or an old .doc: remove the password, and save it as .docx."
        )
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile:
        raise DocumentError(
            f"{path.name} is broken or not a DOCX file: open it in Word and save it anew."
        ) from None
    if unpacked > _MAX_UNPACKED_BYTES:
        raise DocumentError(
            f"{path.name} unpacks to {unpacked >> 20:,} MB, more than the {_MAX_UNPACKED_BYTES >> 20} MB "
            "that are read: split it into smaller files."
        )


class _Body:
    """A walk through a document's body that keeps count of pages and knows each style's level."""

    def __init__(self, document: Document) -> None:
        self.title = ""
        self.page = 1
        self.paged = next(document.element.body.iter(f"{_W}lastRenderedPageBreak"), None) is not None
        self._levels, self._titles, self._lists = _styles(document)

    def blocks(self, parent: Any, depth: int) -> Iterator[Block]:
        for child in parent.iterchildren():
            if child.tag == f"{_W}p":
                yield from self._paragraph(child)
            elif child.tag == f"{_W}tbl":
                yield from self._table(child, depth)
            elif child.tag == f"{_W}sdt" and depth < _MAX_NESTING:
                for content in child.iterchildren(f"{_W}sdtContent"):
                    yield from self.blocks(content, depth + 1)

    def _paragraph(self, element: Any) -> Iterator[Block]:
        breaks = sum(1 for _ in element.iter(f"{_W}lastRenderedPageBreak"))
        begins = breaks and _breaks_first(element)
        self.page += 1 if begins else 0
        text = _text(element).strip()
        if text:
            yield self._block(element, text, self.page if self.paged else None)
        self.page += breaks - (1 if begins else 0)

    def _block(self, element: Any, text: str, page: int | None) -> Block:
        style = _value(element, "pPr/pStyle")
        if style in self._titles and not self.title:
            self.title = one_line(text)
        level = _outline_level(element.find(f"{_W}pPr")) or self._levels.get(style, 0)
        if level:
            return Block(one_line(text), "heading", level, page)
        if element.find(f"{_W}pPr/{_W}numPr") is not None or style in self._lists:
            return Block(f"- {text}", "list", page=page)
        return Block(text, page=page)

    def _table(self, element: Any, depth: int) -> Iterator[Block]:
        page = self.page if self.paged else None
        rows = [
            [_cell(cell) for cell in _cells(row, depth)]
            for row in element.iter(f"{_W}tr")
            if _owner(row) is element
        ]
        self.page += sum(1 for _ in element.iter(f"{_W}lastRenderedPageBreak"))
        if len(rows) == 1 and len(rows[0]) == 1:
            yield from (Block(line, page=page) for line in rows[0] if line.strip())
        elif table := markdown_table(rows):
            yield Block(table, "table", page=page)


def _styles(document: Document) -> tuple[dict[str, int], set[str], set[str]]:
    """Style id -> level of a heading; ids of the title's style; ids of list styles. A level is inherited."""
    levels: dict[str, int] = {}
    titles: set[str] = set()
    lists: set[str] = set()
    parents: dict[str, str] = {}
    for style in document.styles.element.iterchildren(f"{_W}style"):
        identifier, name = style.get(f"{_W}styleId") or "", _value(style, "name")
        parents[identifier] = _value(style, "basedOn")
        match = _HEADING.match(name)
        if level := int(match[1]) if match else _outline_level(style.find(f"{_W}pPr")):
            levels[identifier] = level
        if name.lower() in ("title", "제목"):
            titles.add(identifier)
        if name.lower().startswith("list"):
            lists.add(identifier)
    for identifier in parents:
        ancestor, steps = identifier, 0
        while ancestor and ancestor not in levels and steps < _MAX_NESTING:
            ancestor, steps = parents.get(ancestor, ""), steps + 1
        if ancestor in levels and identifier not in titles:
            levels[identifier] = levels[ancestor]
    return levels, titles, lists


def _outline_level(properties: Any) -> int:
    """The level from 1, or 0 for body text, which Word numbers as the tenth level."""
    value = _value(properties, "outlineLvl") if properties is not None else ""
    return int(value) + 1 if value.isdigit() and int(value) < 9 else 0


def _value(element: Any, path: str) -> str:
    found = element.find("/".join(f"{_W}{part}" for part in path.split("/")))
    return (found.get(f"{_W}val") or "") if found is not None else ""


def _text(element: Any) -> str:
    """The text with tabs and line breaks, without what is deleted or stands in a text box's fallback."""
    parts: list[str] = []
    for node in element.iter(f"{_W}t", f"{_W}tab", f"{_W}br", f"{_W}cr", f"{_W}noBreakHyphen"):
        if node.tag == f"{_W}t":
            parts.append(node.text or "")
        elif node.tag == f"{_W}noBreakHyphen":
            parts.append("-")
        elif node.getparent().tag == f"{_W}r":
            parts.append("\t" if node.tag == f"{_W}tab" else "\n")
    return "".join(parts)


def _breaks_first(element: Any) -> bool:
    """Whether the page break stands before the paragraph's first word."""
    first = next(element.iter(f"{_W}t", f"{_W}lastRenderedPageBreak"), None)
    return first is not None and first.tag == f"{_W}lastRenderedPageBreak"


def _owner(row: Any) -> Any:
    """The table of a row; rows may be wrapped in content controls."""
    parent = row.getparent()
    while parent is not None and parent.tag != f"{_W}tbl":
        parent = parent.getparent()
    return parent


def _cells(row: Any, depth: int) -> Iterator[Any]:
    for child in row.iterchildren(f"{_W}tc", f"{_W}sdt"):
        if child.tag == f"{_W}tc":
            yield child
        elif depth < _MAX_NESTING:
            for content in child.iterchildren(f"{_W}sdtContent"):
                yield from _cells(content, depth + 1)


def _cell(cell: Any) -> str:
    return " ".join(filter(None, (_text(paragraph).strip() for paragraph in cell.iter(f"{_W}p"))))
