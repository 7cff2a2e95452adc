"""PPT (PowerPoint 97 to 2003) from its records: slides as pages below their titles, tables, notes.

Record types and layouts are those of [MS-PPT] and, for drawings, [MS-ODRAW].
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.loaders.base import Block, markdown_table, one_line
from ingest.loaders.office import slide_blocks

_DOCUMENT, _SLIDE_ATOM, _USER_EDIT, _PERSIST_DIRECTORY = 0x03E8, 0x03EF, 0x0FF5, 0x1772
_SLIDE_LIST, _PERSIST_ATOM = 0x0FF0, 0x03F3
_TEXT_HEADER, _TEXT_CHARS, _TEXT_BYTES, _OUTLINE = 0x0F9F, 0x0FA0, 0x0FA8, 0x0F9E
_GROUP, _SHAPE, _TEXT_BOX, _ANCHOR, _OPTIONS = 0xF003, 0xF004, 0xF00D, 0xF00F, 0xF122
_SLIDES, _NOTES = 0, 2
_TITLES = (0, 6)
_BODIES = (1, 5, 7, 8)
_TABLE_PROPERTY = 0x039F
_MAX_DEPTH = 40
_MAX_EDITS = 1000
_MOST_CELLS = 20_000
_BREAKS = str.maketrans({"\r": "\n", "\v": "\n", "\0": None})

Text = tuple[int, str]
"""The kind of a text (0 title, 1 body, 4 other, …) and its words."""


@dataclass(frozen=True, slots=True)
class _Record:
    """A record at `start` of the stream; its data end before `end`."""

    kind: int
    instance: int
    nested: bool
    start: int
    end: int


@dataclass(slots=True)
class _Listed:
    """A slide as the document lists it, with the texts of its placeholders."""

    reference: int
    identifier: int
    texts: list[Text] = field(default_factory=list)


def slides(stream: bytes, current_user: bytes) -> Iterator[list[Block]]:
    """The blocks of each slide.

    Args:
        stream: "PowerPoint Document".
        current_user: the stream "Current User", which says where the last edit begins.

    Raises:
        ValueError, struct.error: these are no such streams.
    """
    (edit,) = struct.unpack_from("<I", current_user, 16)
    places, document = _persistent(stream, edit)
    lists = {
        record.instance: list(_listed(stream, record))
        for record in _records(stream, *_body(stream, places[document], _DOCUMENT))
        if record.kind == _SLIDE_LIST
    }
    notes = {listed.identifier: listed for listed in lists.get(_NOTES, [])}
    for page, listed in enumerate(lists.get(_SLIDES, []), 1):
        yield list(_slide(stream, places, listed, notes, page))


def _slide(
    stream: bytes, places: dict[int, int], listed: _Listed, notes: dict[int, _Listed], page: int
) -> Iterator[Block]:
    if listed.reference not in places:
        return
    start, end = _body(stream, places[listed.reference])
    blocks = list(_shapes(stream, start, end, listed.texts, page, 0))
    spoken: list[Block] = []
    atom = next((record for record in _records(stream, start, end) if record.kind == _SLIDE_ATOM), None)
    identifier = struct.unpack_from("<I", stream, atom.start + 16)[0] if atom else 0
    if (note := notes.get(identifier)) and note.reference in places:
        found = _shapes(stream, *_body(stream, places[note.reference]), note.texts, page, 0)
        spoken = [Block(block.text, page=page) for block in found if block.kind != "heading"]
    yield from slide_blocks(blocks, {"Notes": [block for block in spoken if block.text != "*"]}, page)


# -- records -----------------------------------------------------------------------------------------


def _records(stream: bytes, start: int, end: int) -> Iterator[_Record]:
    while start + 8 <= end:
        flags, kind, length = struct.unpack_from("<HHI", stream, start)
        stop = min(start + 8 + length, end)
        yield _Record(kind, flags >> 4, flags & 0xF == 0xF, start + 8, stop)
        start += 8 + length


def _body(stream: bytes, place: int, kind: int | None = None) -> tuple[int, int]:
    """Start and end of the data of the record at a place."""
    record = next(_records(stream, place, len(stream)), None)
    if record is None or (kind is not None and record.kind != kind):
        raise ValueError(f"no record of type {kind} at {place}")
    return record.start, record.end


def _persistent(stream: bytes, edit: int) -> tuple[dict[int, int], int]:
    """Reference -> place of the newest version of each object, and the document's reference."""
    places: dict[int, int] = {}
    document = 0
    for _ in range(_MAX_EDITS):
        start, _end = _body(stream, edit, _USER_EDIT)
        previous, directory, latest = struct.unpack_from("<III", stream, start + 8)
        document = document or latest
        for reference, place in _directory(stream, directory):
            places.setdefault(reference, place)
        if not previous or previous >= edit:
            break
        edit = previous
    return places, document


