"""Generations of a collection: whole ones side by side, and a small note that says which one serves.

The note is replaced at once, so every reader sees the one or the other; generations that it does not name are
left-overs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self

NAME = re.compile(r"generation-(\d{1,9})")
FIRST = ""
"""A collection in files has its first generation in its own folder, as before there were several."""


@dataclass(frozen=True, slots=True)
class Generations:
    """Names of generations: `FIRST`, or "generation-2".

    Attributes:
        current: the one that serves.
        previous: the one before the last switch; None where it was forgotten or there was none.
        next: one that is being built for another embedding model.
        behind: the current one was restored, and does not yet know what changed since it was left.
        made: the highest number that was given; no name is given twice, for somebody may have it open.
    """

    current: str = FIRST
    previous: str | None = None
    next: str | None = None
    behind: bool = False
    made: int = 1

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """What was noted.

        Raises:
            ValueError, TypeError: these are no generations.
        """
        found = cls(**values)
        for name in found.named:
            if name != FIRST and not NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no generation")
        return found

    def values(self) -> dict[str, Any]:
        """What is to be noted."""
        state = replace(self, made=max([self.made, *numbers(self.named)]))
        return {field.name: getattr(state, field.name) for field in fields(state)}

    @property
    def named(self) -> set[str]:
        return {name for name in (self.current, self.previous, self.next) if name is not None}

    def new_name(self, there: Iterable[str]) -> str:
        """A name that no generation has or had; `there` are those that exist."""
        return f"generation-{max([self.made, *numbers({*self.named, *there})]) + 1}"


def numbers(names: Iterable[str]) -> list[int]:
    return [int(match[1]) for name in names if (match := NAME.fullmatch(name))]
