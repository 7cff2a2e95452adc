"""Compressed RTF (MS-OXRTFCP), in which Outlook keeps the body of some mails, as plain text."""

from __future__ import annotations

import re
import struct

_START = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_COMPRESSED, _STORED = b"LZFu", b"MELA"
_WINDOW = 4096

# No mail's text is longer; what a hostile one unpacks to is at most some nine times its size.
_LONGEST = 64 * 1024**2

# RTF that was HTML: what is between these is there for programs that know RTF alone.
_TWICE = re.compile(r"\\htmlrtf1?(?![0-9])\s?.*?\\htmlrtf0\s?", re.DOTALL)


def text(data: bytes) -> str:
    """The text of a compressed RTF; empty where it is broken."""
    from striprtf.striprtf import rtf_to_text

    source = decompress(data).decode("latin-1")
    if not source.lstrip().startswith("{\\rtf"):
        return ""
    page = re.search(r"\\ansicpg(\d{3,5})", source)
    encoding = f"cp{page[1]}" if page else "cp1252"
    return str(rtf_to_text(_TWICE.sub("", source), encoding=encoding, errors="replace"))  # type: ignore[no-untyped-call]


def decompress(data: bytes) -> bytes:
    """Literals and references into a window of 4,096 bytes, eight to a control byte."""
    if len(data) < 16 or data[8:12] not in (_COMPRESSED, _STORED):
        return b""
    size = min(struct.unpack_from("<I", data, 4)[0], _LONGEST)
    if data[8:12] == _STORED:
        return data[16 : 16 + size]
    window = bytearray(_START.ljust(_WINDOW, b"\0"))
    at, position, out = len(_START), 16, bytearray()
    while position < len(data) and len(out) < size:
        control, position = data[position], position + 1
        for bit in range(8):
            reference = control >> bit & 1
            piece = data[position : position + 1 + reference]
            if len(piece) < 1 + reference:
                return bytes(out[:size])
            position += 1 + reference
            start, length = (piece[0] << 4 | piece[1] >> 4, (piece[1] & 15) + 2) if reference else (-1, 1)
            if start == at:
                return bytes(out[:size])
            for step in range(length):
                byte = window[(start + step) % _WINDOW] if reference else piece[0]
                window[at] = byte
                out.append(byte)
                at = (at + 1) % _WINDOW
    return bytes(out[:size])
