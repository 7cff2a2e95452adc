"""Paths of values within an object, such as `약.0.성분명`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any


def value_at(data: Any, path: str) -> Any:
    """What stands there; None where nothing does."""
    for part in _parts(data, path):
        if isinstance(data, Mapping):
            data = data.get(part)
        elif isinstance(data, list) and part.isdecimal() and int(part) < len(data):
            data = data[int(part)]
        else:
            return None
    return data


def with_values(data: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """A copy with other values at these paths; a path that leads nowhere changes nothing."""
    changed = deepcopy(dict(data))
    for path, value in values.items():
        *above, last = _parts(changed, path)
        holder = value_at(changed, ".".join(above)) if above else changed
        if isinstance(holder, dict):
            holder[last] = value
        elif isinstance(holder, list) and last.isdecimal() and int(last) < len(holder):
            holder[int(last)] = value
    return changed


def is_within(path: str, outer: str) -> bool:
    """Whether a path is another one, or leads into it."""
    return path == outer or path.startswith(f"{outer}.")


def leaves(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """All values with their paths."""
    if isinstance(data, Mapping):
        for name, value in data.items():
            yield from leaves(value, f"{path}.{name}" if path else str(name))
    elif isinstance(data, list):
        for place, value in enumerate(data):
            yield from leaves(value, f"{path}.{place}")
    else:
        yield path, data


def _parts(data: Any, path: str) -> list[str]:
    """The path cut at its dots; a field's name may have dots itself."""
    if isinstance(data, Mapping) and path in data:
        return [path]
    return path.split(".")
