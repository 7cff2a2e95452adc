"""From a JSON object to one that fits the schema: pydantic checks it, strictly; a "5" is no 5."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from app.answers.generation.json_text import Problem, loads

_MOST_PROBLEMS = 12
_SHOWN_CHARACTERS = 60
_Schema = Mapping[str, Any]


def read(text: str, model: type[BaseModel], schema: _Schema, *, lenient: bool = False) -> dict[str, Any]:
    """The object in `text` as JSON, checked by the schema's own code; fields without a value are left out.

    Args:
        schema: the model's JSON schema.
        lenient: null is taken for any value that is neither a list nor an object.

    Raises:
        Problem: it is no complete JSON object, or does not fit.
    """
    given: dict[str, Any] = without_absent(loads(text), schema)
    try:
        found = model.model_validate_json(json.dumps(given), strict=True, extra="forbid")
    except ValidationError as error:
        wrong = [one for one in error.errors(include_url=False) if not (lenient and _is_null(one, given))]
        if wrong:
            raise _problem(wrong) from None
        return given
    except RecursionError:
        raise Problem("", "the JSON is nested too deeply") from None
    dumped: dict[str, Any] = found.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return dumped


def without_absent(given: Any, schema: _Schema, root: _Schema | None = None, depth: int = 0) -> Any:
    """The object without the nulls that stand for fields that may be left out, and may not be null."""
    root = schema if root is None else root
    schema = _resolved(schema, root)
    if depth > 64:
        raise Problem("", "the JSON is nested too deeply")
    if isinstance(given, list):
        items = schema.get("items") or {}
        return [without_absent(one, items, root, depth + 1) for one in given]
    if not isinstance(given, dict):
        return given
    properties: Mapping[str, _Schema] = schema.get("properties", {})
    required = schema.get("required", ())
    return {
        name: without_absent(value, properties.get(name, {}), root, depth + 1)
        for name, value in given.items()
        if not (value is None and name in properties and name not in required)
        or _takes_null(properties[name], root)
    }


def _resolved(schema: _Schema, root: _Schema) -> _Schema:
    """Behind references, and the branch that is no null where there is one such."""
    for _ in range(8):
        if "$ref" in schema:
            name = str(schema["$ref"]).rsplit("/", 1)[-1]
            schema = root if schema["$ref"] == "#" else root.get("$defs", {}).get(name, {})
            continue
        branches = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf") or ()
        wanted = [one for one in branches if one.get("type") != "null"]
        if len(wanted) != 1:
            break
        schema = wanted[0]
    return schema


def _takes_null(schema: _Schema, root: _Schema) -> bool:
    branches = schema.get("anyOf") or schema.get("oneOf") or ()
    kind = schema.get("type")
    return (
        any(one.get("type") == "null" for one in branches)
        or kind == "null"
        or (isinstance(kind, list) and "null" in kind)
        or None in schema.get("enum", ())
        or not (branches or kind or "$ref" in schema or "enum" in schema or "allOf" in schema)
    )


def _is_null(problem: Any, given: object) -> bool:
    """Whether what does not fit is a null in the place of a single value, or of one that was left out."""
    if problem["input"] is not None:
        return False
    return problem["type"] not in ("model_type", "list_type", "dict_type", "missing")


def _problem(wrong: list[Any]) -> Problem:
    found = [(".".join(map(str, one["loc"])), f"{one['msg']} (got {_short(one['input'])})") for one in wrong]
    lines = [f"- {field or 'object'}: {cause}" for field, cause in found[:_MOST_PROBLEMS]]
    return Problem(*found[0], lines)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"
