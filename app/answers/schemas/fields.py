"""The fields of a schema, read from its JSON Schema: what forms, tables and answers without a model go by.

A pydantic class, a YAML file and a JSON Schema file all come down to one JSON Schema. What
JSON Schema has no word for stands beside it: `x-labels` (other names under which documents have the
value), `x-unit`, and the formats `money`, `phone` and `sentence`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import Any, Literal

Type = Literal[
    "text",
    "sentence",
    "integer",
    "number",
    "money",
    "date",
    "email",
    "phone",
    "choice",
    "boolean",
    "object",
]
Kind = Type | Literal["any"]
"""Of a value; "any" is what a foreign JSON Schema leaves open."""

_FORMATS: Mapping[str, Kind] = {
    "money": "money",
    "date": "date",
    "email": "email",
    "phone": "phone",
    "sentence": "sentence",
}
_TYPES: Mapping[str, Kind] = {
    "string": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "object": "object",
}
# Schemas may refer to themselves.
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Attributes:
        name: as in the object, such as `성분명`.
        kind: of the value, or of each value where there may be several.
        many: whether it is a list.
        nullable: whether null fits.
        labels: other names under which documents have it.
        choices: of the kind "choice".
        pattern: a regular expression that the text must match; "" for any.
        unit: that the value is given in, such as `KRW`; "" for any.
        fields: of the kind "object".
        titles: for people, by language ("en", "ko"); empty where only the name is known.
    """

    name: str
    kind: Kind
    many: bool = False
    required: bool = True
    nullable: bool = False
    description: str = ""
    labels: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    pattern: str = ""
    unit: str = ""
    fields: tuple[Field, ...] = ()
    titles: Mapping[str, str] = dataclass_field(default_factory=dict, hash=False)

    def title(self, language: str) -> str:
        """What people call it."""
        given = self.titles.get(language) or next(filter(None, self.titles.values()), "")
        return given or self.name.replace("_", " ")


def fields_of(json_schema: Mapping[str, Any]) -> tuple[Field, ...]:
    """The fields of an object's JSON Schema, in its order."""
    definitions = json_schema.get("$defs", {})
    plain, _ = _plain(json_schema, definitions)  # one that refers to itself stands among its definitions
    return tuple(_fields(plain, definitions, 0))


def _fields(schema: Mapping[str, Any], definitions: Mapping[str, Any], depth: int) -> Iterator[Field]:
    required = schema.get("required", ())
    for name, given in schema.get("properties", {}).items():
        yield _field(name, given, name in required, definitions, depth)


def _field(
    name: str, given: Mapping[str, Any], required: bool, definitions: Mapping[str, Any], depth: int
) -> Field:
    plain, nullable = _plain(given, definitions)
    field = _leaf(name, plain, definitions, depth)
    return replace(
        field,
        required=required,
        nullable=nullable,
        description=given.get("description") or field.description,
        labels=tuple(given.get("x-labels", field.labels)),
        unit=given.get("x-unit", field.unit),
        titles=title if isinstance(title := given.get("x-title"), Mapping) else {},
    )


def _leaf(name: str, plain: Mapping[str, Any], definitions: Mapping[str, Any], depth: int) -> Field:
    if plain.get("type") == "array":
        item, _ = _plain(plain.get("items", {}), definitions)
        return replace(
            _leaf(name, item, definitions, depth), many=True, description=plain.get("description", "")
        )
    choices = tuple(
        str(one) for one in plain.get("enum", [plain["const"]] if "const" in plain else ()) if one is not None
    )
    kind: Kind = (
        "choice"
        if choices
        else _FORMATS.get(plain.get("format", "")) or _TYPES.get(plain.get("type", ""), "any")
    )
    inner = tuple(_fields(plain, definitions, depth + 1)) if kind == "object" and depth < _DEEPEST else ()
    return Field(
        name,
        kind,
        description=plain.get("description", ""),
        labels=tuple(plain.get("x-labels", ())),
        choices=choices,
        pattern=plain.get("pattern", ""),
        unit=plain.get("x-unit", ""),
        fields=inner,
    )


def _plain(given: Mapping[str, Any], definitions: Mapping[str, Any]) -> tuple[Mapping[str, Any], bool]:
    """The schema behind references, and the one that is not null; whether null is another."""
    nullable = False
    for _ in range(_DEEPEST):
        if "$ref" in given:
            given = {
                **definitions.get(given["$ref"].rsplit("/", 1)[-1], {}),
                **{k: v for k, v in given.items() if k != "$ref"},
            }
        elif branches := given.get("anyOf") or given.get("oneOf") or given.get("allOf"):
            wanted = [one for one in branches if one.get("type") != "null"]
            nullable = nullable or len(wanted) < len(branches)
            rest = {k: v for k, v in given.items() if k not in ("anyOf", "oneOf", "allOf")}
            given = {**(_text_first(wanted) if wanted else {}), **rest}
        elif isinstance(given.get("type"), list):
            nullable = nullable or "null" in given["type"]
            given = {**given, "type": next((one for one in given["type"] if one != "null"), "string")}
        else:
            break
    return given, nullable


def _text_first(branches: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Of several types the one that says most: pydantic's Decimal is a number, or a string with a pattern."""
    return next((one for one in branches if one.get("type") in ("number", "integer")), branches[0])
