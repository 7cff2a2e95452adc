"""DOC (Word 97 to 2003) from its pieces: headings, lists, tables, footnotes, text boxes.

The file information block, the piece table and the properties of paragraphs are those of [MS-DOC].
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.loaders.base import Block, markdown_table, one_line

_WORD_97 = 0x00C1
_FLAGS, _COUNTS, _PAPX, _CLX = 10, 76, 154 + 13 * 8, 154 + 33 * 8
_SECOND_TABLE = 0x0200
_COMPRESSED = 0x40000000
_PAGE = 512
_PROPERTIES_ENTRY = 13

# Parts of the text in their order; what is named is read, the rest are heads and feet of pages.
_STORIES = ("text", "footnotes", "", "", "comments", "endnotes", "boxes", "")
_MARKS = {"\r", "\x07", "\x0c"}
_SHOWN = {"\x0b": "\n", "\x1e": "-", "\t": "\t", "\x1f": "", "\xa0": " "}
_SIZES = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}
_IN_TABLE, _ROW_END, _LIST, _LEVEL, _TABLE_DEFINITION = 0x2416, 0x2417, 0x460B, 0x260A, 0xD608
_HEADINGS = range(1, 10)  # the first styles of each file


@dataclass(frozen=True, slots=True)
class _Style:
    """Properties of a paragraph."""

    heading: int = 0
    in_table: bool = False
    row_end: bool = False
    listed: bool = False
    depth: int = 0


@dataclass(slots=True)
class _Paragraph:
    text: str
    mark: str
    style: _Style


def is_word_97(stream: bytes) -> bool:
    """Whether this stream, "WordDocument", is of a version that this module reads."""
    return len(stream) > _CLX + 8 and struct.unpack_from("<H", stream, 2)[0] >= _WORD_97


def table_name(stream: bytes) -> str:
    """The stream that holds the tables of the file."""
    return "1Table" if struct.unpack_from("<H", stream, _FLAGS)[0] & _SECOND_TABLE else "0Table"


def blocks(stream: bytes, table: bytes) -> Iterator[Block]:
    """The blocks of the text, then its notes, comments and boxes.

    Raises:
        ValueError, struct.error: these are no such streams.
    """
    text, places = _text(stream, table)
    styles = _styles(stream, table)
    counts = struct.unpack_from("<8I", stream, _COUNTS)
    start = 0
    for name, count in zip(_STORIES, counts, strict=True):
        if name:
            yield from _story(_paragraphs(text[start : start + count], places[start : start + count], styles))
        start += count


def _text(stream: bytes, table: bytes) -> tuple[str, list[int]]:
    """All characters with their places in the stream."""
    offset, size = struct.unpack_from("<II", stream, _CLX)
    at, end = offset, min(offset + size, len(table))
    while at < end and table[at] == 1:
        at += 3 + struct.unpack_from("<H", table, at + 1)[0]
    if at >= end or table[at] != 2:
        raise ValueError("no piece table")
    count = (struct.unpack_from("<I", table, at + 1)[0] - 4) // 12
    limits = struct.unpack_from(f"<{count + 1}I", table, at + 5)
    parts: list[str] = []
    places: list[int] = []
    for index in range(count):
        (place,) = struct.unpack_from("<I", table, at + 5 + 4 * (count + 1) + 8 * index + 2)
        width = 1 if place & _COMPRESSED else 2
        place = (place & ~_COMPRESSED) // 2 if width == 1 else place
        length = min(max(limits[index + 1] - limits[index], 0), max(len(stream) - place, 0) // width)
        data = stream[place : place + length * width]
        # Lone halves of characters beyond the 16-bit range are kept, so that places go on counting right.
        parts += [data.decode("cp1252", "replace") if width == 1 else _wide(data)]
        places += range(place, place + length * width, width)
        if len(places) > len(stream):
            raise ValueError("the pieces hold more than the file")
    return "".join(parts), places


def _wide(data: bytes) -> str:
    return "".join(map(chr, struct.unpack(f"<{len(data) // 2}H", data)))


# -- paragraphs --------------------------------------------------------------------------------------


def _styles(stream: bytes, table: bytes) -> tuple[list[int], list[_Style]]:
    """Places where stretches of equal properties begin, and these."""
    offset, size = struct.unpack_from("<II", stream, _PAPX)
    count = max(0, (size - 4) // 8)
    pages = struct.unpack_from(f"<{count}I", table, offset + 4 * (count + 1))
    found: dict[int, _Style] = {}
    for page in pages:
        base = (page & 0x3FFFFF) * _PAGE
        if base + _PAGE > len(stream):
            continue
        runs = min(stream[base + _PAGE - 1], (_PAGE - 5) // (4 + _PROPERTIES_ENTRY))
        for run, start in enumerate(struct.unpack_from(f"<{runs}I", stream, base)):
            entry = stream[base + 4 * (runs + 1) + _PROPERTIES_ENTRY * run]
            found[start] = _style(stream[base + 2 * entry : base + _PAGE]) if entry else _Style()
    starts = sorted(found)
    return starts, [found[start] for start in starts]


def _style(data: bytes) -> _Style:
    if len(data) < 4:
        return _Style()
    begin, size = (1, 2 * data[0] - 1) if data[0] else (2, 2 * data[1])
    properties = data[begin : begin + size]
    style = int.from_bytes(properties[:2], "little")
    known = {code: operand for code, operand in _modifiers(properties[2:])}
    number = int.from_bytes(known.get(_LIST, b""), "little")
    return _Style(
        style if style in _HEADINGS else 0,
        any(known.get(_IN_TABLE, b"")),
        any(known.get(_ROW_END, b"")),
        0 < number < 0x7FF,
        min(int.from_bytes(known.get(_LEVEL, b""), "little"), 8),
    )


def _modifiers(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 2 < len(data):
        code = int.from_bytes(data[at : at + 2], "little")
        at += 2
        size = _SIZES.get(code >> 13, 0)
        if not size:
            wide = code == _TABLE_DEFINITION
            size = int.from_bytes(data[at : at + 2], "little") + 1 if wide else data[at] + 1
        yield code, data[at : at + size]
        at += size


def _paragraphs(text: str, places: list[int], styles: tuple[list[int], list[_Style]]) -> Iterator[_Paragraph]:
    """What people see, up to each mark; of fields the result and not the instruction."""
    starts, found = styles
    parts: list[str] = []
    fields: list[bool] = []
    for character, place in zip(text, places, strict=False):
        if character == "\x13":
            fields.append(True)
        elif character == "\x14" and fields:
            fields[-1] = False
        elif character == "\x15" and fields:
            fields.pop()
        elif character in _MARKS:
            index = bisect_right(starts, place) - 1
            yield _Paragraph(_joined(parts), character, found[index] if index >= 0 else _Style())
            parts = []
        elif not any(fields):
            parts.append(_SHOWN.get(character, character if character >= " " else ""))
    yield _Paragraph(_joined(parts), "\r", _Style())


def _joined(parts: list[str]) -> str:
    return "".join(parts).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").strip()


def _story(paragraphs: Iterator[_Paragraph]) -> Iterator[Block]:
    rows: list[list[str]] = []
    cells: list[str] = []
    cell: list[str] = []
    for paragraph in paragraphs:
        if paragraph.mark == "\x07":
            if paragraph.style.row_end:
                rows, cells, cell = [*rows, cells], [], []
            else:
                cells, cell = [*cells, " ".join([*cell, paragraph.text])], []
            continue
        if cells or paragraph.style.in_table:
            cell.append(paragraph.text)
        elif paragraph.text:
            yield from _table(rows)
            rows = []
            yield _block(paragraph)
    yield from _table([*rows, cells])


def _table(rows: list[list[str]]) -> Iterator[Block]:
    if table := markdown_table(rows):
        yield Block(table, "table")


def _block(paragraph: _Paragraph) -> Block:
    style = paragraph.style
    if style.heading:
        return Block(one_line(paragraph.text), "heading", style.heading)
    if style.listed:
        return Block(f"{'  ' * style.depth}- {paragraph.text}", "list")
    return Block(paragraph.text)
