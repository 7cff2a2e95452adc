"""Whether a definition can be used: each problem names its place and the cure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import SchemaError

from app.answers.schemas.definition import (
    DEEPEST,
    LONGEST_FIELD,
    LONGEST_NAME,
    LONGEST_PATTERN,
    LONGEST_TEXT,
    MOST_CHOICES,
    MOST_FIELDS,
    MOST_LABELS,
    Definition,
    FieldDefinition,
)
from app.answers.schemas.from_json_schema import from_json_schema, is_json_schema
from app.answers.schemas.notation import read, written_out
from app.answers.schemas.problems import Problem, Refused

_NAME = re.compile(r"[^\W_](?:[\w -]*\w)?")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_OF_TEXT = ("text", "sentence", "phone", "email", "date")

Checked = tuple[Definition | None, tuple[Problem, ...]]


def check_text(text: str, name: str = "") -> Checked:
    """What a file says: YAML or JSON, a definition or a JSON Schema.

    Args:
        name: of the schema, where the file does not say one.
    """
    try:
        given = read(text)
        given = from_json_schema(given) if is_json_schema(given) else given
    except Refused as error:
        return None, (error.problem,)
    return check({"name": name} | {key: value for key, value in given.items() if value not in ("", None)})


def check(given: Mapping[str, Any]) -> Checked:
    """The definition that these fields make, or None; and all that is wrong with them."""
    if (problem := _oversized(given)) is not None:
        return None, (problem,)
    whole = written_out(given)
    try:
        definition = Definition.model_validate(whole)
    except ValidationError as error:
        return None, tuple(_misfits(error, whole))
    names: dict[tuple[int, ...], str] = {}
    problems = [*_of_schema(definition)]
    for at, field in definition.walk():
        names[at] = f"{names[at[:-1]]}.{field.name}" if len(at) > 1 else field.name
        for problem in _of_field(field):
            problems.append(problem.model_copy(update={"field": names[at], "at": at}))
    problems += _twice(definition.fields, (), "")
    return (None if problems else definition), tuple(problems)


def pattern_problem(pattern: str) -> str:
    """Why a pattern cannot be used; "" for one that can, which then takes no long time on any text."""
    return _pattern_problem(pattern) if len(pattern) <= LONGEST_PATTERN else f"> {LONGEST_PATTERN}"


@lru_cache(maxsize=512)
def _pattern_problem(pattern: str) -> str:
    try:
        TypeAdapter(Annotated[str, Field(pattern=pattern)])
    except SchemaError as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        return lines[-1].removeprefix("error: ").removeprefix("SchemaError: ")
    return ""


# -- as a whole ------------------------------------------------------------------------------------------


def _oversized(given: Mapping[str, Any]) -> Problem | None:
    """More fields or levels than anybody could fill; looked at first, as all else walks through them."""
    level: list[Any] = [given]
    count = 0
    for depth in range(DEEPEST + 2):
        below = [one.get("fields") for one in level if isinstance(one, Mapping)]
        level = [one for fields in below for one in _members(fields)]
        count += len(level)
        if count > MOST_FIELDS:
            return Problem(code="fields_many", values={"limit": str(MOST_FIELDS)})
        if not level:
            return None
        if depth >= DEEPEST:
            return Problem(code="nested_deep", values={"limit": str(DEEPEST)})
    return None


def _members(fields: Any) -> Sequence[Any]:
    if isinstance(fields, Mapping):
        return list(fields.values())
    return fields if isinstance(fields, list | tuple) else ()


def _misfits(error: ValidationError, given: Mapping[str, Any]) -> Iterator[Problem]:
    """What is of another kind than it should be, once for each place."""
    seen = set()
    for one in error.errors(include_url=False):
        at, field, part = _place(one["loc"], given)
        if (at, part) in seen:
            continue
        seen.add((at, part))
        value = str(one["input"])
        value = value if len(value) <= 60 else value[:60] + "…"
        if one["type"] == "extra_forbidden":
            yield Problem(code="key_unknown", field=field, at=at, values={"key": part})
        elif part == "type":
            yield Problem(
                code="type_unknown", field=field, at=at, part=part, values={"value": value, "types": _types()}
            )
        elif part == "name" and one["type"] == "missing":
            yield Problem(code="name_empty" if field or at else "schema_name_empty", at=at, part=part)
        else:
            why = one["msg"].removeprefix("Value error, ")
            yield Problem(code="misfit", field=field, at=at, part=part, values={"value": value, "why": why})


def _place(location: tuple[int | str, ...], given: Any) -> tuple[tuple[int, ...], str, str]:
    """Of a place in the given data the field's place, its names, and the part of it."""
    at: list[int] = []
    names: list[str] = []
    parts = list(location)
    while len(parts) >= 2 and parts[0] == "fields" and isinstance(parts[1], int):
        given = given["fields"][parts[1]]
        at.append(parts[1])
        names.append(str(given.get("name", "?"))[:LONGEST_FIELD] if isinstance(given, Mapping) else "?")
        parts = parts[2:]
    return tuple(at), ".".join(names), str(parts[0]) if parts else ""


