"""DOCX by python-docx: headings, numbered lists, tables, notes, boxes, charts; pages as Word broke them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.loaders.base import Block, SourceDocument, markdown_table, one_line, title_from_name, without_text
from ingest.loaders.charts import chart_blocks
from ingest.loaders.docx_numbering import Numbering
from ingest.loaders.docx_styles import Styles, outline_level, value, whole
from ingest.loaders.docx_text import Content, content
from ingest.loaders.office import note, open_package, package_properties, parse_xml

if TYPE_CHECKING:
    from docx.document import Document

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_WRAPPERS = {f"{_W}{name}" for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag")}
_CONTENTS = re.compile(r"(?i)^(?:toc|목차)\s*\d$|^table of figures$")
_MAX_NESTING = 50
_MAX_SPAN = 500
_DEEPEST = 8
_NO_LIST = "0"


def read(path: Path) -> Iterator[SourceDocument]:
    """One document; `page` is where Word last broke the pages, if it said so."""
    import docx

    with open_package(path) as file:
        document = docx.Document(file)
    body = _Body(document)
    blocks = [*body.blocks(document.element.body, 0), *_comments(document)]
    if not blocks:
        raise without_text(path)
    heading = next((block.text for block in blocks if block.kind == "heading"), "")
    title, metadata = package_properties(path)
    title = title or body.title or heading or title_from_name(path)
    yield SourceDocument(title, blocks, pages=body.page if body.paged else None, metadata=metadata)


class _Body:
    """A walk through a document's body that keeps count of pages and lists and knows each style's level."""

    def __init__(self, document: Document) -> None:
        self.title = ""
        self.page = 1
        self.paged = next(document.element.body.iter(f"{_W}lastRenderedPageBreak"), None) is not None
        self._styles = Styles(document)
        self._numbering = Numbering(_related(document, "numbering"))
        self._notes = {kind: _notes(document, kind) for kind in ("footnote", "endnote")}
        self._noted = 0
        self._part = document.part

    def blocks(self, parent: Any, depth: int) -> Iterator[Block]:
        for child in parent.iterchildren():
            if child.tag == f"{_W}p":
                yield from self._paragraph(child, depth)
            elif child.tag == f"{_W}tbl":
                yield from self._table(child, depth)
            elif child.tag in _WRAPPERS and depth < _MAX_NESTING:
                yield from self.blocks(child, depth + 1)

    def _here(self) -> int | None:
        return self.page if self.paged else None

    def _paragraph(self, element: Any, depth: int) -> Iterator[Block]:
        breaks = sum(1 for _ in element.iter(f"{_W}lastRenderedPageBreak"))
        begins = bool(breaks) and _breaks_first(element)
        self.page += begins
        found = content(element)
        if found.text and not _CONTENTS.match(self._styles.names.get(_style(element), "")):
            yield self._block(element, found.text)
        yield from self._apart(found, depth)
        self.page += breaks - begins

    def _block(self, element: Any, text: str) -> Block:
        style = _style(element)
        if style in self._styles.titles and not self.title:
            self.title = one_line(text)
        label, depth = self._label(element, style)
        level = outline_level(element.find(f"{_W}pPr")) or self._styles.levels.get(style, 0)
        if level:
            bare = label in (None, "", "-") or text.startswith(str(label))
            return Block(one_line(text if bare else f"{label} {text}"), "heading", level, self._here())
        if label is not None:
            return Block(f"{'  ' * depth}{label or '-'} {text}", "list", page=self._here())
        return Block(text, page=self._here())

    def _label(self, element: Any, style: str) -> tuple[str | None, int]:
        """The number or dash before a paragraph, and its depth; None where it is in no list."""
        styled, styled_depth = self._styles.lists.get(style, ("", None))
        number = value(element, "pPr/numPr/numId") or styled
        if number == _NO_LIST or not (number or style in self._styles.bulleted):
            return None, 0
        depth = whole(value(element, "pPr/numPr/ilvl"))
        depth = styled_depth if depth is None else depth
        depth = self._numbering.depth(number, style) if depth is None else depth
        label = self._numbering.label(number, depth)
        return "-" if label is None else label, min(depth, _DEEPEST)

    def _apart(self, found: Content, depth: int) -> Iterator[Block]:
        """What hangs on a paragraph or stands over it: notes, boxes, charts, diagrams."""
        for kind, identifier in found.notes:
            if text := self._notes[kind].get(identifier):
                self._noted += 1
                yield Block(note(str(self._noted), text), page=self._here())
        yield from (Block(text, page=self._here()) for text in found.pictures)
        yield from (Block(text, page=self._here(), hidden=way) for way, text in found.hidden)
        for box in found.boxes if depth < _MAX_NESTING else ():
            yield from self.blocks(box, depth + 1)
        for relation in found.drawings:
            yield from _drawing(self._part.rels.get(relation), self._here())

    def _table(self, element: Any, depth: int) -> Iterator[Block]:
        page = self._here()
        rows = [(row, list(_cells(row, 0))) for row in element.iter(f"{_W}tr") if _owner(row) is element]
        cells = [cell for _, inside in rows for cell in inside]
        if len(cells) == 1 and depth < _MAX_NESTING:
            yield from self.blocks(cells[0], depth + 1)  # a frame around text
            return
        found = [(cell, _cell_content(cell, element)) for cell in cells]
        texts = iter(part.text for _, part in found)
        if table := markdown_table(
            _grid([(row, [(c, next(texts)) for c in inside]) for row, inside in rows])
        ):
            yield Block(table, "table", page=page)
        for cell, part in found:
            yield from self._apart(part, depth)
            for inner in _inner_tables(cell, element) if depth < _MAX_NESTING else ():
                yield from self._table(inner, depth + 1)
        breaks = sum(1 for _ in element.iter(f"{_W}lastRenderedPageBreak"))
        self.page = max(self.page, page + breaks) if page else self.page


def _drawing(relationship: Any, page: int | None) -> Iterator[Block]:
    """The figures of a chart, or the words of a diagram."""
    if relationship is None or relationship.is_external:
        return
    root = parse_xml(relationship.target_part.blob)
    if root is None:
        return
    yield from chart_blocks(root, page)
    points = (one_line("".join(text.text or "" for text in p.iter(f"{_A}t"))) for p in root.iter(f"{_A}p"))
    if items := [f"- {text}" for text in points if text]:
        yield Block("\n".join(items), "list", page=page)


# -- parts beside the body ---------------------------------------------------------------------------


def _related(document: Document, kind: str) -> Any:
    """The root of the part that has this kind of relation to the document, or None."""
    for relationship in document.part.rels.values():
        if relationship.reltype.endswith(f"/{kind}") and not relationship.is_external:
            return parse_xml(relationship.target_part.blob)
    return None


def _notes(document: Document, kind: str) -> dict[str, str]:
    """Id -> text of the footnotes or endnotes."""
    root = _related(document, f"{kind}s")
    elements = () if root is None else root.iterchildren(f"{_W}{kind}")
    return {element.get(f"{_W}id") or "": _joined(element.iter(f"{_W}p")) for element in elements}


def _comments(document: Document) -> Iterator[Block]:
    root = _related(document, "comments")
    elements = () if root is None else root.iterchildren(f"{_W}comment")
    said = [(node.get(f"{_W}author") or "", _joined(node.iter(f"{_W}p"))) for node in elements]
    if blocks := [Block(f"{author}: {text}".removeprefix(": ")) for author, text in said if text]:
        yield Block("Comments", "heading", 1)
        yield from blocks


def _joined(paragraphs: Iterable[Any]) -> str:
    return one_line(" ".join(content(paragraph).text for paragraph in paragraphs))


# -- paragraphs and tables ---------------------------------------------------------------------------


def _style(element: Any) -> str:
    return value(element, "pPr/pStyle")


def _breaks_first(element: Any) -> bool:
    """Whether the page break stands before the paragraph's first word."""
    first = next(element.iter(f"{_W}t", f"{_W}lastRenderedPageBreak"), None)
    return first is not None and first.tag == f"{_W}lastRenderedPageBreak"


