"""What an export is made of before it is a file of any kind: blocks of text with marks, and footnotes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from app.language import Language
from app.schemas import Support

Kind = Literal["text", "quote", "note", "facts"]


@dataclass(frozen=True, slots=True)
class Text:
    """Words in one style. Nothing in them is mark-up: writers show them letter by letter."""

    text: str
    bold: bool = False
    italic: bool = False
    strike: bool = False
    code: bool = False


@dataclass(frozen=True, slots=True)
class Ref:
    """A mark that points to the footnote with this number."""

    n: int


@dataclass(frozen=True, slots=True)
class Flag:
    """Behind a sentence that the sources carry in part, or not at all."""

    support: Support


SIGNS: Mapping[Support, str] = {Support.NOT: "⚠", Support.PARTLY: "△"}
"""What a flag looks like."""


@dataclass(frozen=True, slots=True)
class Break:
    """The line ends here; the paragraph goes on."""


Inline = Text | Ref | Flag | Break
Inlines = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is a question, deeper ones stand in its answer."""

    inlines: Inlines
    level: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph.

    Attributes:
        kind: "quote", "note" (something to know about the answer) and "facts" (small print) look apart.
        level: how many lists it stands in.
    """

    inlines: Inlines
    kind: Kind = "text"
    level: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list.

    Attributes:
        level: 1 for the outermost list.
        number: None where the list has bullets.
        first: whether a list begins with it.
    """

    inlines: Inlines
    level: int
    number: int | None = None
    first: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    text: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, the header first; all rows have as many cells."""

    rows: tuple[tuple[Inlines, ...], ...]


Block = Heading | Paragraph | Item | Code | Table


@dataclass(frozen=True, slots=True)
class Footnote:
    n: int
    inlines: Inlines


@dataclass(frozen=True, slots=True)
class Document:
    """An export, ready to be written.

    Attributes:
        facts: what is told below the title: day, collection.
        notes: numbered from 1 without gaps, in the order in which the blocks first point to them.
    """

    title: str
    language: Language
    facts: tuple[str, ...]
    blocks: tuple[Block, ...]
    notes: tuple[Footnote, ...]


def plain(inlines: Sequence[Inline]) -> str:
    """The words alone."""
    return "".join(_plain(part) for part in inlines)


def _plain(part: Inline) -> str:
    if isinstance(part, Text):
        return part.text
    return "\n" if isinstance(part, Break) else ""


def sequences(blocks: Sequence[Block]) -> Iterator[Inlines]:
    """The inlines of each block and of each cell, in the order of reading."""
    for block in blocks:
        if isinstance(block, Table):
            for row in block.rows:
                yield from row
        elif not isinstance(block, Code):
            yield block.inlines


def rewritten(blocks: Sequence[Block], change: Callable[[Inlines], Inlines]) -> tuple[Block, ...]:
    """The blocks with `change` done to each of `sequences`, in the same order."""
    return tuple(_rewritten(block, change) for block in blocks)


def _rewritten(block: Block, change: Callable[[Inlines], Inlines]) -> Block:
    if isinstance(block, Table):
        return Table(tuple(tuple(change(cell) for cell in row) for row in block.rows))
    return block if isinstance(block, Code) else replace(block, inlines=change(block.inlines))
