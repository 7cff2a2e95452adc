"""TNEF: the `winmail.dat` in which Outlook sends attachments (MS-OXTNEF); only the attachments are read."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_SIGNATURE = 0x223E9F78
_TITLE, _DATA, _START = 0x00018010, 0x0006800F, 0x00069002


def attachments(data: bytes) -> list[tuple[str, bytes]]:
    """(name, content) of each attachment; what follows a broken attribute is left out."""
    found: list[tuple[str, bytes]] = []
    for attribute, value in _attributes(data):
        if attribute == _START:
            found.append(("", b""))
        elif found and attribute == _TITLE:
            found[-1] = (_text(value), found[-1][1])
        elif found and attribute == _DATA:
            found[-1] = (found[-1][0], value)
    return [(name, content) for name, content in found if content]


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(id, value): after the signature and a key, each is level, id, length, value and a checksum."""
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != _SIGNATURE:
        return
    position = 6
    while position + 9 <= len(data):
        attribute, length = struct.unpack_from("<II", data, position + 1)
        start = position + 9
        if start + length > len(data):
            return
        yield attribute, data[start : start + length]
        position = start + length + 2


def _text(value: bytes) -> str:
    raw = value.split(b"\0", 1)[0]
    for encoding in ("utf-8", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("cp1252", "replace")
