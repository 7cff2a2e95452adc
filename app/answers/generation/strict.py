"""A JSON schema as strict modes take it: every field required, none beside them, no keyword they refuse."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.llm.forms import Shape

_Schema = Mapping[str, Any]

# What every strict mode knows; other keywords say more than it can hold a model to, and pydantic checks them.
_KEPT = ("type", "description", "enum", "$ref", "anyOf", "items", "properties")
_LONGEST_NAME = 64
# Schemas that people write may nest for ever.
_DEEPEST = 32


def shape_of(name: str, schema: _Schema, *, lenient: bool = False) -> Shape:
    """What a server is asked for; in no strict mode where that cannot say what the schema says.

    Args:
        lenient: each value may be null, also where the schema has no null.
    """
    if (strict := strict_schema(schema, lenient=lenient)) is not None:
        return Shape(_name(name), strict)
    return Shape(_name(name), dict(schema), strict=False)


def strict_schema(schema: _Schema, *, lenient: bool = False) -> dict[str, Any] | None:
    """The schema for strict modes; None where it has maps with any keys, or values of any type.

    Optional fields may be null there: strict modes know none that is left out. What a default, a pattern, a
    format or a limit would say stays in the schema that the prompt holds.
    """
    definitions = schema.get("$defs") or schema.get("definitions") or {}
    if "$ref" in schema:  # as of one that refers to itself
        schema = definitions.get(str(schema["$ref"]).rsplit("/", 1)[-1], {})
    try:
        made = _Strict(lenient).of(schema, 0)
        inner = {name: _Strict(lenient).of(one, 0) for name, one in definitions.items()}
    except _CannotSay:
        return None
    if made.get("type") != "object":
        return None
    return made | ({"$defs": inner} if inner else {})


def _name(name: str) -> str:
    return re.sub(r"[^a-zA-Z0-9_-]+", "_", name)[:_LONGEST_NAME].strip("_") or "object"


class _CannotSay(Exception):
    """Strict modes have no word for this schema."""


@dataclass(frozen=True, slots=True)
class _Strict:
    lenient: bool

    def of(self, schema: _Schema, depth: int) -> dict[str, Any]:
        if depth > _DEEPEST or not isinstance(schema, Mapping):
            raise _CannotSay
        schema = _single(schema)
        if "$ref" in schema:
            return {"$ref": _local(schema["$ref"])}
        if branches := schema.get("anyOf") or schema.get("oneOf"):
            described = {"description": schema["description"]} if "description" in schema else {}
            return described | {"anyOf": [self.of(one, depth + 1) for one in _as_numbers(branches)]}
        if "const" in schema:
            schema = {**schema, "enum": [schema["const"]]}
        kept = {key: schema[key] for key in _KEPT if key in schema}
        kinds = _kinds(kept)
        if not kinds:
            raise _CannotSay
        kept["type"] = kinds[0] if len(kinds) == 1 else kinds
        if "object" in kinds:
            kept |= self._object(schema, depth)
        if "array" in kinds:
            kept["items"] = self.of(_items(schema), depth + 1)
        return kept

    def _object(self, schema: _Schema, depth: int) -> dict[str, Any]:
        properties = schema.get("properties")
        if not properties or isinstance(schema.get("additionalProperties"), Mapping):
            raise _CannotSay
        required = frozenset(schema.get("required", ()))
        return {
            "properties": {
                name: self._field(one, name in required, depth) for name, one in properties.items()
            },
            "required": list(properties),
            "additionalProperties": False,
        }

    def _field(self, schema: _Schema, required: bool, depth: int) -> dict[str, Any]:
        made = self.of(schema, depth + 1)
        kind = made.get("type")
        if kind == "array":  # an empty list says that there is none
            return made
        leaf = kind != "object" and "$ref" not in made
        return _nullable(made) if not required or (self.lenient and leaf) else made


def _single(schema: _Schema) -> _Schema:
    """Without an `allOf` of one, as some makers of schemas wrap a reference."""
    parts = schema.get("allOf")
    if parts is None:
        return schema
    if len(parts) != 1 or schema.get("properties"):
        raise _CannotSay
    return {**{key: value for key, value in schema.items() if key != "allOf"}, **parts[0]}


def _as_numbers(branches: Sequence[_Schema]) -> Sequence[_Schema]:
    """Without the text that pydantic's Decimal may be as well: a number is a number."""
    numbers = any(one.get("type") in ("number", "integer") for one in branches)
    return [one for one in branches if not (numbers and one.get("type") == "string" and "pattern" in one)]


def _local(reference: str) -> str:
    if not reference.startswith(("#/$defs/", "#/definitions/")):
        if reference == "#":
            return reference
        raise _CannotSay
    return f"#/$defs/{reference.rsplit('/', 1)[-1]}"


_OF_VALUE = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


def _kinds(schema: _Schema) -> list[str]:
    """The types that it names; of a list of values without one, those of the values."""
    given = schema.get("type", [])
    if given:
        return [given] if isinstance(given, str) else list(given)
    if "properties" in schema:
        return ["object"]
    return list(dict.fromkeys(_OF_VALUE.get(type(one), "object") for one in schema.get("enum", ())))


def _items(schema: _Schema) -> _Schema:
    """What the list holds; a tuple is a list of any of its parts."""
    if parts := schema.get("prefixItems"):
        return parts[0] if len(parts) == 1 else {"anyOf": _different(parts)}
    return schema.get("items") or {}


def _different(parts: Sequence[_Schema]) -> list[_Schema]:
    return [one for n, one in enumerate(parts) if one not in parts[:n]]


def _nullable(made: dict[str, Any]) -> dict[str, Any]:
    null = {"type": "null"}
    if "anyOf" in made:
        return made if null in made["anyOf"] else {**made, "anyOf": [*made["anyOf"], null]}
    kind = made.get("type")
    if kind == "null" or (isinstance(kind, list) and "null" in kind):
        return made
    if "enum" in made or "$ref" in made or kind in ("object", "array"):
        return {"anyOf": [made, null]}
    return {**made, "type": [*([kind] if isinstance(kind, str) else kind or []), "null"]}
