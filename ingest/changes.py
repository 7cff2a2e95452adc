"""Whether a file is still what was indexed."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from pathlib import Path

from app.schemas import Origin

DATES = ("modified", "date", "created")
"""Names under which documents tell when they were last changed, the best first."""


def has_changed(origin: Origin) -> bool:
    """Whether the file on disk has another size or time of change; False where it cannot be looked at.

    What is not on this disk (a page of the web, a member of an archive, a file that is gone) has not changed
    for all that is known. Costs one look at the folder's entry.
    """
    path = on_disk(origin)
    if path is None:
        return False
    try:
        found = path.stat()
    except OSError:
        return False
    return (found.st_size, found.st_mtime_ns) != (origin.size, origin.mtime_ns)


def on_disk(origin: Origin) -> Path | None:
    """The file under the name that this file system has it by; None where there is none.

    The catalogue keeps names in NFC; some systems keep them in NFD.
    """
    for form in ("NFC", "NFD"):
        path = Path(unicodedata.normalize(form, origin.path))
        try:
            if path.is_file():
                return path
        except (OSError, ValueError):
            continue
    return None


def day_of(origin: Origin) -> str | None:
    """The day of its last change (2024-03-02): what the document says, else what the file system says."""
    if origin.dated or not origin.mtime_ns:
        return origin.dated
    try:
        return datetime.fromtimestamp(origin.mtime_ns / 1e9).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return None
