"""Writers of the office formats for which there is no library: OpenDocument, XLS, and OLE containers."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

_NAMESPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in {
        "office": "office",
        "text": "text",
        "table": "table",
        "draw": "drawing",
        "presentation": "presentation",
        "style": "style",
        "meta": "meta",
    }.items()
)
_DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'


def write_odf(path: Path, kind: str, body: str, styles: str = "", meta: str = "") -> Path:
    """An OpenDocument file; `kind` is "text", "spreadsheet" or "presentation"."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0"?><office:document-content {_NAMESPACES}>'
            f"<office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>",
        )
        archive.writestr(
            "meta.xml",
            f"<office:document-meta {_NAMESPACES} {_DC}><office:meta>{meta}</office:meta>"
            "</office:document-meta>",
        )
    return path


def write_xls(path: Path, sheets: dict[str, tuple[bool, list[list[str | float]]]], merge: str = "") -> Path:
    """A bare BIFF8 workbook: name -> (hidden, rows); numbers are shown with two decimals and thousands."""
    parts = []
    for _, rows in sheets.values():
        cells = b"".join(
            _cell(row, column, value)
            for row, values in enumerate(rows)
            for column, value in enumerate(values)
        )
        if merge:
            top, bottom, left, right = map(int, merge.split())
            cells += _record(0xE5, struct.pack("<5H", 1, top, bottom, left, right))
        parts.append(
            _record(0x809, struct.pack("<4H2I", 0x600, 0x10, 0, 0, 0, 0)) + cells + _record(0x0A, b"")
        )
    head = _record(0x809, struct.pack("<4H2I", 0x600, 0x05, 0, 0, 0, 0)) + _record(
        0x42, struct.pack("<H", 1200)
    )
    head += _record(0x31, struct.pack("<5H4B", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + b"\x05\x00Arial") * 5
    head += _record(0x41E, struct.pack("<HHB", 164, len("#,##0.00"), 0) + b"#,##0.00")
    head += _record(0xE0, struct.pack("<3H", 0, 0, 0xFFF5) + bytes(14))
    head += _record(0xE0, struct.pack("<3H", 0, 164, 1) + bytes(14))
    names = {name: name.encode("utf-16-le") for name in sheets}
    size = len(head) + sum(12 + len(name) for name in names.values()) + 4
    bounds = b""
    for (name, (hidden, _)), part in zip(sheets.items(), parts, strict=True):
        bounds += _record(0x85, struct.pack("<IBBBB", size, hidden, 0, len(name), 1) + names[name])
        size += len(part)
    path.write_bytes(head + bounds + _record(0x0A, b"") + b"".join(parts))
    return path


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _cell(row: int, column: int, value: str | float) -> bytes:
    if isinstance(value, str):
        text = struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")
        return _record(0x204, struct.pack("<3H", row, column, 0) + text) if value else b""
    return _record(0x203, struct.pack("<3Hd", row, column, 1, value))


def write_ole(path: Path, streams: dict[str, bytes]) -> Path:
    """A compound file (OLE 2); streams are filled up to the size that needs no small sectors."""
    table, content, entries = [0xFFFFFFFD, 0xFFFFFFFE], b"", b""
    for number, (name, data) in enumerate(streams.items(), 1):
        data = data.ljust(4096, b"\0")
        data += bytes(-len(data) % 512)
        right = number + 1 if number < len(streams) else 0xFFFFFFFF
        entries += _entry(name, 2, len(table), len(data), right=right)
        table += [*range(len(table) + 1, len(table) + len(data) // 512), 0xFFFFFFFE]
        content += data
    assert len(table) <= 128 and len(streams) < 4, "one sector holds the table, and one the folder"
    table += [0xFFFFFFFF] * (128 - len(table))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<9I", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    folder = (_entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1) + entries).ljust(512, b"\0")
    path.write_bytes(header + struct.pack("<128I", *table) + folder + content)
    return path


def _entry(
    name: str, kind: int, start: int, size: int, right: int = 0xFFFFFFFF, child: int = 0xFFFFFFFF
) -> bytes:
    encoded = name.encode("utf-16-le")
    head = encoded.ljust(64, b"\0") + struct.pack("<HBB", len(encoded) + 2, kind, 1)
    links = struct.pack("<3I", 0xFFFFFFFF, right, child)
    return head + links + bytes(36) + struct.pack("<IQ", start, size)


def write_doc(
    path: Path, text: str, properties: list[bytes], pieces: int = 1, extra: dict[str, bytes] | None = None
) -> Path:
    """Word 97: text with "\\r" and "\\a" as marks, and for each of its paragraphs style and modifiers."""
    stream = bytearray(2048)
    struct.pack_into("<HH", stream, 0, 0xA5EC, 0xC1)
    struct.pack_into("<H", stream, 10, 0x0200)
    struct.pack_into("<I", stream, 76, len(text))
    cuts = [len(text) * number // pieces for number in range(pieces + 1)]
    entries = b"".join(struct.pack("<HIH", 0, 2048 + 2 * cut, 0) for cut in cuts[:-1])
    plan = struct.pack(f"<{len(cuts)}I", *cuts) + entries
    clx = b"\x02" + struct.pack("<I", len(plan)) + plan
    encoded = text.encode("utf-16-le")
    encoded += bytes(-len(encoded) % 512)
    bins = struct.pack("<III", 2048, 2048 + len(encoded), (2048 + len(encoded)) // 512)
    struct.pack_into("<II", stream, 154 + 13 * 8, len(clx), len(bins))
    struct.pack_into("<II", stream, 154 + 33 * 8, 0, len(clx))
    page = _properties_page(text, properties)
    streams = {"1Table": clx + bins, "WordDocument": bytes(stream) + encoded + page}
    return write_ole(path, streams | (extra or {}))


def _properties_page(text: str, properties: list[bytes]) -> bytes:
    ends = [2048 + 2 * (at + 1) for at, character in enumerate(text) if character in "\r\a"]
    page = bytearray(512)
    struct.pack_into(f"<{len(ends) + 1}I", page, 0, 2048, *ends)
    place = 510
    for number, data in enumerate(properties):
        data += bytes(1 - len(data) % 2)
        place -= len(data) + 1 & ~1
        page[place : place + 1 + len(data)] = bytes([(len(data) + 1) // 2]) + data
        page[4 * (len(ends) + 1) + 13 * number] = place // 2
        place &= ~1
    page[511] = len(ends)
    return bytes(page)


def write_ppt(path: Path, slides: list[tuple[str, str]], note: str) -> Path:
    """PowerPoint 97: slides of a title and a text box; the note belongs to the first."""
    references = range(2, 2 + len(slides))
    listed = b"".join(
        _nested(0x03F3, struct.pack("<5I", reference, 0, 0, 256 + reference, 0)) + _text(0, title)
        for reference, (title, _) in zip(references, slides, strict=True)
    )
    listed_note = _nested(0x03F3, struct.pack("<5I", 99, 0, 0, 512, 0))
    lists = _nested(0x0FF0, listed, 0xF) + _nested(0x0FF0, listed_note, 0x2F)
    parts = {1: _nested(0x03E8, lists, 0xF), 99: _nested(0x03F0, _box(_text(2, note)), 0xF)}
    for number, (reference, (_, body)) in enumerate(zip(references, slides, strict=True)):
        atom = _nested(0x03EF, bytes(16) + struct.pack("<II", 0 if number else 512, 0))
        shapes = _box(_nested(0x0F9E, struct.pack("<I", 0))) + _box(_text(4, body))
        parts[reference] = _nested(0x03EE, atom + shapes, 0xF)
    stream, places = b"", b""
    for reference, part in parts.items():
        places += struct.pack("<II", reference | 1 << 20, len(stream))
        stream += part
    directory = len(stream)
    stream += _nested(0x1772, places)
    user = bytes(16) + struct.pack("<I", len(stream))
    stream += _nested(0x0FF5, struct.pack("<7I", 0, 0, 0, directory, 1, 100, 0))
    return write_ole(path, {"PowerPoint Document": stream, "Current User": user})


def _nested(kind: int, data: bytes, flags: int = 0) -> bytes:
    return struct.pack("<HHI", flags, kind, len(data)) + data


def _text(kind: int, text: str) -> bytes:
    return _nested(0x0F9F, struct.pack("<I", kind)) + _nested(0x0FA0, text.encode("utf-16-le"))


def _box(data: bytes) -> bytes:
    return _nested(0x040C, _nested(0xF004, _nested(0xF00D, data), 0xF), 0xF)
