"""HTML: the main text by trafilatura; where that leaves out most of the page, all text by structure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.loaders.base import Block, SourceDocument, markdown_table, one_line, title_from_name, without_text
from ingest.loaders.encoding import decode, read_text
from ingest.loaders.html_hidden import comments, conceal
from ingest.loaders.html_table import table_rows, words
from ingest.loaders.markdown import markdown_blocks
from ingest.loaders.metadata import Metadata, collect

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]{2,30})", re.IGNORECASE)
_DROPPED = "//script|//style|//noscript|//template|//nav|//svg|//iframe|//*[@hidden]"
_BLOCKS = re.compile(
    "p|div|section|article|main|body|blockquote|dt|dd|dl|figure|figcaption|header|footer|aside|ul|ol|address|"
    "details|summary|form|fieldset|center|table|caption|tr|td|th|li"
)

# trafilatura aims at articles; where it keeps less of text or structure, the page is something else.
_LEAST_KEPT = 0.7

# On a short page, in letters, it cannot tell the text from its trimmings, and these do no harm.
_SHORT_PAGE = 1000

# trafilatura fills every cell of a span; no table is that wide or high.
_HUGE_SPAN = re.compile(r"(?:col|row)span\s*=\s*[\"']?\s*\d{3,}", re.IGNORECASE)

# Where an item of an ordered list keeps its number during the walk.
_MARK = "data-mark"

_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


# Names of `meta` elements, in HTML, Dublin Core and Open Graph, and what they are called in a filter.
_META = {
    "author": "author",
    "article:author": "author",
    "dc.creator": "author",
    "dcterms.creator": "author",
    "date": "date",
    "dc.date": "date",
    "dcterms.date": "date",
    "article:published_time": "date",
    "keywords": "keywords",
    "news_keywords": "keywords",
    "article:tag": "keywords",
    "dc.subject": "keywords",
}


def read(path: Path) -> Iterator[SourceDocument]:
    source = _decoded(path)
    tree = parsed(source)
    if hidden := conceal(tree):
        source = _written(tree)
    title, metadata = one_line(tree.findtext(".//title") or ""), _metadata(tree)
    everything = list(_content(tree))
    if not (everything or hidden):
        raise without_text(path)
    blocks = everything if _letters(everything) < _SHORT_PAGE else _main_or_all(source, everything)
    heading = next((block.text for block in blocks if block.kind == "heading"), "")
    yield SourceDocument(title or heading or title_from_name(path), [*blocks, *hidden], metadata=metadata)


def parsed(source: str) -> HtmlElement:
    from lxml import html

    return html.document_fromstring(_XML_DECLARATION.sub("", source))


def structure(source: str) -> Iterator[Block]:
    """All text of a page that is no web page (a mail, a chapter of a book) by its structure."""
    from lxml.etree import ParserError

    try:
        tree = parsed(source)
    except ParserError:  # there is no element and no text
        yield from comments(source)
        return
    hidden = conceal(tree)
    yield from _content(tree)
    yield from hidden


def _written(tree: HtmlElement) -> str:
    from lxml import html

    return str(html.tostring(tree, encoding="unicode"))


def _content(tree: HtmlElement) -> Iterator[Block]:
    for element in tree.xpath(_DROPPED):
        if element.getparent() is not None:
            element.drop_tree()
    for ordered in tree.iter("ol"):
        for number, item in enumerate(ordered.iterchildren("li"), _start(ordered)):
            item.set(_MARK, f"{number}. ")
    yield from _walk(tree)


def _start(ordered: HtmlElement) -> int:
    start = (ordered.get("start") or "1").strip()
    return int(start) if start.isdecimal() and len(start) < 7 else 1


def _metadata(tree: HtmlElement) -> Metadata:
    pairs = []
    for element in tree.iter("meta"):
        name = (element.get("name") or element.get("property") or "").strip().lower()
        content = element.get("content") or ""
        if name in _META:
            label = _META[name]
            pairs.append((label, content.split(",") if label == "keywords" else content))
    return collect(pairs)


def _decoded(path: Path) -> str:
    """The declared encoding wins over a guess, except over a UTF-8 that fits."""
    data = path.read_bytes()
    declared = _CHARSET.search(data[:4096])
    if declared and decode(data[:64]) is not None:
        for encoding in ("utf-8-sig", declared[1].decode("ascii")):
            try:
                return data.decode(encoding)
            except (UnicodeDecodeError, LookupError):
                continue
    return read_text(path)


def _main_or_all(source: str, everything: list[Block]) -> list[Block]:
    main = _main_blocks(_HUGE_SPAN.sub("", source))
    kept = all(measure(main) >= _LEAST_KEPT * measure(everything) for measure in (_letters, _structure))
    return main if kept else everything


def _main_blocks(source: str) -> list[Block]:
    import trafilatura

    text: str | None = trafilatura.extract(
        source, output_format="markdown", include_comments=False, include_tables=True, favor_recall=True
    )
    return list(markdown_blocks(text)) if text else []


def _letters(blocks: list[Block]) -> int:
    return sum(character.isalnum() for block in blocks for character in block.text)


def _structure(blocks: list[Block]) -> int:
    return sum(block.kind in ("heading", "table") for block in blocks)


def _walk(root: HtmlElement) -> Iterator[Block]:
    """Blocks in reading order; the stack instead of recursion withstands any depth of nesting."""
    inline: list[str] = []
    stack: list[Any] = [root]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            inline.append(item)
            continue
        if item is None or not isinstance(item.tag, str):
            block = None
        elif item.tag == "table" and (caption := item.find("caption")) is not None:
            item.remove(caption)
            stack += [item, caption]
            continue
        elif (block := _whole(item)) is None:
            edge = [None] if _BLOCKS.fullmatch(item.tag) else []
            children = [part for child in item for part in (child, child.tail or "")]
            lead = item.get(_MARK, "") if (item.text or "").strip() else ""
            stack.extend(reversed([*edge, lead + (item.text or ""), *children, *edge]))
            continue
        if text := one_line("".join(inline)):
            yield Block(text)
        inline.clear()
        if block and block.text:
            yield block


def _whole(element: HtmlElement) -> Block | None:
    """Elements that are one block with all they hold."""
    tag = element.tag
    if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
        return Block(words(element), "heading", int(tag[1]))
    if tag == "pre":
        return Block(element.text_content().strip("\n"), "code")
    if tag == "li" and not element.xpath(".//ul|.//ol|.//table|.//pre"):
        text = words(element)
        return Block(element.get(_MARK, "- ") + text if text else "", "list")
    if tag == "table" and not element.xpath(".//table"):
        return Block(markdown_table(table_rows(element)), "table")
    return Block("") if tag in ("br", "hr", "head") else None
