"""JSON Lines: an object a line, with the evidence of each value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.language import Language
    from app.tables.model import Row
    from app.tables.table import Table


def write(table: Table, path: Path, language: Language) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in table.each_row():
            file.write(json.dumps(as_object(row), ensure_ascii=False) + "\n")


def as_object(row: Row) -> dict[str, Any]:
    """A row with all that is known of it."""
    return {
        "document": row.document.source,
        "record": row.document.record_id,
        "data": row.data,
        "evidence": [one.model_dump(mode="json") for one in row.evidence.values()],
        "edited": {
            path: {"was": edit.was, "at": edit.at, "conflict": edit.conflict}
            for path, edit in row.edits.items()
        },
        "kept": row.kept,
    }
