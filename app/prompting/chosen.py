"""The role, style and examples that an answer is worded by, and the texts that they give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from app.language import Language
from app.prompting.shelf import LIBRARY, Shelf
from app.schemas import PromptChoice, PromptUsed
from prompts import refusal_text
from prompts.library import Kind, Part, names
from prompts.variables import unfenced

if TYPE_CHECKING:
    from app.config import Settings

CHOSEN = (Kind.ROLE, Kind.STYLE, Kind.EXAMPLES)
"""The kinds of which each answer has one."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One part of each kind in `CHOSEN`, in that order, and what their variables are filled with."""

    parts: tuple[Part, ...]
    values: Mapping[str, str] = field(default_factory=dict)

    def words(self, language: Language) -> dict[str, str]:
        """Values for the variables role, style, examples and refusal of the prompt `answer`.

        Raises:
            ConfigurationError: a variable has neither a value nor a default.
        """
        refusal = {"refusal": refusal_text(language)}
        texts = {
            part.kind.value: unfenced(part.filled(language, self.values, refusal)) for part in self.parts
        }
        return texts | refusal

    @property
    def choice(self) -> PromptChoice:
        """What chooses the very same parts again."""
        named = {part.kind.value: _pinned(part) for part in self.parts}
        return PromptChoice(values=dict(self.values), **named)

    @property
    def used(self) -> tuple[PromptUsed, ...]:
        return tuple(map(used, self.parts))


def _pinned(part: Part) -> str:
    return f"{part.name}@{part.version}" if part.version else part.name


def used(part: Part) -> PromptUsed:
    """What an answer's record says of a part."""
    return PromptUsed(kind=part.kind, name=part.name, version=part.version, hash=part.hash)


def chosen(choice: PromptChoice, settings: Settings, shelf: Shelf = LIBRARY) -> Chosen:
    """The parts that a question names, else those that the settings name.

    Raises:
        ConfigurationError: there is no part of such a name.
    """
    named = {kind: getattr(choice, kind) or getattr(settings, kind) for kind in CHOSEN}
    return Chosen(tuple(shelf.find(kind, name) for kind, name in named.items()), choice.values)


@cache
def plain() -> Chosen:
    """The parts of an answer that nobody chose anything for."""
    return Chosen(tuple(LIBRARY.find(kind, names(kind)[0]) for kind in CHOSEN))
