"""A document as sections of units: sentences, table rows and lines that are never divided further."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise, zip_longest

from app.sentences import sentence_spans
from ingest.chunking.counting import Counter
from ingest.loaders.base import Block, Kind

# Share of the budget that a table's repeated header may take.
_HEADER_SHARE = 0.33

_CLAUSE = re.compile(r"(?<=[,;:·、，—])\s+|(?<=[고며서면나데])\s+")
_BLANKS = re.compile(r"\s+")
_LINE_ENDS = re.compile(r"\n")
# A page that ends, and one that begins, within a sentence.
_BROKEN_OFF = re.compile(r"[^\W\d_,]\s*$|,\s*$")
_GOES_ON = re.compile(r"\s*(?:[a-z(]|[가-힣])")
_TABLE_RULE = re.compile(r"\|[\s:|-]+\|?$")


@dataclass(slots=True)
class Unit:
    """A sentence, row or line; never divided further.

    Attributes:
        glue: what stands between it and the unit before it in the document.
        opens: begins a paragraph, so that a cut before it is a good one.
        leads: announces what follows ("Deductibles", "as follows:"), so that a cut after it is a bad one.
        header: of the table it is a row of; repeated where a passage begins with this row.
        line: of the file, or row of the sheet, on which it stands, where that is known.
        counted_on: the lines of one file are counted on from block to block; the rows of each sheet anew.
        page: on which it stands, or begins.
    """

    text: str
    tokens: int
    glue: str
    opens: bool
    leads: bool = False
    header: str = ""
    header_tokens: int = 0
    line: int | None = None
    counted_on: bool = False
    page: int | None = None


@dataclass(slots=True)
class Section:
    """What stands under one heading, over as many pages as it goes on."""

    headings: tuple[str, ...]
    units: list[Unit]


Placed = tuple[tuple[str, ...], Block]
"""A block with the path of headings above it."""


def sections(placed: Sequence[Placed], counter: Counter, longest: int) -> Iterator[Section]:
    """Sections in order, with units of at most `longest` tokens."""
    parts = [list(_parts(block)) for _, block in placed]
    counts = iter(counter([part.text for block_parts in parts for part in block_parts]))
    units = [
        list(_units(block, [(part, next(counts)) for part in block_parts], counter, longest))
        for (_, block), block_parts in zip(placed, parts, strict=True)
    ]
    _run_on([block for _, block in placed], units)
    items = zip((headings for headings, _ in placed), units, strict=True)
    for headings, group in groupby(items, key=lambda item: item[0]):
        if section := [unit for _, block_units in group for unit in block_units]:
            yield Section(headings, section)


def _run_on(blocks: Sequence[Block], units: Sequence[list[Unit]]) -> None:
    """Where a sentence goes on over a page's end, let what follows be no paragraph of its own."""
    for (one, other), (_, following) in zip(pairwise(blocks), pairwise(units), strict=True):
        texts = one.kind == other.kind == "text" and one.page != other.page
        if texts and following and _BROKEN_OFF.search(one.text) and _GOES_ON.match(other.text):
            following[0].glue, following[0].opens = " ", False


def under_headings(blocks: Sequence[Block]) -> Iterator[Placed]:
    """Blocks with their paths; a heading without text below it keeps its words as text."""
    path: list[tuple[int, str]] = []
    for block, following in zip_longest(blocks, blocks[1:]):
        if block.kind != "heading":
            yield tuple(text for _, text in path), block
            continue
        path = [*((level, text) for level, text in path if level < block.level), (block.level, block.text)]
        if following is None or (following.kind == "heading" and following.level <= block.level):
            yield tuple(text for _, text in path[:-1]), replace(block, kind="text")


@dataclass(slots=True)
class _Part:
    """A unit before it is counted; `number` is that of its line in the block, from 0."""

    text: str
    glue: str
    number: int = 0


def _parts(block: Block) -> Iterator[_Part]:
    if block.kind in _LINES:
        before = -1
        for number, line in enumerate(block.text.split("\n")):
            if line.strip():
                glue = "\n" * (number - before) if block.kind == "code" else "\n"
                yield _Part(line.rstrip(), glue if before >= 0 else _LINES[block.kind], number)
                before = number
        return
    end = 0
    for start, stop in sentence_spans(block.text):
        yield _Part(block.text[start:stop], block.text[end:start] if end else "\n\n")
        end = stop