def _owner(node: Any) -> Any:
    """The table of a row or a paragraph, which may be wrapped in content controls; None for none."""
    parent = node.getparent()
    while parent is not None and parent.tag != f"{_W}tbl":
        parent = parent.getparent()
    return parent


def _cells(row: Any, depth: int) -> Iterator[Any]:
    for child in row.iterchildren():
        if child.tag == f"{_W}tc":
            yield child
        elif child.tag in _WRAPPERS and depth < _MAX_NESTING:
            yield from _cells(child, depth + 1)


def _cell_content(cell: Any, table: Any) -> Content:
    """The paragraphs of a cell as one; tables inside of it stand for themselves."""
    whole_cell = Content()
    for paragraph in cell.iter(f"{_W}p"):
        if _owner(paragraph) is table and not _in_box(paragraph, cell):
            part = content(paragraph)
            whole_cell.text = f"{whole_cell.text} {part.text}".strip()
            whole_cell.notes += part.notes
            whole_cell.boxes += part.boxes
            whole_cell.drawings += part.drawings
            whole_cell.pictures += part.pictures
            whole_cell.hidden += part.hidden
    return whole_cell


def _in_box(paragraph: Any, cell: Any) -> bool:
    parent = paragraph.getparent()
    while parent is not cell and parent is not None:
        if parent.tag == f"{_W}txbxContent":
            return True
        parent = parent.getparent()
    return False


def _inner_tables(cell: Any, table: Any) -> list[Any]:
    return [inner for inner in cell.iter(f"{_W}tbl") if _owner(inner) is table and not _in_box(inner, cell)]


def _grid(rows: Sequence[tuple[Any, Sequence[tuple[Any, str]]]]) -> list[list[str]]:
    """Texts of (row, its cells with their texts); merged ones in each row and column that they cover."""
    grid: list[list[str]] = []
    for row, cells in rows:
        texts = [""] * min(whole(value(row, "trPr/gridBefore")) or 0, _MAX_SPAN)
        for cell, text in cells:
            merge = cell.find(f"{_W}tcPr/{_W}vMerge")
            if merge is not None and merge.get(f"{_W}val") != "restart" and grid:
                text = text or next(iter(grid[-1][len(texts) : len(texts) + 1]), "")
            span = whole(value(cell, "tcPr/gridSpan")) or 1
            texts += [text] * min(max(span, 1), _MAX_SPAN)
        grid.append(texts)
    return grid
