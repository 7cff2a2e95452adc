"""HWP 5 by its own records (Hancom's format specification 5.0): paragraphs and tables, without unhwp."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from app.errors import DocumentError
from ingest.loaders.base import Block, markdown_table

_PARAGRAPH_TEXT, _CONTROL, _LIST, _TABLE, _EQUATION = 67, 71, 72, 77, 88
_COMPRESSED, _PASSWORD, _DISTRIBUTION = 1, 2, 4

# Controls of eight characters stand for things that are records of their own; the others are one character.
_ONE_CHARACTER = {0: "", 10: "\n", 13: "", 24: "-", 30: "\u00a0", 31: " "}
_WIDE_CONTROL = 8
_MOST_COLUMNS = 200
_RUNNING_HEADS = ("head", "foot")

# A few KB of a hostile section can unpack to more than any memory.
_MAX_UNPACKED_BYTES = 256 * 1024**2


SAVE_ANEW = "open it in Hancom Office and save it as HWPX"
PROTECTED = "is protected by a password: open it in Hancom Office, remove the password and save it anew"
LOCKED = "is a locked copy (배포용 문서): ask for the original, or its PDF"


class _Record(NamedTuple):
    tag: int
    level: int
    data: bytes


def blocks(path: Path) -> list[Block]:
    """
    Raises:
        DocumentError: it is broken, or protected by a password or as a distribution copy.
    """
    import olefile

    try:
        with olefile.OleFileIO(path) as container:
            flags = struct.unpack_from("<I", container.openstream("FileHeader").read(), 36)[0]
            if flags & (_PASSWORD | _DISTRIBUTION):
                raise DocumentError(f"{path.name} {PROTECTED if flags & _PASSWORD else LOCKED}.")
            names = ["/".join(entry) for entry in container.listdir() if entry[0] == "BodyText"]
            names.sort(key=lambda name: int(re.sub(r"\D", "", name) or 0))
            sections = [container.openstream(name).read() for name in names]
            return [block for data in sections for block in _section(_unpacked(data, flags))]
    except (OSError, ValueError, IndexError, struct.error, zlib.error) as error:
        raise DocumentError(f"{path.name} is broken or not an HWP file ({error}): {SAVE_ANEW}.") from error


def _unpacked(data: bytes, flags: int) -> bytes:
    if not flags & _COMPRESSED:
        return data
    unpacker = zlib.decompressobj(-15)
    found = unpacker.decompress(data, _MAX_UNPACKED_BYTES)
    if unpacker.unconsumed_tail:
        raise ValueError(f"a section unpacks to more than {_MAX_UNPACKED_BYTES >> 20} MB")
    return found


def _section(data: bytes) -> Iterator[Block]:
    records = list(_records(data))
    index = 0
    while index < len(records):
        record = records[index]
        index += 1
        if text := _words(record):
            yield Block(text)
        if record.tag != _CONTROL:
            continue
        kind = record.data[:4][::-1].decode("latin-1").strip()
        end = _end(records, index, record.level)
        if kind == "tbl":
            yield from _table(records[index:end])
        if kind == "tbl" or kind in _RUNNING_HEADS:
            index = end


def _records(data: bytes) -> Iterator[_Record]:
    """A head has 10 bits for the tag, 10 for the level and 12 for the length, or the length follows."""
    position = 0
    while position + 4 <= len(data):
        (head,) = struct.unpack_from("<I", data, position)
        position += 4
        size = head >> 20
        if size == 0xFFF:
            (size,) = struct.unpack_from("<I", data, position)
            position += 4
        yield _Record(head & 0x3FF, head >> 10 & 0x3FF, data[position : position + size])
        position += size


def _end(records: Sequence[_Record], start: int, level: int) -> int:
    """Where what belongs to a control of this level ends."""
    return next((n for n in range(start, len(records)) if records[n].level <= level), len(records))


def _words(record: _Record) -> str:
    if record.tag == _PARAGRAPH_TEXT:
        return _text(record.data).strip()
    if record.tag == _EQUATION and len(record.data) > 6:
        end = 6 + 2 * struct.unpack_from("<H", record.data, 4)[0]
        return record.data[6:end].decode("utf-16-le", "replace").strip()
    return ""


def _text(data: bytes) -> str:
    words: list[str] = []
    units = struct.unpack(f"<{len(data) // 2}H", data[: len(data) // 2 * 2])
    index = start = 0
    while index < len(units):
        unit = units[index]
        if unit >= 32:
            index += 1
            continue
        words.append(data[2 * start : 2 * index].decode("utf-16-le", "replace"))
        words.append(_ONE_CHARACTER.get(unit, "\t" if unit == 9 else ""))
        index += 1 if unit in _ONE_CHARACTER or 25 <= unit <= 29 else _WIDE_CONTROL
        start = index
    words.append(data[2 * start :].decode("utf-16-le", "replace") if start < len(units) else "")
    return "".join(words)


def _table(records: Sequence[_Record]) -> Iterator[Block]:
    """Rows of cells; each cell is a list of paragraphs that says where it stands. A caption comes first."""
    cells: dict[tuple[int, int], list[str]] = {}
    words: list[str] | None = None
    level = next((record.level for record in records if record.tag == _TABLE), None)
    begun = False
    for record in records:
        begun = begun or record.tag == _TABLE
        if begun and record.tag == _LIST and record.level == level and len(record.data) >= 12:
            column, row = struct.unpack_from("<HH", record.data, 8)
            words = cells.setdefault((row, min(column, _MOST_COLUMNS)), [])
        elif text := _words(record):
            if words is None:
                yield Block(text)
            else:
                words.append(text)
    if len(cells) == 1:  # a frame around text
        yield from (Block(text) for text in words or ())
    elif table := markdown_table(_rows(cells)):
        yield Block(table, "table")


def _rows(cells: dict[tuple[int, int], list[str]]) -> Iterator[list[str]]:
    for row in sorted({row for row, _ in cells}):
        found = {column: " ".join(words) for (number, column), words in cells.items() if number == row}
        yield [found.get(column, "") for column in range(max(found) + 1)]
