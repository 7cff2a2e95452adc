"""What is varied between the answers to one question, and what each of them is asked with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from app.sampling import SeedMode, draw_seed
from app.ui.options import model_label

if TYPE_CHECKING:
    from app.ui.options import Options
    from app.ui.texts import Texts

FEWEST, MOST = 2, 4
"""How many answers are written side by side."""


class Vary(StrEnum):
    TEMPERATURE = "temperature"
    SEED = "seed"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Plan:
    """One thing that is varied, and its values: temperatures, seeds, or models as in `Options.model`."""

    what: Vary
    values: tuple[float | int | str, ...]

    @property
    def is_ready(self) -> bool:
        return FEWEST <= len(self.values) <= MOST

    def variants(self, options: Options) -> list[Options]:
        """The options of each answer: alike in all else, also in the seed."""
        alike = with_one_seed(options)
        field = str(self.what)
        return [alike.model_copy(update={field: value}) for value in self.values]

    def label(self, say: Texts) -> str:
        """What is varied, in a line."""
        return f"{say(f'variations.{self.what}')}: {' · '.join(value_labels(self.what, self.values, say))}"


def value_labels(what: Vary, values: Sequence[float | int | str], say: Texts) -> list[str]:
    if what is Vary.MODEL:
        return [model_label(str(value), say) for value in values]
    return [f"{value:g}" if isinstance(value, float) else str(value) for value in values]


def with_one_seed(options: Options) -> Options:
    """The same with a seed that all its answers share; one that is left to the model is drawn."""
    seed = options.settled().sampling().seed
    return options.model_copy(
        update={"seed_mode": SeedMode.FIXED, "seed": draw_seed() if seed is None else seed}
    )


def temperatures(written: Sequence[str]) -> tuple[list[float], list[str]]:
    """The temperatures that were written, each once, in order of size, and what is none."""
    good: set[float] = set()
    wrong = []
    for text in written:
        try:
            value = float(text.replace(",", "."))
        except ValueError:
            value = -1.0
        if 0 <= value <= 2:
            good.add(value)
        else:
            wrong.append(text)
    return sorted(good), wrong
