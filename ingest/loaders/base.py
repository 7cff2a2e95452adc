"""What every reader gives: documents of blocks; and what several readers need to make them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from app.errors import DocumentError

Kind = Literal["text", "heading", "table", "list", "code"]


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a document that belongs together.

    Attributes:
        text: a paragraph; a heading without its mark; a table as Markdown rows; list items, one a line; code.
        level: of a heading, from 1.
        page: 1-based page or slide, where the format has pages.
        line: 1-based line of the file, or row of the sheet, where the block starts, where that is a place
            people look for: rows of a table, lines of source code. A block's lines of text follow it one by
            one; a table's head and its rule are not counted.
        hidden: how it is kept from the eyes of readers, by the names in `ingest.suspicion.hidden`.
    """

    text: str
    kind: Kind = "text"
    level: int = 0
    page: int | None = None
    line: int | None = None
    hidden: str | None = None


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """One document as read: a file, or a record of a file that holds many.

    Attributes:
        title: for people; empty when the record has none.
        blocks: in reading order.
        pages: how many pages the file has, where the format has pages.
        record_id: the `id` of a JSONL record; the path of a member of an archive; the name of an attachment.
        page_labels: what is printed on each page ("iv", "A-3"), one for each page; empty where these are
            just the numbers from 1.
        metadata: what can be filtered by, names in lower case: author, date, tags, from, …
        textless_pages: 1-based numbers of the pages that show something, but hold no text that could be read.
        hidden: what readers of the file do not see and should be told of; `ingest.loaders.read` takes it out
            of the blocks.
    """

    title: str
    blocks: Sequence[Block]
    pages: int | None = None
    record_id: str | None = None
    page_labels: Sequence[str] = ()
    metadata: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    textless_pages: Sequence[int] = ()
    hidden: Sequence[Block] = ()


_BLANK_LINE = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def paragraphs(text: str, page: int | None = None) -> Iterator[Block]:
    """Text blocks, one for each stretch between blank lines."""
    for part in _BLANK_LINE.split(text):
        if part.strip():
            yield Block(part.strip("\n").rstrip(), page=page)


def title_from_name(path: Path) -> str:
    """A readable title from a file name: `leave_policy-2026.pdf` gives "leave policy-2026"."""
    stem = unicodedata.normalize("NFC", path.stem.encode("utf-8", "replace").decode("utf-8"))
    return " ".join(stem.replace("_", " ").split()) or path.name


def one_line(text: str) -> str:
    return " ".join(text.split())


def markdown_table(rows: Iterable[Sequence[str]]) -> str:
    """Rows as a Markdown table whose first row is the header; ragged rows are filled with empty cells."""
    cells = [[one_line(cell).replace("|", "\\|") for cell in row] for row in rows]
    cells = [row for row in cells if any(row)]
    if not cells:
        return ""
    width = max(map(len, cells))
    lines = [f"| {' | '.join(row + [''] * (width - len(row)))} |" for row in cells]
    return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])


def without_text(path: Path, cure: str = "fill it, or remove it") -> DocumentError:
    return DocumentError(f"{path.name} holds no text: {cure}.")
