"""JSON as readable "key: value" lines; records with `text`, in a list or one a line, as one document each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.errors import DocumentError
from ingest.loaders.base import Block, SourceDocument, one_line, paragraphs, title_from_name, without_text
from ingest.loaders.encoding import read_text
from ingest.loaders.metadata import Metadata, collect


def read(path: Path) -> Iterator[SourceDocument]:
    """A list of records with `text` is as many documents.

    All else is one: each item of an outer list, or each key of an outer object, is a block.
    """
    try:
        value = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise DocumentError(
            f"{path.name}, line {error.lineno}: not valid JSON ({error.msg}); mend it there."
        ) from None
    except RecursionError:
        raise DocumentError(f"{path.name} is nested too deeply to be read: flatten it.") from None
    if isinstance(value, list) and value and all(map(_has_text, value)):
        yield from _records(path, ((f"item {number}", item) for number, item in enumerate(value, 1)))
    elif isinstance(value, dict):
        document = _values(path, [{name: inner} for name, inner in value.items()])
        yield replace(document, metadata=_metadata(value))
    else:
        yield _values(path, value if isinstance(value, list) else [value])


def read_lines(path: Path) -> Iterator[SourceDocument]:
    """Records with `text` (and perhaps `id` and `title`); else all lines as the values of one document."""
    records = list(_lines(path))
    if not records:
        raise without_text(path)
    if not _has_text(records[0][1]):
        yield _values(path, [value for _, value in records])
        return
    for number, value in records:
        if not _has_text(value):
            raise DocumentError(
                f'{path.name}, line {number}: no "text" as in the lines before; add it, or remove the line.'
            )
    yield from _records(path, ((f"line {number}", value) for number, value in records))


def _records(path: Path, records: Iterable[tuple[str, dict[str, Any]]]) -> Iterator[SourceDocument]:
    """Documents of (where it stands, the record)."""
    seen: dict[str, str] = {}
    for place, value in records:
        identifier = str(value["id"]) if value.get("id") is not None else None
        if identifier is not None and seen.setdefault(identifier, place) != place:
            raise DocumentError(
                f"{path.name}, {place}: id {identifier!r} is on {seen[identifier]} too; change one."
            )
        title = value.get("title")
        yield SourceDocument(
            one_line(title) if isinstance(title, str) else "",
            list(paragraphs(value["text"])),
            record_id=identifier,
            metadata=_metadata(value),
        )


def _metadata(value: dict[str, Any]) -> Metadata:
    """Scalar fields, and those of a field `metadata`; id, title and text have places of their own."""
    inner = value.get("metadata")
    fields = {**(inner if isinstance(inner, dict) else {}), **value}
    return collect((name, item) for name, item in fields.items() if name not in ("id", "title", "text"))


def _has_text(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("text"), str)


def _lines(path: Path) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (json.JSONDecodeError, RecursionError) as error:
                raise DocumentError(
                    f"{path.name}, line {number}: not valid JSON ({error}); mend or remove the line."
                ) from None


def _values(path: Path, items: list[Any]) -> SourceDocument:
    blocks = [Block(text, "list") for item in items if (text := "\n".join(_flat(item, "")))]
    if not blocks:
        raise without_text(path)
    return SourceDocument(title_from_name(path), blocks)


def _flat(value: object, key: str) -> Iterator[str]:
    """Lines "outer.inner: value"; a list of plain values is one line."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(inner, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for item in value:
            yield from _flat(item, key)
    else:
        text = ", ".join(map(_scalar, value)) if isinstance(value, list) else _scalar(value)
        if text:
            yield f"{key}: {text}" if key else text


def _scalar(value: object) -> str:
    return "" if value is None else value.strip() if isinstance(value, str) else json.dumps(value)
