"""`export`: a table as a file of one of the formats, whole or not at all."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import StorageError, UsageError

if TYPE_CHECKING:
    from app.language import Language
    from app.tables.table import Table


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file.

    Attributes:
        label: its name, alike in all languages.
        mime: its media type.
        writer: "module:function", which takes a table, a path that is free, and a language for remarks.
    """

    label: str
    mime: str
    writer: str


# By suffix.
FORMATS = {
    "csv": Format("CSV", "text/csv", "app.tables.exports.delimited:write"),
    "xlsx": Format(
        "Excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "app.tables.exports.workbook:write",
    ),
    "parquet": Format("Parquet", "application/vnd.apache.parquet", "app.tables.exports.parquet:write"),
    "jsonl": Format("JSON Lines", "application/jsonl", "app.tables.exports.json_lines:write"),
    "sqlite": Format("SQLite", "application/vnd.sqlite3", "app.tables.exports.sqlite:write"),
}
_OTHER_NAMES = {"db": "sqlite", "sqlite3": "sqlite", "ndjson": "jsonl", "pq": "parquet"}


def format_of(path: Path) -> str:
    """By the suffix of a file's name.

    Raises:
        UsageError: it is none of those that there are.
    """
    suffix = path.suffix.lower().lstrip(".")
    name = _OTHER_NAMES.get(suffix, suffix)
    if name not in FORMATS:
        raise UsageError(
            f"{path.name!r} does not say what kind of file it is to be. "
            f"Let its name end with one of: {', '.join(f'.{one}' for one in FORMATS)}."
        )
    return name


def export(table: Table, path: Path, format: str, language: Language) -> None:
    """Write the table as it is now, in the place of what may be there; if that fails, it stays.

    Args:
        format: a key of `FORMATS`.
        language: of remarks beside the values: places and reasons.

    Raises:
        StorageError: it cannot be written.
    """
    module, _, function = FORMATS[format].writer.partition(":")
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.unlink(missing_ok=True)
        getattr(import_module(module), function)(table, beside, language)
        beside.replace(path)
    except OSError as error:
        raise StorageError(
            f"The file {str(path)!r} cannot be written ({error.strerror or error}). The table is kept; name "
            "another file with -o."
        ) from error
    finally:
        beside.unlink(missing_ok=True)


def exported(table: Table, format: str, language: Language) -> bytes:
    """The same as bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table.{format}"
        export(table, path, format, language)
        return path.read_bytes()
