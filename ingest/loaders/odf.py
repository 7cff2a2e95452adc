"""ODT, ODS and ODP: headings, lists, tables, notes, sheets' rows, and slides, from the XML itself."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.errors import DocumentError
from ingest.loaders.base import Block, SourceDocument, markdown_table, one_line, title_from_name, without_text
from ingest.loaders.odf_nodes import (
    APART,
    MAX_COLUMNS,
    SKIPPED,
    attribute,
    inner_text,
    list_items,
    table_rows,
    words,
)
from ingest.loaders.office import check_archive, local_name, metadata, note, parse_xml, slide_blocks
from ingest.loaders.sheet import Merge, sheet_blocks

_PROPERTIES = {
    "creation-date": "created",
    "date": "modified",
    "initial-creator": "creator",
    "keyword": "keywords",
    "title": "title",
}
_MAX_NESTING = 40


def read(path: Path) -> Iterator[SourceDocument]:
    """One document; `page` is the slide's number, or the page where the writer left its breaks."""
    content, values = _parts(path)
    body = (
        next((node for node in content.iter() if local_name(node) == "body"), None)
        if content is not None
        else None
    )
    if body is None or len(body) == 0:
        raise DocumentError(
            f"{path.name} is broken or not an OpenDocument file: open it in LibreOffice and save it anew."
        )
    walk = _Walk(content)
    blocks = list(walk.blocks(body, 0))
    if not blocks:
        raise without_text(path)
    title = values.get("title") or walk.title or walk.first_heading(blocks) or title_from_name(path)
    yield SourceDocument(title, blocks, pages=walk.page if walk.paged else None, metadata=metadata(values))


def _parts(path: Path) -> tuple[Any, dict[str, str]]:
    """The root of the content, and the properties."""
    check_archive(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name in _WANTED}
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise DocumentError(f"{path.name} is encrypted: remove the password, and save it anew.")
    content = parse_xml(parts["content.xml"], mend=False) if "content.xml" in parts else None
    meta = parse_xml(parts["meta.xml"]) if "meta.xml" in parts else None
    values: dict[str, list[str]] = {}
    for node in meta.iter() if meta is not None else ():
        if name := _PROPERTIES.get(local_name(node)):
            values.setdefault(name, []).append(one_line(node.text or ""))
    return content, {name: ", ".join(filter(None, texts)) for name, texts in values.items()}


_WANTED = {"content.xml", "meta.xml", "META-INF/manifest.xml"}


