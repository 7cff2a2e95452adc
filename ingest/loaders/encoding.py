"""Text from bytes of unknown encoding: byte order marks, UTF-8, UTF-16, CP949 (EUC-KR) and Windows-1252."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from app.errors import DocumentError

# Longest marks first: UTF-32's begins with UTF-16's.
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_SAMPLE = 65536
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_BINARY_STARTS = (
    b"%PDF-",
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"\x7fELF",
)

# A text may hold a stray control character; this share of them is data of another kind.
_MOST_CONTROL = 0.005


def read_text(path: Path) -> str:
    """The file's text with "\\n" line ends.

    Raises:
        DocumentError: these bytes are no text in an encoding that is known.
    """
    data = path.read_bytes()
    text = None if data.startswith(_BINARY_STARTS) else decode(data)
    if text is None:
        raise DocumentError(
            f"{path.name} is not a text file (its bytes are binary data, or of an unknown encoding): "
            "give it the suffix of its real format, or save it as UTF-8."
        )
    if not text.strip():
        raise DocumentError(f"{path.name} holds no text, only blanks: fill it, or remove it.")
    return text


def decode(data: bytes) -> str | None:
    """`data` as text with "\\n" line ends, or None if it is none."""
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return _clean(_try(data, encoding))
    if wide := _wide_encoding(data[:_SAMPLE]):
        return _clean(_try(data, wide))
    return _clean(_try(data, "utf-8") or _korean(data) or _try(data, "cp1252"))


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _wide_encoding(sample: bytes) -> str | None:
    """UTF-16 without a mark: every second byte of its spaces, digits and Latin letters is zero."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if even + odd < len(sample) * 0.05:
        return _hangul_utf16(sample)
    if odd > 20 * even:
        return "utf-16-le"
    return "utf-16-be" if even > 20 * odd else None


def _hangul_utf16(sample: bytes) -> str | None:
    return (
        None
        if b"\x00" not in sample
        else next(
            (
                name
                for name, order in (("utf-16-le", 1), ("utf-16-be", 0))
                if _mostly_hangul(sample[order::2])
            ),
            None,
        )
    )


def _mostly_hangul(high_bytes: bytes) -> bool:
    """Hangul syllables are U+AC00 to U+D7A3."""
    return sum(0xAC <= byte <= 0xD7 for byte in high_bytes) > 0.5 * len(high_bytes)


def _korean(data: bytes) -> str | None:
    """CP949, unless by accident: the syllables of real text are nearly all in the older EUC-KR."""
    text = _try(data, "cp949")
    if text is None:
        return None
    wide = [character for character in text[:_SAMPLE] if character > "\x7f"]
    common = len("".join(wide).encode("euc_kr", "ignore")) // 2
    return text if common >= 0.9 * len(wide) else None


def _clean(text: str | None) -> str | None:
    if text is None or len(_CONTROL.findall(text[:_SAMPLE])) > _MOST_CONTROL * min(len(text), _SAMPLE):
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n").replace("\ufeff", "")
    return _CONTROL.sub("", text)
