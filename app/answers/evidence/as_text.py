"""An object in words, for reading and for files: one line a value, with the number of what it stands on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_MARK = re.compile(r"\[(\d+)\]")


def as_text(value: Any, marks: Mapping[str, int] | None = None, indent: str = "", path: str = "") -> str:
    """The object; nested lists and objects are indented.

    Args:
        marks: path of a value -> the number of its citation.
    """
    marks = marks or {}
    if isinstance(value, dict):
        lines = (
            _line(f"{indent}- **{name}**:", one, marks, indent, _under(path, name))
            for name, one in value.items()
        )
        return "\n".join(lines)
    if isinstance(value, list):
        return "\n".join(
            _line(f"{indent}-", one, marks, indent, _under(path, n)) for n, one in enumerate(value)
        )
    return f"{indent}{_plain(value)}"


def _under(path: str, name: str | int) -> str:
    return f"{path}.{name}" if path else str(name)


def _line(label: str, value: Any, marks: Mapping[str, int], indent: str, path: str) -> str:
    if isinstance(value, dict | list) and value:
        return f"{label}\n{as_text(value, marks, indent + '  ', path)}"
    mark = f" [{marks[path]}]" if path in marks else ""
    return f"{label} {_plain(value)}{mark}"


def _plain(value: Any) -> str:
    """A value as it stands; what would be read as a mark of a citation is none."""
    return "–" if value is None or value in ([], {}) else _MARK.sub(r"(\1)", str(value))
