"""PPTX by python-pptx: slides as pages below their titles; tables, charts, diagrams, notes and comments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.loaders.base import Block, SourceDocument, markdown_table, one_line, title_from_name, without_text
from ingest.loaders.charts import chart_blocks
from ingest.loaders.office import (
    UNTITLED,
    local_name,
    open_package,
    package_properties,
    parse_xml,
    picture_text,
    slide_blocks,
)
from ingest.loaders.pptx_hidden import take_hidden

if TYPE_CHECKING:
    from pptx.slide import Slide

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_SHAPE = "{http://schemas.openxmlformats.org/presentationml/2006/main}sp"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_TITLES = ("title", "ctrTitle")
_BODIES = ("body", "obj", None)
_FURNITURE = ("sldNum", "dt", "ftr", "hdr")
_MAX_NESTING = 20


def read(path: Path) -> Iterator[SourceDocument]:
    """One document; `page` is the slide's number from 1, and labels tell where a show counts otherwise."""
    import pptx

    with open_package(path) as file:
        presentation = pptx.Presentation(file)
    slides = list(presentation.slides)
    size = (presentation.slide_width or 0, presentation.slide_height or 0)
    hidden = [block for page, slide in enumerate(slides, 1) for block in take_hidden(slide, page, size)]
    blocks = [block for page, slide in enumerate(slides, 1) for block in _slide(slide, page)] + hidden
    if not blocks:
        raise without_text(
            path, "its slides may be pictures; save them as PDF and run text recognition (OCR)"
        )
    first = int(presentation.element.get("firstSlideNum") or 1)
    title, metadata = package_properties(path)
    if title.lower() in UNTITLED:
        title = next((block.text for block in blocks if block.kind == "heading"), "") or title_from_name(path)
    labels = [str(first + index) for index in range(len(slides))] if first != 1 else []
    yield SourceDocument(title, blocks, pages=len(slides), page_labels=labels, metadata=metadata)


def _slide(slide: Slide, page: int) -> Iterator[Block]:
    blocks = list(_shapes(slide.shapes._spTree, slide.part, page, 0))
    extras = {"Notes": list(_notes(slide, page)), "Comments": list(_comments(slide, page))}
    yield from slide_blocks(blocks, extras, page)


def _shapes(tree: Any, part: Any, page: int, depth: int) -> Iterator[Block]:
    """The shapes in the order in which a screen reader takes them; groups and alternatives opened."""
    for shape in tree.iterchildren():
        name = local_name(shape)
        if name == "sp":
            yield from _text_shape(shape, page)
        elif name == "pic":
            described = (node.get("descr") for node in shape.iter() if local_name(node) == "cNvPr")
            yield from (Block(text, page=page) for said in described if (text := picture_text(said)))
        elif name == "graphicFrame":
            yield from _frame(shape, part, page)
        elif name in ("grpSp", "AlternateContent", "Choice") and depth < _MAX_NESTING:
            yield from _shapes(shape, part, page, depth + 1)


def _text_shape(shape: Any, page: int) -> Iterator[Block]:
    holder = next((node for node in shape.iter() if local_name(node) == "ph"), None)
    kind = holder.get("type") if holder is not None else ""
    if kind in _FURNITURE:
        return
    body = next((node for node in shape.iterchildren() if local_name(node) == "txBody"), None)
    paragraphs = (
        [] if body is None else [(node, text) for node in body.iter(f"{_A}p") if (text := _text(node))]
    )
    if kind in _TITLES and paragraphs:
        yield Block(one_line(" ".join(text for _, text in paragraphs)), "heading", 1, page)
        return
    bulleted = holder is not None and kind in _BODIES and len(paragraphs) > 1
    yield from _paragraphs(paragraphs, bulleted, page)


def _paragraphs(paragraphs: list[tuple[Any, str]], bulleted: bool, page: int) -> Iterator[Block]:
    """Items that follow one another as a list, the rest as text."""
    items: list[str] = []
    for node, text in paragraphs:
        if _is_item(node, bulleted):
            items.append(f"{'  ' * _level(node)}- {one_line(text)}")
            continue
        if items:
            yield Block("\n".join(items), "list", page=page)
            items = []
        yield Block(text, page=page)
    if items:
        yield Block("\n".join(items), "list", page=page)


