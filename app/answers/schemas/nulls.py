"""Where null fits in a JSON schema, and what is left of an object without the nulls that do not fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

JsonSchema = Mapping[str, Any]

_DEEPEST = 64
_HOPS = 8
_INVALID = object()
"""What has a null where none may be, up to the next thing that may go as a whole."""


def without_absent(given: Any, schema: JsonSchema) -> Any:
    """The object without the nulls that stand for fields that may be left out, and may not be null.

    Raises:
        ValueError: it is nested too deeply.
    """
    return _absent(given, schema, schema, 0)


def _absent(given: Any, schema: JsonSchema, root: JsonSchema, depth: int) -> Any:
    if depth > _DEEPEST:
        raise ValueError("nested too deeply")
    schema = resolved(schema, root)
    if isinstance(given, list):
        return [_absent(one, schema.get("items") or {}, root, depth + 1) for one in given]
    if not isinstance(given, dict):
        return given
    properties: Mapping[str, JsonSchema] = schema.get("properties", {})
    required = schema.get("required", ())
    return {
        name: _absent(value, properties.get(name, {}), root, depth + 1)
        for name, value in given.items()
        if value is not None
        or name not in properties
        or name in required
        or takes_null(properties[name], root)
    }


def without_nulls(given: Any, schema: JsonSchema) -> Any:
    """What is left of an object when all nulls that do not fit are taken away; None if nothing is.

    An item of a list that is null, or has one, goes; an optional field goes, or is null. A required field
    takes the object that it is in with it, up to the next one that may go itself.
    """
    left = _pruned(given, schema, schema, 0)
    return None if left is _INVALID else left


def _pruned(given: Any, schema: JsonSchema, root: JsonSchema, depth: int) -> Any:
    if depth > _DEEPEST:
        return _INVALID
    if given is None:
        return None if takes_null(schema, root) else _INVALID
    inner = resolved(schema, root)
    if isinstance(given, list):
        kept = (_pruned(one, inner.get("items") or {}, root, depth + 1) for one in given if one is not None)
        return [one for one in kept if one is not _INVALID]
    if isinstance(given, dict):
        return _object(given, inner, root, depth)
    return given


def _object(given: Mapping[str, Any], schema: JsonSchema, root: JsonSchema, depth: int) -> Any:
    properties: Mapping[str, JsonSchema] = schema.get("properties", {})
    required = schema.get("required", ())
    made: dict[str, Any] = {}
    for name, value in given.items():
        left = _pruned(value, properties.get(name, {}), root, depth + 1)
        if left is not _INVALID:
            made[name] = left
        elif takes_null(properties.get(name, {}), root):
            made[name] = None
        elif name in required:
            return _INVALID
    return made


def resolved(schema: JsonSchema, root: JsonSchema) -> JsonSchema:
    """Behind references, and the branch that is no null where there is one such."""
    for _ in range(_HOPS):
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


def takes_null(schema: JsonSchema, root: JsonSchema) -> bool:
    """Whether null fits; it does where a schema says nothing of types."""
    for _ in range(_HOPS):
        if "$ref" not in schema:
            break
        name = str(schema["$ref"]).rsplit("/", 1)[-1]
        schema = root.get("$defs", {}).get(name, {"type": "object"})
    branches = schema.get("anyOf") or schema.get("oneOf") or ()
    kind = schema.get("type")
    told = branches or kind or {"enum", "const", "allOf", "$ref", "properties"} & schema.keys()
    return (
        not told
        or any(one.get("type") == "null" for one in branches)
        or kind == "null"
        or (isinstance(kind, list) and "null" in kind)
        or None in schema.get("enum", ())
    )
