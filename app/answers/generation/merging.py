"""Objects that were made from parts of the passages, put together: lists joined, each thing once."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.answers.schemas.fields import Field

Object = dict[str, Any]


def merged(parts: Sequence[Object], fields: Sequence[Field]) -> Object:
    """One object of several, in their order.

    Lists hold the items of all parts, and an item that two parts have stands there once; of single values the
    first that is there counts. Items are the same where no value of theirs differs and their first text or
    number is the same; a list within an item is joined.
    """
    whole: Object = {}
    for part in parts:
        whole = _joined(whole, part, fields)
    return whole


def preferring(trusted: Object, other: Object, fields: Sequence[Field]) -> Object:
    """An object with the single values of the first where it has them, and the lists of the second."""
    made = dict(other)
    for field in fields:
        mine, theirs = trusted.get(field.name), other.get(field.name)
        if field.many or _is_empty(mine):
            continue
        if isinstance(mine, dict) and isinstance(theirs, dict):
            mine = preferring(mine, theirs, field.fields)
        made[field.name] = mine
    return made


def _joined(whole: Object, part: Object, fields: Sequence[Field]) -> Object:
    known = {field.name: field for field in fields}
    made = dict(whole)
    for name, value in part.items():
        field = known.get(name)
        mine = made.get(name)
        if field is not None and field.many:
            made[name] = _items(mine or [], value or [], field)
        elif (
            field is not None
            and field.kind == "object"
            and isinstance(mine, dict)
            and isinstance(value, dict)
        ):
            made[name] = _joined(mine, value, field.fields)
        elif _is_empty(mine):
            made[name] = value
    return made


def _items(mine: list[Any], more: list[Any], field: Field) -> list[Any]:
    """The items of both; what stands twice in one of the two is meant to stand there twice."""
    made, free = list(mine), list(range(len(mine)))
    for item in more:
        place = next((n for n in free if _same(mine[n], item, field)), None)
        if place is None:
            made.append(item)
            continue
        free.remove(place)
        if isinstance(item, dict) and isinstance(made[place], dict):
            made[place] = _joined(made[place], item, field.fields)
    return made


def _same(one: Any, other: Any, field: Field) -> bool:
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return bool(normal(one) == normal(other))
    known = {inner.name: inner for inner in field.fields}
    both = [name for name in one if name in other and not (known[name].many if name in known else False)]
    told = [name for name in both if not (_is_empty(one[name]) or _is_empty(other[name]))]
    differ = any(not _agree(one[name], other[name], known.get(name)) for name in told)
    return not differ and _key(one, field.fields) == _key(other, field.fields)


def _agree(one: Any, other: Any, field: Field | None) -> bool:
    if field is not None and field.kind == "object" and isinstance(one, dict):
        return _same(one, other, field)
    return bool(normal(one) == normal(other))


def _key(item: Mapping[str, Any], fields: Sequence[Field]) -> object:
    """What it is told by: its first value; where that is missing, all of it."""
    for value in _values(item, fields):
        return normal(value)
    return None


def _values(item: Mapping[str, Any], fields: Sequence[Field]) -> Iterator[Any]:
    names = [field.name for field in fields if not field.many and field.kind not in ("object", "boolean")]
    return (item[name] for name in names or item if not _is_empty(item.get(name)))


def normal(value: Any) -> Any:
    """What a value is compared by: text without case, width and blanks."""
    if isinstance(value, str):
        return "".join(unicodedata.normalize("NFKC", value).casefold().split())
    if isinstance(value, dict):
        return tuple(sorted((name, normal(one)) for name, one in value.items()))
    return tuple(map(normal, value)) if isinstance(value, list) else value


def _is_empty(value: Any) -> bool:
    return value is None or value == ""
