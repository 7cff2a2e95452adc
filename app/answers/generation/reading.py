"""From a JSON object to one that fits the schema: pydantic checks it, strictly; a "5" is no 5."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from app.answers.generation.json_text import Problem, loads
from app.answers.schemas.fields import Field
from app.answers.schemas.nulls import without_absent
from app.answers.schemas.schema import Schema

_MOST_PROBLEMS = 12
_SHOWN_CHARACTERS = 60


def read(text: str, schema: Schema, *, lenient: bool = False) -> dict[str, Any]:
    """The object in `text` as JSON, checked by the schema's own code; fields without a value are left out.

    Args:
        lenient: null is taken for any value that is neither a list nor an object.

    Raises:
        Problem: it is no complete JSON object, or does not fit.
    """
    try:
        given: dict[str, Any] = without_absent(loads(text), schema.json_schema)
        found = schema.model.model_validate_json(json.dumps(given), strict=True, extra="forbid")
    except ValidationError as error:
        wrong = [one for one in error.errors(include_url=False) if not (lenient and _is_null(one))]
        if wrong:
            raise _problem(wrong) from None
        return given
    except Problem:
        raise
    except (ValueError, RecursionError):
        raise Problem("", "the JSON is nested too deeply") from None
    dumped: dict[str, Any] = found.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return as_numbers(dumped, schema.fields)


def as_numbers(given: dict[str, Any], fields: Sequence[Field]) -> dict[str, Any]:
    """With numbers where pydantic writes Decimals as text."""
    known = {field.name: field for field in fields}
    return {name: _number(value, known[name]) if name in known else value for name, value in given.items()}


def _number(value: Any, field: Field) -> Any:
    if isinstance(value, list):
        return [_number(one, field) for one in value]
    if isinstance(value, dict):
        return as_numbers(value, field.fields)
    if field.kind not in ("integer", "number", "money") or not isinstance(value, str):
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _is_null(problem: Mapping[str, Any]) -> bool:
    """Whether what does not fit is a null in the place of a single value."""
    containers = ("model_type", "model_attributes_type", "list_type", "dict_type", "missing")
    return problem["input"] is None and problem["type"] not in containers


def _problem(wrong: Sequence[Any]) -> Problem:
    found = [(".".join(map(str, one["loc"])), f"{one['msg']} (got {_short(one['input'])})") for one in wrong]
    lines = [f"- {field or 'object'}: {cause}" for field, cause in found[:_MOST_PROBLEMS]]
    return Problem(*found[0], lines)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"
