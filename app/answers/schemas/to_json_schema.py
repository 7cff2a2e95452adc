"""A definition as a JSON Schema: what a value must be, and beside it what tells where to look for it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from app.answers.schemas.definition import Definition, FieldDefinition, both, said

_JSON_TYPES = {"integer": "integer", "number": "number", "money": "number", "boolean": "boolean"}
_FORMATS = ("sentence", "money", "date", "email", "phone")


def json_schema(definition: Definition) -> dict[str, Any]:
    """The whole, without references."""
    extra = _titles(definition) | ({"x-many": True} if definition.many else {})
    about = {"description": both(definition.description)} if both(definition.description) else {}
    return {"title": class_name(definition.name), **about, **_object(definition.fields), **extra}


def _object(fields: Sequence[FieldDefinition]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {field.name: _property(field) for field in fields},
        "required": [field.name for field in fields if field.required],
        "additionalProperties": False,
    }


def _property(field: FieldDefinition) -> dict[str, Any]:
    value = _value(field)
    if field.many:
        limits = {"minItems": field.min_items, "maxItems": field.max_items}
        value = {"type": "array", "items": value} | {k: v for k, v in limits.items() if v is not None}
    elif not field.required:
        value = {"anyOf": [value, {"type": "null"}]}
    told = {
        "title": said(field.title, "en"),
        **_titles(field),
        "description": both(field.description),
        "x-unit": field.unit,
        "x-labels": list(field.labels),
        "x-key": field.key,
    }
    return value | {key: one for key, one in told.items() if one}


def _titles(of: Definition | FieldDefinition) -> dict[str, Any]:
    """In both languages: `title` has room for one."""
    return {"x-title": of.title.model_dump()} if of.title.en or of.title.ko else {}


def _value(field: FieldDefinition) -> dict[str, Any]:
    if field.type == "object":
        return _object(field.fields)
    if field.type == "choice":
        return _kind_of(field.choices) | {"enum": list(field.choices)}
    format_ = field.type if field.type in _FORMATS else field.format
    extra = {"format": format_, "pattern": field.pattern} | field.limits
    return {"type": _JSON_TYPES.get(field.type, "string")} | {k: v for k, v in extra.items() if v != ""}


def _kind_of(choices: Sequence[object]) -> dict[str, Any]:
    kinds = {type(one) for one in choices}
    names = {str: "string", int: "integer", bool: "boolean", float: "number"}
    if kinds == {int, float}:
        return {"type": "number"}
    return {"type": names[kinds.pop()]} if len(kinds) == 1 else {}


def class_name(name: str) -> str:
    """A name of Latin letters, which servers and Python take: `invoice` is Invoice."""
    words = re.findall(r"[A-Za-z0-9]+", name)
    made = "".join(word[:1].upper() + word[1:] for word in words)
    if made and len("".join(words)) == len(re.sub(r"[\s_-]", "", name)) and not made[0].isdigit():
        return made[:60]
    return f"Schema{made[:40]}{hashlib.sha256(name.encode()).hexdigest()[:6]}"