def _directory(stream: bytes, place: int) -> Iterator[tuple[int, int]]:
    start, end = _body(stream, place, _PERSIST_DIRECTORY)
    while start + 4 <= end:
        (head,) = struct.unpack_from("<I", stream, start)
        first, count = head & 0xFFFFF, head >> 20
        count = min(count, (end - start) // 4 - 1)
        for index, offset in enumerate(struct.unpack_from(f"<{count}I", stream, start + 4)):
            yield first + index, offset
        start += 4 + 4 * count


def _listed(stream: bytes, container: _Record) -> Iterator[_Listed]:
    current: _Listed | None = None
    kind = 4
    for record in _records(stream, container.start, container.end):
        if record.kind == _PERSIST_ATOM:
            if current:
                yield current
            reference, _, _, identifier = struct.unpack_from("<IIII", stream, record.start)
            current = _Listed(reference, identifier)
        elif record.kind == _TEXT_HEADER:
            kind = stream[record.start]
        elif current and (text := _words(stream, record)) is not None:
            current.texts.append((kind, text))
    if current:
        yield current


def _words(stream: bytes, record: _Record) -> str | None:
    data = stream[record.start : record.end]
    if record.kind == _TEXT_CHARS:
        return data.decode("utf-16-le", "replace").translate(_BREAKS)
    return data.decode("latin-1").translate(_BREAKS) if record.kind == _TEXT_BYTES else None


# -- drawings ----------------------------------------------------------------------------------------


def _shapes(
    stream: bytes, start: int, end: int, outline: list[Text], page: int, depth: int
) -> Iterator[Block]:
    """The texts of the shapes in their order; a group that is a table as one."""
    for record in _records(stream, start, end):
        if record.kind == _TEXT_BOX:
            yield from _blocks(_texts(stream, record, outline), page)
        elif record.kind == _GROUP and (table := _table(stream, record, outline)):
            yield Block(table, "table", page=page)
        elif record.nested and depth < _MAX_DEPTH:
            yield from _shapes(stream, record.start, record.end, outline, page, depth + 1)


def _texts(stream: bytes, box: _Record, outline: list[Text]) -> Iterator[Text]:
    """What a box says, or which text of the slide's outline stands in it."""
    kind = 4
    for record in _records(stream, box.start, box.end):
        if record.kind == _TEXT_HEADER:
            kind = stream[record.start]
        elif record.kind == _OUTLINE:
            (index,) = struct.unpack_from("<I", stream, record.start)
            yield from outline[index : index + 1]
        elif (text := _words(stream, record)) is not None:
            yield kind, text


def _blocks(texts: Iterator[Text], page: int) -> Iterator[Block]:
    for kind, text in texts:
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        if kind in _TITLES and lines:
            yield Block(one_line(text), "heading", 1, page)
        elif kind in _BODIES and len(lines) > 1:
            yield Block("\n".join(f"- {line}" for line in lines), "list", page=page)
        else:
            yield from (Block(line, page=page) for line in lines)


def _table(stream: bytes, group: _Record, outline: list[Text]) -> str:
    """A table from where its cells stand; "" for other groups."""
    shapes = [shape for shape in _records(stream, group.start, group.end) if shape.kind == _SHAPE]
    if not shapes or not _is_table(stream, shapes[0]):
        return ""
    cells: list[tuple[tuple[int, int, int, int], str]] = []
    for shape in shapes[1:]:
        parts = {part.kind: part for part in _records(stream, shape.start, shape.end)}
        if _ANCHOR in parts and _TEXT_BOX in parts:
            words = " ".join(text for _, text in _texts(stream, parts[_TEXT_BOX], outline))
            cells.append((struct.unpack_from("<4i", stream, parts[_ANCHOR].start), words))
    lefts = sorted({left for (left, *_), _ in cells})
    tops = sorted({top for (_, top, *_), _ in cells})
    if len(lefts) * len(tops) > _MOST_CELLS:
        return ""
    grid = [[""] * len(lefts) for _ in tops]
    for (left, top, right, bottom), words in cells:
        for row in (index for index, place in enumerate(tops) if top <= place < max(bottom, top + 1)):
            for column in (
                index for index, place in enumerate(lefts) if left <= place < max(right, left + 1)
            ):
                grid[row][column] = words
    return markdown_table(grid)


def _is_table(stream: bytes, shape: _Record) -> bool:
    for record in _records(stream, shape.start, shape.end):
        if record.kind == _OPTIONS:
            count = min(record.instance, (record.end - record.start) // 6)
            kinds = (struct.unpack_from("<H", stream, record.start + 6 * at)[0] for at in range(count))
            return any(kind & 0x3FFF == _TABLE_PROPERTY for kind in kinds)
    return False