def _is_item(paragraph: Any, bulleted: bool) -> bool:
    marks = {local_name(node) for node in paragraph.findall(f"{_A}pPr/*")}
    return bool(marks & {"buChar", "buAutoNum", "buBlip"}) or (bulleted and "buNone" not in marks)


def _level(paragraph: Any) -> int:
    properties = paragraph.find(f"{_A}pPr")
    value = "" if properties is None else properties.get("lvl") or ""
    return min(int(value), 8) if value.isdigit() else 0


def _text(paragraph: Any) -> str:
    parts = []
    for node in paragraph.iter():
        name = local_name(node)
        parts.append("\n" if name == "br" else (node.text or "") if name == "t" else "")
    return "".join(parts).replace("\v", "\n").strip()


def _frame(frame: Any, part: Any, page: int) -> Iterator[Block]:
    """What a frame holds: a table, a chart, or a diagram whose words stand in a part of their own."""
    for node in frame.iter():
        name = local_name(node)
        if name == "tbl":
            if table := markdown_table(_rows(node)):
                yield Block(table, "table", page=page)
            return
        if name == "chart" and (related := _related(part, node.get(f"{_RELATION}id"))) is not None:
            yield from chart_blocks(related, page)
        elif name == "relIds" and (related := _related(part, node.get(f"{_RELATION}dm"))) is not None:
            words = [
                " ".join(_text(p) for p in point.iter(f"{_A}p")) for point in related.iter(f"{_DIAGRAM}pt")
            ]
            if items := [f"- {one_line(text)}" for text in words if text.strip()]:
                yield Block("\n".join(items), "list", page=page)


def _related(part: Any, relation: str | None) -> Any:
    """The root of the part that a relation leads to; None where it leads nowhere."""
    relationship = part.rels.get(relation) if relation else None
    if relationship is None or relationship.is_external:
        return None
    return parse_xml(relationship.target_part.blob)


def _rows(table: Any) -> list[list[str]]:
    """Texts of cells; merged ones have theirs in each row and column that they cover."""
    rows: list[list[str]] = []
    for row in table.iter(f"{_A}tr"):
        texts: list[str] = []
        for cell in row.iter(f"{_A}tc"):
            above = rows[-1] if rows and cell.get("vMerge") in ("1", "true") else []
            if len(texts) < len(above):
                texts.append(above[len(texts)])
            elif texts and cell.get("hMerge") in ("1", "true"):
                texts.append(texts[-1])
            else:
                texts.append(_cell(cell))
        rows.append(texts)
    return rows


def _cell(cell: Any) -> str:
    return " ".join(filter(None, (_text(paragraph) for paragraph in cell.iter(f"{_A}p"))))


def _notes(slide: Slide, page: int) -> Iterator[Block]:
    if not slide.has_notes_slide:
        return
    for shape in slide.notes_slide.element.iter(_SHAPE):
        if any(local_name(node) == "ph" and node.get("type") == "body" for node in shape.iter()):
            texts = (_text(paragraph) for paragraph in shape.iter(f"{_A}p"))
            yield from (Block(text, page=page) for text in texts if text)


def _comments(slide: Slide, page: int) -> Iterator[Block]:
    """Comments, and replies to them, of PowerPoint before and since 2021."""
    for root in _parts(slide.part, "comments"):
        names = _authors(slide)
        for comment in root.iter("{*}cm", "{*}reply"):
            said = [node.text or "" for node in comment.iterchildren("{*}text")]
            said += [
                _text(paragraph)
                for body in comment.iterchildren("{*}txBody")
                for paragraph in body.iter(f"{_A}p")
            ]
            if text := "\n".join(filter(None, map(str.strip, said))):
                author = names.get(comment.get("authorId") or "", "")
                yield Block(f"{author}: {text}" if author else text, page=page)


def _authors(slide: Slide) -> dict[str, str]:
    show = slide.part.package.presentation_part
    roots = [*_parts(show, "commentAuthors"), *_parts(show, "authors")]
    nodes = (node for root in roots for node in root.iter("{*}cmAuthor", "{*}author"))
    return {node.get("id") or "": one_line(node.get("name") or "") for node in nodes}


def _parts(part: Any, kind: str) -> Iterator[Any]:
    """The roots of the parts that have this kind of relation to a part."""
    for relationship in part.rels.values():
        if relationship.reltype.endswith(f"/{kind}") and not relationship.is_external:
            root = parse_xml(relationship.target_part.blob)
            yield from [root] if root is not None else []
