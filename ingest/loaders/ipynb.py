"""Jupyter notebooks: text, code and the text of its results, cell by cell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.errors import DocumentError
from ingest.loaders.base import Block, SourceDocument, one_line, title_from_name, without_text
from ingest.loaders.encoding import read_text
from ingest.loaders.html import structure
from ingest.loaders.markdown import markdown_blocks
from ingest.loaders.metadata import collect

# Results can be logs of any length; their beginning says what they are.
_LONGEST_RESULT = 4000

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def read(path: Path) -> Iterator[SourceDocument]:
    try:
        notebook = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise DocumentError(
            f"{path.name}, line {error.lineno}: not valid JSON ({error.msg}); save it anew in Jupyter."
        ) from None
    except RecursionError:
        raise DocumentError(
            f"{path.name} is nested too deeply to be read: save it anew in Jupyter."
        ) from None
    cells = list(_cells(notebook))
    if not cells:
        raise DocumentError(f"{path.name} is no notebook, or an empty one: it has no cells.")
    blocks = [block for cell in cells for block in _blocks(cell)]
    if not blocks:
        raise without_text(path)
    about = _mapping(notebook.get("metadata"))
    language = _mapping(about.get("kernelspec")).get("language") or _mapping(about.get("language_info")).get(
        "name"
    )
    authors = [_mapping(author).get("name") for author in _items(about.get("authors"))]
    heading = next((block.text for block in blocks if block.kind == "heading"), "")
    title = one_line(about["title"]) if isinstance(about.get("title"), str) else ""
    yield SourceDocument(
        title or heading or title_from_name(path),
        blocks,
        metadata=collect([("language", language), ("author", authors)]),
    )


def _cells(notebook: Any) -> Iterator[dict[str, Any]]:
    """Of the formats 4, and 3, which has sheets."""
    for sheet in [notebook, *_items(_mapping(notebook).get("worksheets"))]:
        for cell in _items(_mapping(sheet).get("cells")):
            yield _mapping(cell)


def _blocks(cell: dict[str, Any]) -> Iterator[Block]:
    source = _joined(cell.get("source", cell.get("input", ""))).replace("\0", "")
    kind = cell.get("cell_type")
    if kind in ("markdown", "heading"):
        level = cell.get("level")
        mark = "#" * level + " " if kind == "heading" and isinstance(level, int) and 0 < level < 7 else ""
        yield from markdown_blocks(mark + source)
    elif source.strip():
        yield Block(source.strip("\n").rstrip(), "code" if kind == "code" else "text")
    for output in _items(cell.get("outputs")):
        yield from _result(_mapping(output))


def _result(output: dict[str, Any]) -> Iterator[Block]:
    """What was printed, or the value as text, else as HTML; of an error its message."""
    data = _mapping(output.get("data")) or output
    text = _joined(data.get("text/markdown") or data.get("text/plain") or data.get("text") or "")
    if not text and (html := _joined(data.get("text/html") or "").replace("\0", "")):
        yield from structure(html[:_LONGEST_RESULT])
    if output.get("ename"):
        text = f"{output['ename']}: {_joined(output.get('evalue') or '')}"
    text = _ANSI.sub("", text).replace("\0", "").strip("\n").rstrip()
    if text.strip():
        yield Block(text[:_LONGEST_RESULT], "code")


def _joined(value: Any) -> str:
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
