"""What is wrong with a schema: where, what, and the cure, in both languages."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field

from app.language import Language
from app.schemas import Frozen


class Problem(Frozen):
    """What keeps a schema from being used.

    Attributes:
        code: names a text in `problems.yaml`.
        field: names of the field and those above it, such as `items.price`; "" for the schema itself.
        part: what of the field: name, type, pattern, choices, …; a keyword of JSON Schema; "" for all of it.
        at: where the field stands, as in `Definition.walk`; () for the schema itself.
        values: fill the text.
    """

    code: str
    field: str = ""
    part: str = ""
    at: tuple[int, ...] = ()
    values: dict[str, str] = Field(default_factory=dict)


class Refused(ValueError):
    """Something that no schema can be made of, whatever else may be wrong."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem_text(problem, "en"))
        self.problem = problem


def problem_text(problem: Problem, language: Language) -> str:
    """The place, what is wrong there, and what to do."""
    texts = _texts()
    part = texts["parts"].get(problem.part, {}).get(language, problem.part)
    where = ", ".join(filter(None, (_quoted(problem.field), part)))
    said = problem_words(problem, language)
    return f"{where}: {said}" if where else said


def problem_words(problem: Problem, language: Language) -> str:
    """The same without the place, for who shows it there."""
    return str(_texts()["problems"][problem.code][language].format_map(problem.values))


def _quoted(name: str) -> str:
    return f"“{name}”" if name else ""


@cache
def _texts() -> dict[str, Any]:
    path = Path(__file__).with_name("problems.yaml")
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))
