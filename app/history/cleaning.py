"""What all tables of a database ask of the values that are written to them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime

TITLE_LENGTH = 80
"""Characters."""
_MOST_AT_ONCE = 500  # ids in one query; databases limit them


def clean(text: str) -> str:
    """NFC, so that Korean typed on any system is found; without what no database stores."""
    composed = unicodedata.normalize("NFC", text.replace("\x00", ""))
    return composed.encode("utf-8", "replace").decode("utf-8")


def one_line(title: str, length: int = TITLE_LENGTH) -> str:
    """A title, in one line and not too long."""
    line = " ".join(clean(title).split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")


def parts(ids: Sequence[str]) -> list[Sequence[str]]:
    """As many ids at once as a query may name."""
    return [ids[start : start + _MOST_AT_ONCE] for start in range(0, len(ids), _MOST_AT_ONCE)]
