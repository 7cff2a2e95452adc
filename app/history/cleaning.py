"""Titles and times as the tables keep them."""

from __future__ import annotations

from datetime import datetime

from app.history.database import clean

TITLE_LENGTH = 80
"""Characters."""


def one_line(title: str, length: int = TITLE_LENGTH) -> str:
    """A title, in one line and not too long."""
    line = " ".join(clean(title).split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")
