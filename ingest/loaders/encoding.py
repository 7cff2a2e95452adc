"""Text from bytes of unknown encoding: byte order marks, UTF-8, UTF-16, CP949, Shift JIS and Windows-1252."""

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
_WIDE_RUN = re.compile(r"[^\x00-\x7f\uff61-\uff9f]{2,}")
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
    return _clean(_try(data, "utf-8") or _korean(data) or _japanese(data) or _try(data, "cp1252"))


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _wide_encoding(sample: bytes) -> str | None:
    """UTF-16 without a mark: no other text holds zero bytes, and its high bytes name few scripts."""
    if b"\x00" not in sample:
        return None
    shares = {"utf-16-le": _in_known_scripts(sample[1::2]), "utf-16-be": _in_known_scripts(sample[0::2])}
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] > 0.95 else None


def _in_known_scripts(high_bytes: bytes) -> float:
    """The share of characters that are Latin, punctuation, kana, CJK, Hangul or full-width forms."""
    known = sum(
        byte in (0, 0x20, 0x30, 0x31, 0xFF) or 0x4E <= byte <= 0x9F or 0xAC <= byte <= 0xD7
        for byte in high_bytes
    )
    return known / max(1, len(high_bytes))


def _korean(data: bytes) -> str | None:
    """CP949, unless by accident: the syllables of real text are nearly all in the older EUC-KR."""
    text = _try(data, "cp949")
    if text is None:
        return None
    wide = [character for character in text[:_SAMPLE] if character > "\x7f"]
    # Python spells the syllables that EUC-KR lacks as eight bytes.
    common = sum(len(character.encode("euc_kr", "ignore")) == 2 for character in wide)
    return text if common >= 0.9 * len(wide) else None


def _japanese(data: bytes) -> str | None:
    """Shift JIS, unless by accident: its wide characters stand together, and few are half-width kana.

    In Western text the same bytes are accents and quotation marks, each between plain letters.
    """
    text = _try(data, "cp932")
    if text is None:
        return None
    sample = text[:_SAMPLE]
    wide = sum(map(len, _WIDE_RUN.findall(sample)))
    return text if wide >= 0.8 * sum(character > "\x7f" for character in sample) else None


def _clean(text: str | None) -> str | None:
    if text is None or len(_CONTROL.findall(text[:_SAMPLE])) > _MOST_CONTROL * min(len(text), _SAMPLE):
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n").replace("\ufeff", "")
    return _CONTROL.sub("", text)
