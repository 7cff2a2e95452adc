"""Schemas that are files: those that ship with Docent, and a folder of one's own (`DOCENT_SCHEMA_DIR`)."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from app.answers.schemas.checking import Checked, check_text
from app.answers.schemas.notation import LARGEST_FILE
from app.answers.schemas.problems import Problem, Refused
from app.answers.schemas.schema import Schema

SHIPPED = Path(__file__).with_name("shipped")
SUFFIXES = (".yaml", ".yml", ".json")
MOST_FILES = 300


@cache
def shipped() -> tuple[Schema, ...]:
    """Those that come with Docent, by the names of their files."""
    return tuple(_known(path, "shipped") for path in schema_files(SHIPPED))


def schema_files(folder: Path) -> list[Path]:
    """The files of a folder that may be schemas, by name; what lies in folders below is left out.

    Raises:
        Refused: there is no such folder.
    """
    if not folder.is_dir():
        raise Refused(Problem(code="folder_lost", values={"folder": repr(str(folder))}))
    found = (path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())
    return sorted(path for path in found if not path.name.startswith("."))


def check_file(path: Path) -> Checked:
    """What a file says, or what is wrong with it; its name is the schema's, unless it says another."""
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            return None, (Problem(code="file_large", values={"limit": f"{LARGEST_FILE // 1000}"}),)
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "UTF-8"
        return None, (Problem(code="file_unread", values={"why": str(why)}),)
    return check_text(text, path.stem)


def schema_of(path: Path) -> tuple[Schema | None, tuple[Problem, ...]]:
    """The schema of a file, read again only when it has changed; and what is wrong with it."""
    try:
        known = path.stat()
    except OSError:
        return None, (Problem(code="file_unread", values={"why": "?"}),)
    return _read(path, known.st_mtime_ns, known.st_size)


@lru_cache(maxsize=2 * MOST_FILES)
def _read(path: Path, mtime_ns: int, size: int) -> tuple[Schema | None, tuple[Problem, ...]]:
    definition, problems = check_file(path)
    return (None if definition is None else Schema.of(definition, "file", where=str(path))), problems


def _known(path: Path, source: str) -> Schema:
    definition, problems = check_file(path)
    if definition is None:
        raise ValueError(f"{path.name}: {problems}")
    return Schema.of(definition, source)
