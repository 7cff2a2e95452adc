"""A JSON Schema (draft 2020-12, the part that typed answers need) as a definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from app.answers.schemas.definition import DEEPEST, LIMITS, MOST_FIELDS
from app.answers.schemas.problems import Problem, Refused

_TYPES = {"string": "text", "integer": "integer", "number": "number", "boolean": "boolean"}
_FORMATS = {"date": "date", "email": "email", "idn-email": "email", "phone": "phone", "sentence": "sentence"}
_BRANCHES = ("anyOf", "oneOf", "allOf")
# What would shape an object, and what a form of fields cannot say.
_REFUSED = (
    "not",
    "if",
    "then",
    "else",
    "patternProperties",
    "propertyNames",
    "prefixItems",
    "contains",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedProperties",
    "unevaluatedItems",
    "minProperties",
    "maxProperties",
    "$dynamicRef",
)
_MOST_HOPS = 20


def is_json_schema(given: Mapping[str, Any]) -> bool:
    """Whether a file is one, rather than a definition with `fields`."""
    return "fields" not in given and any(
        key in given for key in ("properties", "$ref", "$schema", "$defs", "items", "type", *_BRANCHES)
    )


def from_json_schema(given: Mapping[str, Any]) -> dict[str, Any]:
    """The definition, not yet checked.

    Raises:
        Refused: something in it cannot be the form of a typed answer; the problem names the place.
    """
    reader = _Reader(given)
    root, _, within = reader.plain(given, "", ())
    many = root.get("type") == "array" or bool(given.get("x-many"))
    if root.get("type") == "array":
        root, _, within = reader.plain(_mapping(root.get("items"), "", "items"), "", within)
    if not root.get("properties"):
        raise Refused(Problem(code="no_properties"))
    made = {
        "name": given.get("x-name", ""),
        "title": given.get("x-title") or given.get("title", ""),
        "description": root.get("description", ""),
        "many": many,
        "fields": reader.fields(root, "", within),
    }
    return {key: value for key, value in made.items() if value not in ("", False)}


class _Reader:
    """Reads one document; counts its fields, which references may multiply."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._count = self._depth = 0

    def fields(self, schema: Mapping[str, Any], above: str, within: tuple[str, ...]) -> list[dict[str, Any]]:
        """The properties of an object.

        Args:
            within: the references that lead here; one that leads to itself has no end.
        """
        properties = _mapping(schema.get("properties"), above, "properties")
        required = _names(schema.get("required", []))
        if self._depth >= DEEPEST:
            raise Refused(Problem(code="nested_deep", field=above, values={"limit": str(DEEPEST)}))
        if lost := [one for one in required if one not in properties]:
            raise Refused(Problem(code="required_unknown", field=above, values={"name": lost[0][:80]}))
        self._depth += 1
        fields = [
            self._field(str(name), _mapping(one, _below(above, name), ""), name in required, above, within)
            for name, one in properties.items()
        ]
        self._depth -= 1
        return fields

    def _field(
        self, name: str, given: Mapping[str, Any], required: bool, above: str, within: tuple[str, ...]
    ) -> dict[str, Any]:
        self._count += 1
        if self._count > MOST_FIELDS:
            raise Refused(Problem(code="fields_many", values={"limit": str(MOST_FIELDS)}))
        place = _below(above, name)
        schema, nullable, within = self.plain(given, place, within)
        field = {"name": name, "required": required and not nullable}
        if schema.get("type") == "array":
            field |= {"list": True} | _named(schema, "minItems", "maxItems", "description")
            items = _mapping(schema.get("items", {"type": "string"}), place, "items")
            schema, _, within = self.plain(items, place, within)
            if schema.get("type") == "array":
                raise Refused(Problem(code="list_of_lists", field=place, part="items"))
        return field | self._value(schema, place, within) | _told(given) | _named(field, "description")

    def _value(self, schema: Mapping[str, Any], place: str, within: tuple[str, ...]) -> dict[str, Any]:
        if "enum" in schema or "const" in schema:
            given = schema.get("enum", [schema.get("const")])
            choices = [one for one in given if one is not None] if isinstance(given, list) else given
            return {"type": "choice", "choices": choices} | _told(schema)
        if schema.get("type") == "object":
            if not schema.get("properties"):
                raise Refused(Problem(code="open_object", field=place))
            return {"type": "object", "fields": self.fields(schema, place, within)} | _told(schema)
        kind = str(schema.get("type", "string"))
        if kind not in _TYPES:
            values = {"value": str(kind)[:60], "types": ", ".join((*_TYPES, "object", "array"))}
            raise Refused(Problem(code="type_unknown", field=place, part="type", values=values))
        format_ = str(schema.get("format", ""))
        if kind == "number" and format_ == "money":
            return {"type": "money"} | _kept(schema, "money")
        if kind == "string" and format_ in _FORMATS:
            return {"type": _FORMATS[format_]} | _kept(schema, _FORMATS[format_])
        extra = {"format": format_} if kind == "string" and format_ else {}
        return {"type": _TYPES[kind]} | extra | _kept(schema, _TYPES[kind])

    # -- references, and one of several ----------------------------------------------------------

    def plain(
        self, given: Mapping[str, Any], place: str, within: tuple[str, ...]
    ) -> tuple[Mapping[str, Any], bool, tuple[str, ...]]:
        """The schema behind references, without null; whether null fits; the references that led there."""
        nullable = False
        for _ in range(_MOST_HOPS):
            for keyword in _REFUSED:
                if keyword in given:
                    raise Refused(Problem(code="keyword", field=place, part=keyword))
            if "$ref" in given:
                pointer = str(given["$ref"])
                if pointer in within:
                    raise Refused(Problem(code="recursion", field=place, values={"ref": pointer[:80]}))
                within = (*within, pointer)
                rest = {key: value for key, value in given.items() if key != "$ref"}
                given = {**self._target(pointer, place), **rest}
            elif keyword := next((one for one in _BRANCHES if one in given), ""):
                chosen, null = _one_of(given[keyword], place, keyword)
                rest = {key: value for key, value in given.items() if key != keyword}
                given, nullable = {**chosen, **rest}, nullable or null
            elif isinstance(given.get("type"), list):
                chosen, null = _one_of([{"type": one} for one in given["type"]], place, "type")
                given, nullable = {**given, **chosen}, nullable or null
            else:
                return _typed(given), nullable or None in _enum(given), within
        raise Refused(Problem(code="references_many", field=place))

    def _target(self, pointer: str, place: str) -> Mapping[str, Any]:
        found: Any = self._document
        if not pointer.startswith("#"):
            raise Refused(Problem(code="ref_away", field=place, part="$ref", values={"ref": pointer[:80]}))
        for part in pointer.removeprefix("#").split("/")[1:]:
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            found = found.get(key) if isinstance(found, Mapping) else None
        if not isinstance(found, Mapping):
            raise Refused(Problem(code="ref_lost", field=place, part="$ref", values={"ref": pointer[:80]}))
        return found


