"""File names out of titles: safe on every system, Korean kept."""

from __future__ import annotations

import re

from app.export.cleaning import one_line

# Bytes in UTF-8: file systems take 255, and zip tools, sync clients and browsers add to a name.
_MOST_BYTES = 120

_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f%#{}$!`&^~;\'“”‘’=+@…]+')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def file_name(title: str, suffix: str, default: str) -> str:
    """A name for the file of this title, such as "휴가 규정.docx".

    Args:
        suffix: without a dot.
        default: the name of a title that has no letter to keep.
    """
    kept = "".join(c if c.isprintable() else " " for c in _UNSAFE.sub(" ", one_line(title)))
    stem = _short(" ".join(kept.split())).strip(" .-_")
    if not any(c.isalnum() for c in stem):
        stem = default
    return f"{'_' if _DEVICES.fullmatch(stem) else ''}{stem}.{suffix}"


def _short(stem: str) -> str:
    return stem.encode("utf-8")[:_MOST_BYTES].decode("utf-8", "ignore")
