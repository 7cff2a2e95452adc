"""How freely a model chooses its words: presets by name, and the seeds that it begins with."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum

from app.errors import UsageError
from app.schemas import Sampling

# Up to here every server reads a seed, and JavaScript and databases keep it exactly.
LARGEST_SEED = 2**31 - 1


class SeedMode(StrEnum):
    """Where a seed comes from: the user, a draw for each question, or one for each conversation."""

    FIXED = "fixed"
    RANDOM = "random"
    CONVERSATION = "conversation"


@dataclass(frozen=True, slots=True)
class Preset:
    """Values that go together.

    Attributes:
        korean: its name in Korean, in one word.
    """

    name: str
    korean: str
    temperature: float
    top_p: float

    def matches(self, temperature: float | None, top_p: float | None) -> bool:
        """Whether these are its values; `top_p` None, which the server decides, is taken for 1."""
        return (temperature, 1.0 if top_p is None else top_p) == (self.temperature, self.top_p)


PRESETS = {
    preset.name: preset
    for preset in (
        Preset("precise", "정확하게", 0.0, 1.0),
        Preset("balanced", "균형있게", 0.5, 0.95),
        Preset("creative", "창의적으로", 1.0, 1.0),
    )
}


def preset_of(temperature: float | None, top_p: float | None) -> Preset | None:
    """The preset that has these values; None for values of one's own."""
    return next((one for one in PRESETS.values() if one.matches(temperature, top_p)), None)


def preset(name: str) -> Preset:
    """The preset with this English or Korean name.

    Raises:
        UsageError: there is none.
    """
    wanted = "".join(name.split()).casefold()
    for one in PRESETS.values():
        if wanted in (one.name, one.korean):
            return one
    known = ", ".join(f"{one.name} ({one.korean})" for one in PRESETS.values())
    raise UsageError(f"There is no preset {name!r}. Choose one of {known}.")


def with_preset(sampling: Sampling, name: str | None) -> Sampling:
    """What `sampling` leaves open, filled in by the preset with this name.

    Raises:
        UsageError: see `preset`.
    """
    if name is None:
        return sampling
    chosen = preset(name)
    values = {"temperature": chosen.temperature, "top_p": chosen.top_p}
    return sampling.model_copy(update={**values, **sampling.model_dump(exclude_none=True)})


def draw_seed() -> int:
    """A seed that nobody chose, to be kept with what it is used for."""
    return secrets.randbelow(LARGEST_SEED) + 1


def draw_seeds(count: int) -> tuple[int, ...]:
    """So many seeds, all of them different."""
    found: dict[int, None] = {}
    while len(found) < count:
        found[draw_seed()] = None
    return tuple(found)
