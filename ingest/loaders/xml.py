"""XML of any kind: its titles as headings, records as lines of "name: value", running text as paragraphs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.errors import DocumentError
from ingest.loaders.base import Block, SourceDocument, one_line, title_from_name, without_text
from ingest.loaders.office import local_name, parse_xml

_TITLES = {"title", "heading", "head", "제목"}
_PARAGRAPHS = {"p", "para", "paragraph", "문단"}
_FOR_PROGRAMS = {"id", "idref", "version", "encoding", "ispermalink"}
_MOST_LEVELS = 6
_MAX_DEPTH = 200
_LONGEST_VALUE = 200


def read(path: Path) -> Iterator[SourceDocument]:
    """One document; pages in XHTML are read as web pages.

    Raises:
        DocumentError: it is not valid XML; the line is named.
    """
    from lxml import etree

    try:
        root = parse_xml(path.read_bytes(), mend=False)
    except etree.XMLSyntaxError as error:
        raise DocumentError(
            f"{path.name}, line {error.lineno}: not valid XML ({error.msg}); mend it there."
        ) from None
    if local_name(root) == "html":
        from ingest.loaders import html

        yield from html.read(path)
        return
    blocks = list(_blocks(root, 1))
    if not blocks:
        raise without_text(path)
    title = next((block.text for block in blocks if block.kind == "heading"), "") or title_from_name(path)
    yield SourceDocument(title, blocks)


def _blocks(element: Any, level: int) -> Iterator[Block]:
    """The title of an element, its plain values as lines, and what is below it."""
    children = [child for child in element.iterchildren() if local_name(child)]
    if not children or _is_running(element, children) or level > _MAX_DEPTH:
        yield from _paragraphs(_plain(element))
        return
    values: dict[str, list[str]] = {name: [text] for name, text in _attributes(element)}
    titled = False
    for child in children:
        name, leaf = local_name(child), len(child) == 0
        text = _plain(child) if leaf else ""
        if leaf and name.lower() in _TITLES and not titled and text:
            titled = True
            yield Block(one_line(text), "heading", min(level, _MOST_LEVELS))
        elif leaf and len(text) <= _LONGEST_VALUE and name.lower() not in _PARAGRAPHS:
            values.setdefault(name, []).extend(_values(child, text))
        else:
            yield from _flushed(values)
            yield from _paragraphs(text) if leaf else _blocks(child, level + 1)
    yield from _flushed(values)


def _is_running(element: Any, children: list[Any]) -> bool:
    """Whether words stand between the children, as between marks of emphasis."""
    return bool((element.text or "").strip()) or any((child.tail or "").strip() for child in children)


def _flushed(values: dict[str, list[str]]) -> Iterator[Block]:
    """A line for each name, with all that it has."""
    lines = [f"{name}: {', '.join(texts)}" for name, texts in values.items() if any(texts)]
    values.clear()
    if lines:
        yield Block("\n".join(lines), "list")


def _values(element: Any, text: str) -> Iterator[str]:
    said = [one_line(text), *(f"{key} {value}" for key, value in _attributes(element))]
    if any(said):
        yield ", ".join(filter(None, said))


def _attributes(element: Any) -> Iterator[tuple[str, str]]:
    """Attributes for readers; what is meant for programs has a namespace or is an id."""
    for key, value in element.attrib.items():
        if not key.startswith("{") and key.lower() not in _FOR_PROGRAMS and value.strip():
            yield key, one_line(value)


def _paragraphs(text: str) -> Iterator[Block]:
    for part in text.split("\n\n"):
        if part.strip():
            yield Block(one_line(part))


def _plain(element: Any) -> str:
    """All words of an element; feeds hold web pages as text in it."""
    text = "".join(element.itertext()).strip()
    if "<" not in text or ">" not in text:
        return text
    from lxml import html

    try:
        page = html.fromstring(text)
    except (ValueError, AssertionError):  # text with "<" that is no mark-up
        return text
    for node in page.iter("p", "br", "li", "div", "h1", "h2", "h3", "h4", "tr"):
        node.tail = "\n\n" + (node.tail or "")
    for node in list(page.iter("script", "style")):
        node.drop_tree()
    return str(page.text_content()).strip()
