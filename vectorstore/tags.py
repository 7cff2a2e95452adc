"""What engines with their own ids and filters are given: UUIDs for ids, tags for fields, messages of a size.

A filter asks for nothing but equality, so a digest of field and value says all, on every engine alike: no
sign of a value is ever read as part of an expression, no type is converted, and no length is too long.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from typing import TypeVar

from vectorstore.base import Filter, Metadata, Value
from vectorstore.checks import members

T = TypeVar("T")

_OTHER_IDS = uuid.UUID("5d4c0a52-2f0e-5c43-9a0a-6f6d1a3c8e11")
TAG_LENGTH = 24


def point(id: str) -> str:
    """The UUID that an engine keeps an id under: itself where it is one, as ours are."""
    try:
        known = str(uuid.UUID(id))
    except ValueError:
        known = ""
    return id if known == id else str(uuid.uuid5(_OTHER_IDS, id.encode("utf-8", "surrogatepass").hex()))


def tags(metadata: Metadata) -> list[str]:
    """One for each field."""
    return [_tag(key, value) for key, value in metadata.items()]


def wanted(where: Filter) -> list[list[str]] | None:
    """For each field the tags of which there must be one; None where a field may have no value at all."""
    sets = [[_tag(key, value) for value in _different(members(values))] for key, values in where.items()]
    return sets if all(sets) else None


def parts(rows: Iterable[T], size: Callable[[T], int], most: int, longest: int) -> Iterator[list[T]]:
    """The rows as lists of at most `most`, and of no more than `longest` bytes where that can be."""
    part: list[T] = []
    bytes_ = 0
    for row in rows:
        more = size(row)
        if part and (len(part) == most or bytes_ + more > longest):
            yield part
            part, bytes_ = [], 0
        part.append(row)
        bytes_ += more
    if part:
        yield part


def _different(values: Iterable[Value]) -> list[Value]:
    """Each but once, where 1 and true are two."""
    return list({(type(value), value): value for value in values}.values())


def _tag(key: str, value: Value) -> str:
    """1.0 is 1, because they are equal; true and "1" are not."""
    plain = int(value) if isinstance(value, float) and value.is_integer() else value
    return blake2b(json.dumps([key, plain]).encode(), digest_size=TAG_LENGTH // 2).hexdigest()