class _Walk:
    """A walk through a document's body that keeps count of pages."""

    def __init__(self, content: Any) -> None:
        self.title = ""
        self.page = 1
        self.paged = any(local_name(node) == "soft-page-break" for node in content.iter())
        self._slides = 0
        self._parents, self._hidden = _styles(content)

    def first_heading(self, blocks: list[Block]) -> str:
        """What a text or a show is called by; a sheet's name says too little."""
        sheets = any(block.line for block in blocks)
        return "" if sheets else next((block.text for block in blocks if block.kind == "heading"), "")

    def blocks(self, parent: Any, depth: int) -> Iterator[Block]:
        for node in parent.iterchildren():
            name = local_name(node)
            if name in ("p", "h"):
                yield from self._paragraph(node, depth)
            elif name == "list":
                yield from self._list(node, depth)
            elif name == "table":
                yield from self._table(node)
            elif name == "page":
                yield from self._slide(node)
            elif name == "soft-page-break":
                self.page += 1
            elif name == "spreadsheet":
                yield from self._sheets(node)
            elif name == "note":
                yield from self._note(node)
            elif name not in SKIPPED and depth < _MAX_NESTING:
                yield from self.blocks(node, depth + 1)

    def _here(self) -> int | None:
        return self.page if self.paged else None

    def _paragraph(self, node: Any, depth: int) -> Iterator[Block]:
        text = words(node).strip()
        style = attribute(node, "style-name")
        level = attribute(node, "outline-level")
        if text and local_name(node) == "h":
            yield Block(one_line(text), "heading", int(level) if level.isdigit() else 1, self._here())
        elif text:
            if not self.title and "Title" in (style, self._parents.get(style)):
                self.title = one_line(text)
            yield Block(text, page=self._here())
        self.page += sum(local_name(child) == "soft-page-break" for child in node.iter())
        yield from self._apart(node, depth)

    def _apart(self, node: Any, depth: int) -> Iterator[Block]:
        """Notes and boxes that hang on a paragraph."""
        for child in node.iterchildren():
            name = local_name(child)
            if name == "note":
                yield from self._note(child)
            elif name in APART and depth < _MAX_NESTING:
                yield from self.blocks(child, depth + 1)
            elif name not in SKIPPED and depth < _MAX_NESTING:
                yield from self._apart(child, depth + 1)

    def _note(self, node: Any) -> Iterator[Block]:
        parts = {local_name(child): child for child in node.iterchildren()}
        mark = words(parts["note-citation"]) if "note-citation" in parts else ""
        if "note-body" in parts and (text := inner_text(parts["note-body"])):
            yield Block(note(mark, text), page=self._here())

    def _list(self, node: Any, depth: int) -> Iterator[Block]:
        """Items as one block; a numbered heading stands in a list of its own and stays a heading."""
        lines: list[str] = []
        page = self._here()
        for item, level in list_items(node, 0):
            if local_name(item) == "h":
                yield from [Block("\n".join(lines), "list", page=page)] if lines else []
                yield from self._paragraph(item, depth)
                lines, page = [], self._here()
                continue
            if text := one_line(words(item)):
                lines.append(f"{'  ' * level}- {text}")
            self.page += sum(local_name(child) == "soft-page-break" for child in item.iter())
        if lines:
            yield Block("\n".join(lines), "list", page=page)
        for item, _ in list_items(node, 0):
            yield from self._apart(item, depth) if local_name(item) == "p" else ()

    def _table(self, node: Any) -> Iterator[Block]:
        rows = list(table_rows(node))
        page = self._here()
        self.page += sum(local_name(child) == "soft-page-break" for child in node.iter())
        if not rows:
            return
        width = min(max(max(cells, default=0) for _, cells, _ in rows), MAX_COLUMNS) + 1
        grid: list[list[str]] = []
        active: list[tuple[Merge, str]] = []
        for number, cells, merges in rows:
            active = [(merge, text) for merge, text in active if merge.bottom >= number]
            active += [(merge, cells.get(merge.left, "")) for merge in merges]
            grid.append([cells.get(column, "") for column in range(width)])
            for merge, text in active:
                last = min(merge.right + 1, width)
                grid[-1][merge.left : last] = [text] * (last - merge.left)
        if table := markdown_table(grid):
            yield Block(table, "table", page=page)

    def _slide(self, node: Any) -> Iterator[Block]:
        self._slides += 1
        self.paged, self.page = True, self._slides
        blocks: list[Block] = []
        notes: list[Block] = []
        for child in node.iterchildren():
            found = list(self.blocks(child, 1))
            if local_name(child) == "notes":
                notes += found
            elif attribute(child, "class") == "title" and found:
                blocks.append(Block(one_line(" ".join(b.text for b in found)), "heading", 1, self.page))
            else:
                blocks += found
        yield from slide_blocks(blocks, {"Notes": notes}, self.page)

    def _sheets(self, node: Any) -> Iterator[Block]:
        for table in node.iterchildren():
            if local_name(table) != "table" or attribute(table, "style-name") in self._hidden:
                continue
            rows = list(table_rows(table))
            merges = [merge for *_, found in rows for merge in found]
            if blocks := list(sheet_blocks(((number, cells) for number, cells, _ in rows), merges)):
                yield Block(one_line(attribute(table, "name")), "heading", 1)
                yield from blocks


def _styles(content: Any) -> tuple[dict[str, str], set[str]]:
    """The parents of styles, and the names of those that hide a sheet."""
    parents: dict[str, str] = {}
    hidden: set[str] = set()
    for style in content.iter():
        if local_name(style) == "style":
            name = attribute(style, "name")
            parents[name] = attribute(style, "parent-style-name")
            if any(attribute(child, "display") == "false" for child in style.iterchildren()):
                hidden.add(name)
    return parents, hidden
