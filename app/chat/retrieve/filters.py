"""Filters as the indexes take them: what is no equality there is resolved to ids by the catalogue."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from pathlib import PurePath, PurePosixPath
from typing import TYPE_CHECKING, TypeVar

from app.chat.retrieve.query import Where, file_type, period
from vectorstore.base import Filter, Value

if TYPE_CHECKING:
    from ingest.catalog import FileRecord
    from ingest.collection import Collection

T = TypeVar("T")

_PUSHED = ("page", "file_id", "document_id")


def resolve(where: Where, collection: Collection) -> Filter | None:
    """The filter with the fields that both indexes have; None when nothing in the collection can match.

    - `page`, `file_id` and `document_id` stand in the indexes.
    - `source` is a path below the indexed folder, the end of one, or a file's name with or without its
      suffix; `folder` is any folder on the way to it; `*` and `?` stand for other letters, and case does
      not matter. Together with `type` and the dates, they become the ids of files.
    - `title` and `record` become the ids of documents.
    - Dates are those of the files' last change: `after` includes its day, `before` does not.
    """
    pushed: dict[str, list[Value]] = {name: list(where[name]) for name in _PUSHED if name in where}
    if where.keys() & _FILE_TESTS.keys():
        records = collection.records()
        found = [record.id for record in records if _fits(record, where, _FILE_TESTS)]
        _narrow(pushed, "file_id", found, len(records))
    if where.keys() & _DOCUMENT_TESTS.keys():
        names = collection.document_names()
        found = [name[0] for name in names if _fits(name, where, _DOCUMENT_TESTS)]
        _narrow(pushed, "document_id", found, len(names))
    return pushed if all(pushed.values()) else None


def _narrow(pushed: dict[str, list[Value]], name: str, found: list[str], total: int) -> None:
    """Keep to the ids that were found; where that is all of them, an index need not look at any."""
    if found and len(found) == total:
        return
    given = pushed.get(name)
    pushed[name] = [id_ for id_ in found if given is None or id_ in given]


def _fits(thing: T, where: Where, tests: Mapping[str, Callable[[T, str], bool]]) -> bool:
    return all(
        any(test(thing, str(value)) for value in where[name]) for name, test in tests.items() if name in where
    )


def _is_source(record: FileRecord, wanted: str) -> bool:
    path = PurePosixPath(_folded(record.source))
    ends = ["/".join(path.parts[start:]) for start in range(len(path.parts))]
    return any(_like(end, wanted) for end in (*ends, path.stem))


def _in_folder(record: FileRecord, wanted: str) -> bool:
    root = PurePath(record.root).name if record.root != record.path else ""
    above = [part for part in (_folded(root), *PurePosixPath(_folded(record.source)).parts[:-1]) if part]
    runs = ("/".join(above[i:j]) for i in range(len(above)) for j in range(i + 1, len(above) + 1))
    return any(_like(run, wanted) for run in runs)


def _is_type(record: FileRecord, wanted: str) -> bool:
    return file_type(record.source) == wanted


def _is_of(record: FileRecord, wanted: str) -> bool:
    begin, end = period(wanted)
    return begin.timestamp() <= record.mtime_ns / 1e9 < end.timestamp()


def _is_after(record: FileRecord, wanted: str) -> bool:
    return record.mtime_ns / 1e9 >= period(wanted)[0].timestamp()


def _is_before(record: FileRecord, wanted: str) -> bool:
    return record.mtime_ns / 1e9 < period(wanted)[0].timestamp()


def _has_title(names: tuple[str, str, str | None], wanted: str) -> bool:
    return _like(_folded(names[1]), wanted)


def _is_record(names: tuple[str, str, str | None], wanted: str) -> bool:
    return names[2] is not None and _like(_folded(names[2]), wanted)


def _like(text: str, wanted: str) -> bool:
    return fnmatchcase(text, wanted.replace("[", "[[]"))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


_FILE_TESTS: Mapping[str, Callable[[FileRecord, str], bool]] = {
    "source": _is_source,
    "folder": _in_folder,
    "type": _is_type,
    "date": _is_of,
    "after": _is_after,
    "before": _is_before,
}
_DOCUMENT_TESTS: Mapping[str, Callable[[tuple[str, str, str | None], str], bool]] = {
    "title": _has_title,
    "record": _is_record,
}
