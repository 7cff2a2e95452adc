"""Filters as the indexes take them: what is no equality there is resolved to ids by the catalogue."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from fnmatch import translate
from functools import lru_cache
from pathlib import PurePath
from typing import TYPE_CHECKING

from app.chat.retrieve.names import meant, places
from app.chat.retrieve.query import FIELDS, Where, file_type, period
from vectorstore.base import Filter, Value

if TYPE_CHECKING:
    from ingest.catalog import DocumentName, FileRecord
    from ingest.collection import Collection as Documents

_PUSHED = ("page", "file_id", "document_id")
_DATES = ("date", "after", "before")


def resolve(where: Where, collection: Documents) -> Filter | None:
    """The filter with fields that the collection knows; None when nothing in it can match.

    - `file_id` and `document_id` stand in the indexes; `page` is one on which a passage begins or ends.
    - `source` is a path below the indexed folder, the end of one, or a file's name with or without its
      suffix; `folder` is any folder on the way to it; `*` and `?` stand for other letters, and case does
      not matter. Together with `type`, they become the ids of files.
    - `mention` is the name of one file or folder; see `app.chat.retrieve.names.meant`.
    - Dates are those that documents name for their last change, else those of their files: `after` includes
      its day, `before` does not. They become ids of files, or of documents where these have dates of their
      own; so do `title`, `record` and what documents say of themselves (`author`, `tags`, …).
    - `heading` becomes the paths of headings that have it.

    Raises:
        MentionError: a mention means no file, or several.
    """
    pushed: dict[str, list[Value]] = {name: list(where[name]) for name in _PUSHED if name in where}
    for name, found, total in _found(where, collection):
        _narrow(pushed, name, found, total)
    return pushed if all(pushed.values()) else None


def _found(where: Where, collection: Documents) -> Iterator[tuple[str, Sequence[str], int]]:
    """Field by field: what it is pushed down as, the values that fit, and how many there are in all."""
    if where.keys() & _FILE_TESTS.keys():
        records = collection.records()
        yield "file_id", [record.id for record in records if _fits(record, where)], len(records)
    if "mention" in where:
        known = places(collection)
        ids = [id_ for name in where["mention"] for id_ in meant(str(name), known).ids]
        yield "file_id", list(dict.fromkeys(ids)), len(collection.records())
    of_files = {*_FILE_TESTS, *_PUSHED, "mention"}
    names = collection.document_names() if where.keys() - of_files else []
    if where.keys() & set(_DATES):
        yield from _dated(where, collection.records(), names)
    for field, test in (("title", _has_title), ("record", _is_record)):
        if field in where:
            fitting = [one.id for one in names if any(test(one, str(value)) for value in where[field])]
            yield "document_id", fitting, len(names)
    for field in where.keys() - set(FIELDS):
        said = _saying(collection.fields().get(field, ()), where[field])
        yield "document_id", collection.documents_with(field, said), len(names)
    if "heading" in where:
        paths = collection.heading_paths()
        fitting = [path for path in paths if _saying(json.loads(path), where["heading"])]
        yield "heading", fitting, len(paths)


def _narrow(pushed: dict[str, list[Value]], name: str, found: Sequence[str], total: int) -> None:
    """Keep to the ids that were found; where that is all of them, an index need not look at any."""
    if found and len(found) == total:
        return
    given = set(pushed[name]) if name in pushed else None
    pushed[name] = [id_ for id_ in found if given is None or id_ in given]


# -- files ---------------------------------------------------------------------------------------------


def files_named(records: Sequence[FileRecord], where: Mapping[str, Sequence[Value]]) -> list[FileRecord]:
    """The files that `source`, `folder` and `type` name, as in `resolve`."""
    wanted = {name: tuple(_folded(str(value)) for value in values) for name, values in where.items()}
    return [record for record in records if _fits(record, wanted)]


def _fits(record: FileRecord, where: Where) -> bool:
    return all(
        any(test(record, str(value)) for value in where[name])
        for name, test in _FILE_TESTS.items()
        if name in where
    )


def _is_source(record: FileRecord, wanted: str) -> bool:
    path = _folded(record.source)
    stem = path.rpartition("/")[2].rpartition(".")[0]
    return _like(path, wanted) or _like(stem, wanted) or _pattern(f"*/{wanted}").match(path) is not None


def _in_folder(record: FileRecord, wanted: str) -> bool:
    root = PurePath(record.root).name if record.root != record.path else ""
    above = f"/{root}/{record.source.rpartition('/')[0]}/"
    return _pattern(f"*/{wanted}/*").match(_folded(above)) is not None


def _is_type(record: FileRecord, wanted: str) -> bool:
    return file_type(record.source) == wanted


_FILE_TESTS: Mapping[str, Callable[[FileRecord, str], bool]] = {
    "source": _is_source,
    "folder": _in_folder,
    "type": _is_type,
}


# -- dates ---------------------------------------------------------------------------------------------


def _dated(
    where: Where, records: Sequence[FileRecord], names: Sequence[DocumentName]
) -> Iterator[tuple[str, Sequence[str], int]]:
    of_files = {record.id for record in records if _is_of(record.mtime_ns / 1e9, where)}
    if not any(one.dated for one in names):
        yield "file_id", [record.id for record in records if record.id in of_files], len(records)
        return
    days = {day: _is_of(period(day)[0].timestamp(), where) for one in names if (day := one.dated)}
    fitting = [one.id for one in names if (days[one.dated] if one.dated else one.file_id in of_files)]
    yield "document_id", fitting, len(names)


def _is_of(moment: float, where: Where) -> bool:
    """Whether a moment, in seconds since 1970, is on one of the days that each filter on dates names."""
    return all(
        any(_DATE_TESTS[name](moment, *period(str(value))) for value in where[name])
        for name in _DATES
        if name in where
    )


_DATE_TESTS: Mapping[str, Callable[[float, datetime, datetime], bool]] = {
    "date": lambda moment, begin, end: begin.timestamp() <= moment < end.timestamp(),
    "after": lambda moment, begin, _: moment >= begin.timestamp(),
    "before": lambda moment, begin, _: moment < begin.timestamp(),
}


# -- documents -----------------------------------------------------------------------------------------


def _has_title(document: DocumentName, wanted: str) -> bool:
    return _like(_folded(document.title), wanted)


def _is_record(document: DocumentName, wanted: str) -> bool:
    return document.record_id is not None and _like(_folded(document.record_id), wanted)


def _saying(texts: Collection[str], wanted: Sequence[Value]) -> list[str]:
    """Those texts that are one of the wanted values, or have it among their words."""
    patterns = [str(value) for value in wanted]
    return [text for text in texts if any(_says(_folded(text), pattern) for pattern in patterns)]


def _says(text: str, wanted: str) -> bool:
    return _like(text, wanted) or f" {wanted} " in f" {_NO_WORD.sub(' ', text)} "


# -- texts ---------------------------------------------------------------------------------------------

# What stands between words; an e-mail address and a version number are one word.
_NO_WORD = re.compile(r"[^\w@.+-]+")


def _like(text: str, wanted: str) -> bool:
    return text == wanted or _pattern(wanted).match(text) is not None


@lru_cache(maxsize=256)
def _pattern(wanted: str) -> re.Pattern[str]:
    """The whole of a text, where `*` and `?` stand for other letters."""
    return re.compile(translate(wanted.replace("[", "[[]")))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
