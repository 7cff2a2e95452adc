"""What exports say, in the language of the file; see `words.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from app.language import Language


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language; call it with a key and what its placeholders name."""

    language: Language

    def __call__(self, key: str, **values: object) -> str:
        return table()[key][self.language].format(**values)

    def field(self, name: str) -> str:
        """How a field of a typed answer is called."""
        key = f"field_{name}"
        return self(key) if key in table() else name.replace("_", " ")


@cache
def table() -> dict[str, dict[str, str]]:
    """Key -> language -> text."""
    return dict(yaml.safe_load(Path(__file__).with_name("words.yaml").read_text(encoding="utf-8")))
