"""HWP 5 and HWPX by unhwp, with headings and tables; by their own structure where that loses text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from app.errors import DocumentError
from ingest.loaders import hwp5, hwpx
from ingest.loaders.base import Block, SourceDocument, one_line, title_from_name, without_text
from ingest.loaders.hwp5 import LOCKED, PROTECTED, SAVE_ANEW
from ingest.loaders.markdown import markdown_blocks
from ingest.loaders.metadata import Metadata, collect

_OLE = b"\xd0\xcf\x11\xe0"
_HWP3 = b"HWP Document File V"
_ZIP = b"PK\x03\x04"

# unhwp leaves running heads out, which is meant, and words beside drawn shapes, which is not.
_LEAST_KEPT = 0.98

_REASONS = {
    "ENCRYPTED": PROTECTED,
    "DISTRIBUTION_RESTRICTED": LOCKED,
    "UNSUPPORTED_FORMAT": f"is of HWP 3 or older, which is not read: {SAVE_ANEW}",
}
# What may go wrong within unhwp with a file that is whole.
_TROUBLES = ("PANIC", "RENDER", "RECORD_PARSE", "STYLE_NOT_FOUND", "RESOURCE_NOT_FOUND", "INVALID_OUTPUT")

_IMAGE = re.compile(r"!\[[^\]\n]*\]\([^)\n]*\)")
_EMPHASIS = re.compile(r"(?<!\\)\*+(?=\S)|(?<=\S)(?<!\\)\*+")
_NOTICE = re.compile(r"^\[unhwp:[^\]\n]*\]$", re.MULTILINE)
_INDENT = re.compile(r"^[ \t]{4,}(?=\S)", re.MULTILINE)
_BLANKS = re.compile(r"[ \t\u3000]+$", re.MULTILINE)


def read(path: Path) -> Iterator[SourceDocument]:
    with path.open("rb") as file:
        start = file.read(len(_HWP3))
    if start == _HWP3:
        raise DocumentError(f"{path.name} {_REASONS['UNSUPPORTED_FORMAT']}.")
    if start.startswith(_ZIP):
        blocks, title, metadata = _hwpx(path)
    elif start.startswith(_OLE):
        (blocks, title), metadata = _hwp5(path), _summary(path)
    else:
        raise DocumentError(f"{path.name} is broken or not an HWP file: {SAVE_ANEW}.")
    if not blocks:
        raise without_text(path)
    heading = next((block.text for block in blocks if block.kind == "heading"), "")
    yield SourceDocument(one_line(title) or heading or title_from_name(path), blocks, metadata=metadata)


def _hwp5(path: Path) -> tuple[list[Block], str]:
    """By unhwp; by the file's own records where that has trouble of its own, or leaves text out."""
    try:
        found, title = _unhwp(path)
    except _UnhwpTroubleError:
        return hwp5.blocks(path), ""
    with suppress(DocumentError):
        own = hwp5.blocks(path)
        if _letters(found) < _LEAST_KEPT * _letters(own):
            return own, title
    return found, title


def _hwpx(path: Path) -> tuple[list[Block], str, Metadata]:
    with hwpx.opened(path) as package:
        letters = hwpx.letters(package)
        title, metadata = hwpx.properties(package)
        try:
            blocks = _unhwp(path)[0]
        except DocumentError:
            blocks = []
        if _letters(blocks) < _LEAST_KEPT * letters or not blocks:
            blocks = list(hwpx.blocks(package)) or blocks
    return blocks, title, metadata


class _UnhwpTroubleError(DocumentError):
    """Nothing against the file: there is no library for this computer, or it fell over something."""


def _letters(blocks: list[Block]) -> int:
    return sum(character.isalnum() for block in blocks for character in block.text)


def _unhwp(path: Path) -> tuple[list[Block], str]:
    """What unhwp reads, and the document's title."""
    try:
        import unhwp
    except (ImportError, OSError) as error:
        raise _UnhwpTroubleError(f"{path.name} cannot be read: unhwp is missing ({error}).") from error
    try:
        with unhwp.parse_bytes(path.read_bytes()) as document:
            return list(markdown_blocks(_words(document.markdown))), document.title or ""
    except unhwp.UnhwpError as error:
        name = getattr(error.kind, "name", "")
        reason = _REASONS.get(name, f"is broken or not an HWP file ({error}): {SAVE_ANEW}")
        kind = _UnhwpTroubleError if name in _TROUBLES else DocumentError
        raise kind(f"{path.name} {reason}.") from error


def _words(markdown: str) -> str:
    """Without pictures, notices and emphasis (literal stars are escaped there); indented text is no code."""
    text = _NOTICE.sub("", _IMAGE.sub("", markdown))
    return _INDENT.sub("   ", _BLANKS.sub("", _EMPHASIS.sub("", text)))


def _summary(path: Path) -> Metadata:
    """Author, keywords and date from the summary that HWP 5 keeps as OLE properties."""
    import olefile

    try:
        with olefile.OleFileIO(path) as container:
            found = container.getproperties("\x05HwpSummaryInformation", convert_time=True)
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return {}
    author, keywords = (_text(found.get(number)) for number in (4, 5))
    saved = found.get(13) or found.get(12)
    date = saved.date() if isinstance(saved, datetime) else None
    return collect([("author", author), ("keywords", re.split(r"[,;]", keywords)), ("date", date)])


def _text(value: object) -> str:
    """olefile takes a string's length in characters for one in bytes: the string ends at its zero."""
    return value.partition("\0")[0] if isinstance(value, str) else ""
