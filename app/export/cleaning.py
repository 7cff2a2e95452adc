"""Foreign text as it may stand in a file: composed Korean, and no letter that is none."""

from __future__ import annotations

import re
import unicodedata

_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# What XML forbids, what no encoding can write, what turns the direction of reading, and what nobody sees:
# letters of "tags", in which text can be hidden, and byte order marks.
_NO_LETTERS = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e007f]"
    "|[" + "".join(chr(plane * 0x10000 + last) for plane in range(1, 17) for last in (0xFFFE, 0xFFFF)) + "]"
)


def clean(text: str) -> str:
    """The text in NFC, with "\\n" as its line ends, without control characters and the like."""
    return _NO_LETTERS.sub("", unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", text)))


def one_line(text: str) -> str:
    """The same in one line."""
    return " ".join(clean(text).split())


def shortened(text: str, size: int) -> str:
    """In one line of at most `size` characters, cut at a word where there is one near the end."""
    line = one_line(text)
    if len(line) <= size:
        return line
    cut = line.rfind(" ", size * 3 // 4, size - 1)
    return line[: cut if cut > 0 else size - 1].rstrip() + "…"
