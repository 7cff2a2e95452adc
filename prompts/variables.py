"""Named variables in a text, such as `{topic}`: found with their lines, filled without being read again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}\n]*)\}|[{}]")


class Slot(NamedTuple):
    """A place of a text with braces: what stands between them, and the line, from 1."""

    name: str
    line: int
    piece: str


def slots(text: str) -> tuple[list[Slot], list[Slot]]:
    """The variables of a text in order, and what looks like one and is none.

    Only plain names are variables: a name with a dot or an index could reach into objects.
    """
    good: list[Slot] = []
    odd: list[Slot] = []
    for match in _PIECE.finditer(text):
        if match[0] in ("{{", "}}"):
            continue
        name = match[1] or ""
        found = Slot(name, text.count("\n", 0, match.start()) + 1, match[0])
        (good if name.isidentifier() else odd).append(found)
    return good, odd


def names(text: str) -> set[str]:
    """The variables of a text.

    Raises:
        ValueError: braces stand in it that are none; the message names them and their line.
    """
    good, odd = slots(text)
    if odd:
        piece = odd[0].piece
        raise ValueError(
            f"'{piece}' in line {odd[0].line} is no variable; write {{{{ and }}}} for plain braces"
        )
    return {slot.name for slot in good}


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its variables filled; what stands in a value is never taken as a variable."""

    def filled(match: re.Match[str]) -> str:
        return match[0][0] if match[0] in ("{{", "}}") else values[match[1]]

    return squeeze(_PIECE.sub(filled, text))


def squeeze(text: str) -> str:
    """Without the empty lines that empty variables leave behind."""
    lines = text.strip().split("\n")
    return "\n".join(line for n, line in enumerate(lines) if line.strip() or lines[n - 1].strip())


# The fence around passages, and the marks by which models tell who speaks.
_FENCE = re.compile(r"<(?=\s*/?\s*passage\b)|<(?=\|)", re.IGNORECASE)


def unfenced(text: str) -> str:
    """A text that cannot close the fence around passages, nor begin one."""
    return _FENCE.sub("‹", text)
