"""What a document says of itself (author, date, tags, …) as names and values to filter by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from ingest.loaders.base import one_line

Metadata = dict[str, tuple[str, ...]]

# A few dozen names serve a filter; longer values are text, and no label.
_MOST_NAMES = 40
_MOST_VALUES = 50
_LONGEST_VALUE = 200
_LONGEST_NAME = 60
_USUAL = {"keywords": "tags", "keyword": "tags", "tag": "tags", "authors": "author", "creator": "author"}
_NO_NAME = re.compile(r"[^\w.-]+")


def collect(pairs: Iterable[tuple[object, object]]) -> Metadata:
    """Scalars, and lists of scalars, by name in lower case; all else is passed over.

    A name that comes twice keeps the values of both. Blanks in a name become "_".
    """
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        key = _name(name)
        if not key or (key not in found and len(found) >= _MOST_NAMES):
            continue
        for text in _values(value):
            known = found.setdefault(key, [])
            if text not in known and len(known) < _MOST_VALUES:
                known.append(text)
    return {key: tuple(values) for key, values in found.items()}


def with_usual_names(metadata: Mapping[str, tuple[str, ...]]) -> Metadata:
    """The same, with one name for what formats call differently."""
    return collect((_USUAL.get(name, name), value) for name, values in metadata.items() for value in values)


def _name(name: object) -> str:
    text = unicodedata.normalize("NFC", one_line(str(name))).lower()
    return _NO_NAME.sub("_", text)[:_LONGEST_NAME].strip("_")


def _values(value: object) -> list[str]:
    values: Iterable[Any] = value if isinstance(value, list | tuple) else [value]
    texts = (unicodedata.normalize("NFC", one_line(scalar(item))) for item in values)
    return [text for text in texts if text and len(text) <= _LONGEST_VALUE]


def scalar(value: object) -> str:
    """A plain value as text: dates in ISO 8601, truth in lower case; empty for anything with parts."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):  # a datetime is a date
        return value.isoformat()
    return str(value) if isinstance(value, str | int | float) else ""