# Kinds whose units are lines, with what stands before the first of them.
_LINES: dict[Kind, str] = {"table": "\n\n", "code": "\n\n", "list": "\n"}


def _units(
    block: Block, parts: Sequence[tuple[_Part, int]], counter: Counter, longest: int
) -> Iterator[Unit]:
    header, header_tokens = _table_header(block, parts, longest)
    head = _head_lines(block, parts)
    if header:  # head and rule stay together
        parts = [(_Part(header.rstrip("\n"), parts[0][0].glue), header_tokens), *parts[2:]]
    opens = True
    for index, (part, tokens) in enumerate(parts):
        text = part.text
        leads = index == len(parts) - 1 and len(text) < 100 and not text.endswith((".", "!", "?"))
        is_head = bool(header) and not index
        leads = (leads and block.kind == "text") or text.endswith(":") or is_head
        repeated = "" if is_head else header
        room = longest - (header_tokens if repeated else 0)
        pieces = [(text, tokens)] if tokens <= room else list(_divided(text, counter, room))
        for number, (piece, count) in enumerate(pieces):
            yield Unit(
                piece,
                count,
                "" if number else part.glue,
                opens or (block.kind != "text" and not number),
                leads,
                repeated,
                header_tokens if repeated else 0,
                _line(block, part.number, head),
                block.kind == "code",
                block.page,
            )
            opens = False


def _line(block: Block, number: int, head: int) -> int | None:
    """The line of the file, or row of the sheet, of a block's line with this number."""
    return None if block.line is None or number < head else block.line + number - head


def _head_lines(block: Block, parts: Sequence[tuple[_Part, int]]) -> int:
    """How many lines are a table's head and its rule: rows are counted from the first one below them."""
    has_rule = block.kind == "table" and len(parts) > 1 and _TABLE_RULE.match(parts[1][0].text)
    return min(2, len(parts) - 1) if has_rule else 0


def _table_header(block: Block, parts: Sequence[tuple[_Part, int]], longest: int) -> tuple[str, int]:
    """The first row and its rule with their tokens, where repeating them leaves room for rows."""
    if _head_lines(block, parts) < 2:
        return "", 0
    (head, head_tokens), (rule, rule_tokens) = parts[:2]
    tokens = head_tokens + rule_tokens
    return (f"{head.text}\n{rule.text}\n", tokens) if tokens <= longest * _HEADER_SHARE else ("", 0)


def _divided(text: str, counter: Counter, longest: int) -> Iterator[tuple[str, int]]:
    """An overlong unit, cut at the ends of lines, else at clauses, else at words, else between characters."""
    for pattern in (_LINE_ENDS, _CLAUSE, _BLANKS):
        parts = _slices(text, pattern)
        counts = counter(parts)
        if len(parts) > 1 and max(counts) <= longest:
            yield from _filled(parts, counts, longest)
            return
    if len(parts) > 1:
        for part, count in zip(parts, counts, strict=True):
            yield from [(part, count)] if count <= longest else _divided(part, counter, longest)
        return
    size = max(1, len(text) * longest // (counts[0] + 1))
    while True:
        parts = [text[at : at + size] for at in range(0, len(text), size)]
        counts = counter(parts)
        if max(counts) <= longest or size == 1:
            yield from zip(parts, counts, strict=True)
            return
        size = max(1, size * 3 // 4)


def _slices(text: str, pattern: re.Pattern[str]) -> list[str]:
    """`text` cut before each match; the slices together are the text."""
    cuts = [0, *(match.start() for match in pattern.finditer(text) if match.start()), len(text)]
    return [text[start:end] for start, end in pairwise(cuts)]


def _filled(parts: Sequence[str], counts: Sequence[int], longest: int) -> Iterator[tuple[str, int]]:
    group: list[str] = []
    size = 0
    for part, count in zip(parts, counts, strict=True):
        if group and size + count > longest:
            yield "".join(group), size
            group, size = [], 0
        group.append(part)
        size += count
    yield "".join(group), size
