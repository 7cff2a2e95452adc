"""The values of an object one by one: each with its path, its field, and the objects that it is in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.answers.schemas.fields import Field

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A single value, or the place of one that is missing.

    Attributes:
        owner: path of the object that it belongs to; () for the whole.
        within: the field of that object, where it is neither the whole nor an item of a list.
    """

    path: Path
    field: Field
    value: Any
    owner: Path
    within: Field | None = None

    @property
    def name(self) -> str:
        return dotted(self.path)


def leaves(
    data: Mapping[str, Any], fields: Sequence[Field], owner: Path = (), within: Field | None = None
) -> Iterator[Leaf]:
    """All values in the schema's order; of an empty list none, of a missing object its place alone."""
    for field in fields:
        yield from _under(data.get(field.name), field, (*owner, field.name), owner, within)
    for name in data:  # of schemas whose fields cannot be told
        if name not in {field.name for field in fields}:
            yield from _untold(data[name], (*owner, name), owner)


def _under(value: Any, field: Field, path: Path, owner: Path, within: Field | None) -> Iterator[Leaf]:
    if isinstance(value, list):
        for n, one in enumerate(value):
            yield from _under(one, field, (*path, n), owner, within)
    elif isinstance(value, dict):
        yield from leaves(value, field.fields, path, None if field.many else field)
    elif not (field.many and value is None):
        yield Leaf(path, field, value, owner, within)


def _untold(value: Any, path: Path, owner: Path) -> Iterator[Leaf]:
    if isinstance(value, list):
        for n, one in enumerate(value):
            yield from _untold(one, (*path, n), owner)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _untold(one, (*path, name), path)
    else:
        yield Leaf(path, Field(str(path[-1]), "any"), value, owner)


def dotted(path: Path) -> str:
    return ".".join(map(str, path))


def without(data: Any, gone: frozenset[Path], path: Path = ()) -> Any:
    """The same with null at these paths."""
    if path in gone:
        return None
    if isinstance(data, dict):
        return {name: without(one, gone, (*path, name)) for name, one in data.items()}
    if isinstance(data, list):
        return [without(one, gone, (*path, n)) for n, one in enumerate(data)]
    return data