def _one_of(branches: Any, place: str, keyword: str) -> tuple[Mapping[str, Any], bool]:
    """The branch that is not null; of a whole and a broken number, or a number as text, the broken number."""
    if not isinstance(branches, list):
        raise Refused(Problem(code="no_list", field=place, part=keyword))
    given = [_mapping(one, place, keyword) for one in branches]
    wanted = [one for one in given if one.get("type") != "null"]
    nullable = len(wanted) < len(given)
    kinds = [str(one.get("type")) for one in wanted]
    if keyword != "allOf" and "number" in kinds and set(kinds) <= {"integer", "number", "string"}:
        wanted = [wanted[kinds.index("number")]]
    if len(wanted) != 1:
        raise Refused(Problem(code="several_types", field=place, part=keyword))
    return wanted[0], nullable


def _typed(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """With its type, where that goes without saying."""
    if "type" in given:
        return given
    kind = "object" if "properties" in given else "array" if "items" in given else "string"
    return {**given, "type": kind}


def _enum(given: Mapping[str, Any]) -> list[Any]:
    found = given.get("enum")
    return found if isinstance(found, list) else []


def _kept(schema: Mapping[str, Any], type_: str) -> dict[str, Any]:
    """Limits and the pattern, where they mean something: JSON Schema ignores them elsewhere, too."""
    limits = [name for name, types in LIMITS.items() if type_ in types]
    pattern = ["pattern"] if type_ in ("text", "sentence", "phone", "email", "date") else []
    return _named(schema, *limits, *pattern) | _told(schema)


def _told(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of a field for people and for who looks for its value."""
    told = _named(schema, "description")
    for name, key in (("unit", "x-unit"), ("labels", "x-labels"), ("title", "title"), ("title", "x-title")):
        if schema.get(key):
            told[name] = schema[key]
    return told | ({"key": True} if schema.get("x-key") is True else {})


def _names(given: Any) -> list[str]:
    return [str(one) for one in given] if isinstance(given, list) else [str(given)]


def _named(given: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: given[name] for name in names if given.get(name) is not None}


def _mapping(given: Any, place: str, part: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise Refused(Problem(code="no_schema", field=place, part=part, values={"value": str(given)[:60]}))
    return given


def _below(above: str, name: object) -> str:
    return f"{above}.{name}" if above else str(name)