def _types() -> str:
    return ", ".join(FieldDefinition.model_fields["type"].annotation.__args__)  # type: ignore[union-attr]


def _of_schema(definition: Definition) -> Iterator[Problem]:
    name = definition.name
    if not name:
        yield Problem(code="schema_name_empty", part="name")
    elif len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        values = {"name": name[:LONGEST_NAME], "limit": str(LONGEST_NAME)}
        yield Problem(code="schema_name_odd", part="name", values=values)
    if not definition.fields:
        yield Problem(code="fields_none", part="fields")
    yield from _long(definition)


def _twice(fields: Sequence[FieldDefinition], above: tuple[int, ...], names: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for i, field in enumerate(fields):
        place = f"{names}.{field.name}" if names else field.name
        if field.name and field.name in seen:
            yield Problem(
                code="name_twice", field=place, part="name", at=(*above, i), values={"name": field.name}
            )
        seen.add(field.name)
        yield from _twice(field.fields, (*above, i), place)


# -- one field -------------------------------------------------------------------------------------------


def _of_field(field: FieldDefinition) -> Iterator[Problem]:
    yield from _name(field.name)
    yield from _choices(field)
    yield from _pattern(field)
    yield from _limits(field)
    yield from _long(field)
    if field.type == "object" and not field.fields:
        yield Problem(code="object_empty", part="fields")
    if field.type != "object" and field.fields:
        yield Problem(code="fields_misplaced", part="type", values={"type": field.type})
    if len(field.labels) > MOST_LABELS or any(len(label) > LONGEST_FIELD for label in field.labels):
        values = {"limit": str(MOST_LABELS), "length": str(LONGEST_FIELD)}
        yield Problem(code="labels_many", part="labels", values=values)


def _name(name: str) -> Iterator[Problem]:
    if not name:
        yield Problem(code="name_empty", part="name")
    elif len(name) > LONGEST_FIELD:
        yield Problem(code="name_long", part="name", values={"limit": str(LONGEST_FIELD)})
    elif "." in name or _CONTROLS.search(name):
        instead = _CONTROLS.sub(" ", name.replace(".", "_"))
        yield Problem(code="name_odd", part="name", values={"name": name, "instead": instead})


def _choices(field: FieldDefinition) -> Iterator[Problem]:
    if field.type != "choice":
        if field.choices:
            yield Problem(code="choices_misplaced", part="type", values={"type": field.type})
        return
    if not field.choices:
        yield Problem(code="choices_none", part="choices")
    elif len(field.choices) > MOST_CHOICES:
        yield Problem(code="choices_many", part="choices", values={"limit": str(MOST_CHOICES)})
    twice = [str(one) for i, one in enumerate(field.choices) if one in field.choices[:i]]
    if twice:
        yield Problem(code="choice_twice", part="choices", values={"choice": twice[0][:60]})


def _pattern(field: FieldDefinition) -> Iterator[Problem]:
    pattern = field.pattern
    if not pattern:
        return
    if field.type not in _OF_TEXT:
        yield Problem(code="pattern_misplaced", part="pattern", values={"type": field.type})
    elif len(pattern) > LONGEST_PATTERN:
        yield Problem(code="pattern_long", part="pattern", values={"limit": str(LONGEST_PATTERN)})
    elif why := pattern_problem(pattern):
        yield Problem(code="pattern", part="pattern", values={"pattern": pattern[:80], "why": why})


def _limits(field: FieldDefinition) -> Iterator[Problem]:
    from app.answers.schemas.definition import LIMITS

    for name in field.limits:
        if field.type not in LIMITS[name]:
            yield Problem(code="limit_misplaced", part=name, values={"limit": name, "type": field.type})
    if not field.many and (field.min_items is not None or field.max_items is not None):
        yield Problem(code="items_misplaced", part="list")
    low = field.minimum if field.minimum is not None else field.exclusive_minimum
    high = field.maximum if field.maximum is not None else field.exclusive_maximum
    pairs = (low, high), (field.min_length, field.max_length), (field.min_items, field.max_items)
    for least, most in pairs:
        if least is not None and most is not None and least > most:
            yield Problem(code="limits_crossed", values={"least": str(least), "most": str(most)})


def _long(of: Definition | FieldDefinition) -> Iterator[Problem]:
    for part, words in (("title", of.title), ("description", of.description)):
        if max(len(words.en), len(words.ko)) > LONGEST_TEXT:
            yield Problem(code="text_long", part=part, values={"limit": str(LONGEST_TEXT)})
