"""A prompt of somebody's own, checked before it is kept: each problem names its place and the cure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from app.errors import UsageError
from app.language import Language
from prompts import variables
from prompts.library import BUILT_IN, Kind, Part, fields, names

LONGEST_NAME, LONGEST_TEXT, MOST_VARIABLES = 60, 8000, 20

_NAME = re.compile(r"[^\W_](?:[\w -]*\w)?")


class Problem(BaseModel):
    """What keeps a prompt from being kept.

    Attributes:
        code: names a text in `problems.yaml`.
        place: the field that it is in: name, kind, title, text, text_ko, variables, front.
        values: fill the text.
    """

    model_config = ConfigDict(frozen=True)

    code: str
    place: str
    values: dict[str, str] = {}


def check(given: Mapping[str, Any]) -> tuple[Part | None, tuple[Problem, ...]]:
    """The part that these fields make, or None; and all that is wrong with them.

    Args:
        given: the fields of `Part`, as they were typed or read from a file.
    """
    try:
        part = Part.model_validate({**given, "version": None})
    except ValidationError as error:
        return None, tuple(_field_problems(error))
    found = (*_name_problems(part), *_text_problems(part), *_variable_problems(part))
    return (None if found else part), found


def read(markdown: str) -> Part:
    """A part from its file.

    Raises:
        UsageError: something is wrong with it; the message has a line for each problem.
    """
    part, found = check_file(markdown)
    if part is None:
        raise UsageError("\n".join(problem_text(one, "en") for one in found))
    return part


def check_file(markdown: str) -> tuple[Part | None, tuple[Problem, ...]]:
    """The same as `check` for the text of a file."""
    try:
        given = fields(markdown)
    except ValueError as error:
        return None, (Problem(code="front", place="front", values={"why": str(error)}),)
    return check(given)


def problem_text(problem: Problem, language: Language) -> str:
    """The place, what is wrong there, and what to do."""
    texts = _texts()
    place = texts["places"][problem.place][language]
    return f"{place}: {texts['problems'][problem.code][language].format_map(problem.values)}"


@cache
def _texts() -> dict[str, Any]:
    path = Path(__file__).with_name("problems.yaml")
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def _field_problems(error: ValidationError) -> Iterator[Problem]:
    for one in error.errors(include_url=False):
        field = ".".join(str(part) for part in one["loc"]) or "?"
        if one["loc"][:1] == ("kind",):
            yield Problem(code="kind_unknown", place="kind", values={"kinds": ", ".join(Kind)})
        elif one["type"] == "missing" and field == "name":
            yield Problem(code="name_empty", place="name")
        else:
            why = one["msg"].removeprefix("Value error, ")
            yield Problem(code="field_wrong", place="front", values={"field": field, "why": why})


def _name_problems(part: Part) -> Iterator[Problem]:
    name = part.name
    if not name.strip():
        yield Problem(code="name_empty", place="name")
    elif len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        yield Problem(code="name_odd", place="name", values={"name": name[:LONGEST_NAME]})
    elif name in names(part.kind):
        yield Problem(code="name_taken", place="name", values={"name": name, "instead": f"my {name}"})
    if not (part.title.en.strip() and part.title.ko.strip()):
        yield Problem(code="title_empty", place="title")


def _texts_of(part: Part) -> Iterator[tuple[str, str]]:
    yield "text", part.text.en
    if part.text.ko != part.text.en:
        yield "text_ko", part.text.ko


def _text_problems(part: Part) -> Iterator[Problem]:
    for place, text in _texts_of(part):
        if not text.strip():
            yield Problem(code="text_empty", place=place)
        if len(text) > LONGEST_TEXT:
            size = {"size": f"{len(text):,}", "limit": f"{LONGEST_TEXT:,}"}
            yield Problem(code="text_long", place=place, values=size)
        if "\n---\n" in f"\n{text}\n":
            yield Problem(code="text_parted", place=place)
        good, odd = variables.slots(text)
        for slot in odd:
            yield Problem(code="braces", place=place, values={"piece": slot.piece, "line": str(slot.line)})
        for slot in {one.name: one for one in reversed(good)}.values():
            if slot.name not in part.variables and slot.name not in BUILT_IN[part.kind]:
                yield _unknown(part, place, slot)


def _unknown(part: Part, place: str, slot: variables.Slot) -> Problem:
    known = [*part.variables, *BUILT_IN[part.kind]]
    close = difflib.get_close_matches(slot.name, known, n=1)
    values = {"name": slot.name, "line": str(slot.line), "near": close[0] if close else ""}
    return Problem(code="variable_typo" if close else "variable_unknown", place=place, values=values)


def _variable_problems(part: Part) -> Iterator[Problem]:
    if len(part.variables) > MOST_VARIABLES:
        yield Problem(code="variables_many", place="variables", values={"limit": str(MOST_VARIABLES)})
    for name in part.variables:
        if not name.isidentifier():
            yield Problem(code="variable_odd", place="variables", values={"name": name})
        elif name in BUILT_IN[part.kind]:
            yield Problem(code="variable_built_in", place="variables", values={"name": name})
        else:
            lacking = [
                place
                for place, text in _texts_of(part)
                if name not in {slot.name for slot in variables.slots(text)[0]}
            ]
            for place in lacking:
                yield Problem(code="variable_missing", place=place, values={"name": name})
