"""HWPX (OWPML, KS X 6101) by its own structure: paragraphs, tables, notes and the text of shapes."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.errors import DocumentError
from ingest.loaders.base import Block, markdown_table, one_line
from ingest.loaders.hwp5 import PROTECTED
from ingest.loaders.metadata import Metadata, collect
from ingest.suspicion import examine

# A few KB of a hostile archive can unpack to more than any memory.
_MAX_UNPACKED_BYTES = 512 * 1024**2
_MAX_NESTING = 40

# Numbered outlines serve for headings and for whole paragraphs alike; a heading is short.
_LONGEST_HEADING = 100

# In hundredths of a point: nobody reads what is smaller than three points.
_READABLE = 300

_SECTION = re.compile(r"Contents/section(\d+)\.xml", re.IGNORECASE)
_TEXT = re.compile(rb"<hp:t(?:\s[^>]*)?>(.*?)</hp:t>", re.DOTALL)
_TAG = re.compile(rb"<[^>]*>")
_NOT_TEXT = {"secPr", "shapeComment", "fieldBegin", "parameters", "linesegarray", "header", "footer"}
_BREAKS = {"lineBreak": "\n", "tab": "\t", "nbSpace": " ", "fwSpace": " ", "hyphen": "-"}


def opened(path: Path) -> zipfile.ZipFile:
    """The package, checked.

    Raises:
        DocumentError: it is broken, encrypted, or unpacks to more than can be read.
    """
    try:
        package = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise DocumentError(f"{path.name} is broken: open it in Hancom Office and save it anew.") from None
    unpacked = sum(entry.file_size for entry in package.infolist())
    names = package.namelist()
    if unpacked > _MAX_UNPACKED_BYTES:
        problem = f"unpacks to {unpacked >> 20:,} MB; {_MAX_UNPACKED_BYTES >> 20} MB are read: split it"
    elif not any(map(_SECTION.fullmatch, names)):
        problem = "is no HWPX document: give it the suffix of its real format"
    elif "META-INF/manifest.xml" in names and b"encryption-data" in package.read("META-INF/manifest.xml"):
        problem = PROTECTED
    else:
        return package
    package.close()
    raise DocumentError(f"{path.name} {problem}.")


def letters(package: zipfile.ZipFile) -> int:
    """How many letters and digits the text of the sections has, running heads included."""
    count = 0
    for name in _sections(package):
        for match in _TEXT.finditer(package.read(name)):
            count += sum(map(str.isalnum, _TAG.sub(b"", match[1]).decode("utf-8", "replace")))
    return count


def properties(package: zipfile.ZipFile) -> tuple[str, Metadata]:
    """Title and metadata of the package file."""
    if "Contents/content.hpf" not in package.namelist():
        return "", {}
    root = _parsed(package.read("Contents/content.hpf"))
    title, found = "", {}
    for element in root.iter("{*}title", "{*}meta") if root is not None else ():
        if _tag(element) == "title":
            title = one_line(element.text or "")
        else:
            found[element.get("name")] = element.text or ""
    keywords = re.split(r"[,;]", found.get("keyword", ""))
    date = (found.get("ModifiedDate") or found.get("CreatedDate") or "")[:10]
    pairs = [("author", found.get("creator")), ("keywords", keywords), ("date", date)]
    return "" if title == _NO_TITLE else title, collect(pairs)


# What Hancom Office calls a document that nobody named: "title".
_NO_TITLE = "제목"


def blocks(package: zipfile.ZipFile) -> Iterator[Block]:
    """All sections in order; a paragraph comes before the shapes, notes and tables that it holds."""
    levels, unseen = _levels(package), _unseen(package)
    for name in _sections(package):
        root = _parsed(package.read(name))
        yield from _take_hidden(root, unseen)
        for child in root if root is not None else ():
            if _tag(child) == "p":
                yield from _paragraph(child, levels, 0)


def _unseen(package: zipfile.ZipFile) -> dict[str, str]:
    """Character shapes that nobody sees -> how."""
    if "Contents/header.xml" not in package.namelist():
        return {}
    root = _parsed(package.read("Contents/header.xml"))
    found = {}
    for shape in root.iter("{*}charPr") if root is not None else ():
        height = shape.get("height") or ""
        white = (shape.get("textColor") or "").upper() == "#FFFFFF"
        plain = (shape.get("shadeColor") or "none").upper() in ("NONE", "#FFFFFF", "#FFFFFFFF")
        if height.isdigit() and int(height) < _READABLE:
            found[shape.get("id")] = "size"
        elif white and plain:
            found[shape.get("id")] = "colour"
    return found


def _take_hidden(root: Any, unseen: dict[str, str]) -> Iterator[Block]:
    """Take out what nobody sees; white in a coloured cell is seen, so it must be suspicious, too."""
    for run in list(root.iter("{*}run")) if root is not None and unseen else ():
        way = unseen.get(run.get("charPrIDRef"))
        text = one_line("".join("".join(_text(part)) for part in run.iterfind("./{*}t"))) if way else ""
        if text and (way == "size" or any(examine([text]))):
            yield Block(text, hidden=way)
            for part in run.findall("./{*}t"):
                run.remove(part)


def _sections(package: zipfile.ZipFile) -> list[str]:
    names = [match for match in map(_SECTION.fullmatch, package.namelist()) if match]
    return [match[0] for match in sorted(names, key=lambda match: int(match[1]))]


def _levels(package: zipfile.ZipFile) -> dict[str, int]:
    """Paragraph shape -> level in the outline."""
    if "Contents/header.xml" not in package.namelist():
        return {}
    root = _parsed(package.read("Contents/header.xml"))
    found = {}
    for shape in root.iter("{*}paraPr") if root is not None else ():
        heading = next(shape.iter("{*}heading"), None)
        if heading is not None and heading.get("type") == "OUTLINE":
            level = heading.get("level") or ""
            found[shape.get("id")] = 1 + (int(level) if level.isdigit() and len(level) < 3 else 0)
    return found


def _paragraph(element: Any, levels: dict[str, int], depth: int) -> Iterator[Block]:
    words: list[str] = []
    held: list[Any] = []
    _collect(element, words, held)
    text = "".join(words).strip()
    level = levels.get(element.get("paraPrIDRef"), 0)
    if text and level and len(text) <= _LONGEST_HEADING:
        yield Block(one_line(text), "heading", min(level, 6))
    elif text:
        yield Block(text)
    for item in held if depth < _MAX_NESTING else ():
        if _tag(item) == "tbl":
            yield from _table(item, levels, depth)
        else:
            yield from _paragraph(item, levels, depth + 1)


def _collect(element: Any, words: list[str], held: list[Any]) -> None:
    """The paragraph's own words; paragraphs and tables in shapes and notes are set aside."""
    stack = [iter([element])] if _tag(element) != "p" else [iter(element)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
            continue
        tag = _tag(child)
        if tag in ("p", "tbl"):
            held.append(child)
        elif tag == "t":
            words.extend(_text(child))
        elif tag == "script":
            words.append(f" {child.text or ''} ")
        elif tag not in _NOT_TEXT:
            stack.append(iter(child))


def _text(element: Any) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        yield _BREAKS.get(_tag(child), "") or child.text or ""
        yield child.tail or ""


def _table(element: Any, levels: dict[str, int], depth: int) -> Iterator[Block]:
    caption = [child for child in element if _tag(child) == "caption"]
    for part in (part for child in caption for part in child.iter("{*}p")):
        yield from _paragraph(part, {}, depth + 1)
    rows = [[_cell(cell) for cell in row if _tag(cell) == "tc"] for row in element if _tag(row) == "tr"]
    if len(rows) == 1 and len(rows[0]) == 1:  # a frame around text
        for part in element.iterfind("./{*}tr/{*}tc/{*}subList/{*}p"):
            yield from _paragraph(part, levels, depth + 1)
    elif table := markdown_table(rows):
        yield Block(table, "table")


def _cell(cell: Any) -> str:
    """All words in a cell, tables within it included."""
    return " ".join("".join(_text(part)) for part in cell.iter("{*}t"))


def _parsed(data: bytes) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    return etree.fromstring(data, parser)


def _tag(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
