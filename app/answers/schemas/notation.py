"""A schema file as text: strict YAML or JSON to plain data, and the short ways of writing a definition."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

import yaml

from app.answers.schemas.problems import Problem, Refused

LARGEST_FILE = 256_000
"""Bytes."""

TYPES = {
    "str": "text",
    "string": "text",
    "int": "integer",
    "float": "number",
    "decimal": "number",
    "bool": "boolean",
    "enum": "choice",
    "amount": "money",
}
"""Other words for the types."""

_LIST = re.compile(r"list\[(.+)\]", re.IGNORECASE)
_OPTIONAL = re.compile(r"(.+?)\s*\|\s*None", re.IGNORECASE)


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """As JSON would have it: names stand once, `no` and `2024-01-01` are texts, nothing is repeated."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):  # what repeats itself may grow without end
            mark = self.peek_event().start_mark
            raise Refused(Problem(code="alias", values={"line": str(mark.line + 1)}))
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            line = str(key_node.start_mark.line + 1)
            if not isinstance(key, str):
                raise Refused(Problem(code="key", values={"key": str(key)[:60], "line": line}))
            if key in made:
                raise Refused(Problem(code="key_twice", values={"key": key[:60], "line": line}))
            made[key] = self.construct_object(value_node, deep=deep)
        return made

    def whole_mapping(self, node: yaml.MappingNode) -> dict[Any, Any]:
        return self.construct_mapping(node, deep=True)


_SCALARS = {
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "bool": (r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    "int": (r"[-+]?(?:0|[1-9]\d{0,15})", list("-+0123456789")),
    "float": (r"[-+]?(?:0|[1-9]\d*)\.\d+(?:[eE][-+]\d+)?", list("-+0123456789")),
}
"""What is no text, a part of what PyYAML quotes if it is one: `010`, `1:30` and `2024-01-01` are texts."""
_Loader.yaml_implicit_resolvers = {}
for _tag, (_pattern, _first) in _SCALARS.items():
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), _first)
_Loader.add_constructor("tag:yaml.org,2002:map", _Loader.whole_mapping)


def read(text: str) -> dict[str, Any]:
    """The mapping that a file holds; JSON is YAML.

    Raises:
        Refused: it is too large, no YAML, or holds something else; says where.
    """
    if len(text.encode(errors="replace")) > LARGEST_FILE:
        raise Refused(Problem(code="file_large", values={"limit": f"{LARGEST_FILE // 1000}"}))
    text = text.removeprefix("\ufeff")
    given = _json(text) if text.lstrip().startswith("{") else _yaml(text)
    if not isinstance(given, dict):
        raise Refused(Problem(code="no_mapping"))
    try:
        json.dumps(given, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError) as error:  # YAML knows sets, and JSON halves of letters
        raise Refused(Problem(code="syntax", values={"line": "?", "why": str(error)[:200]})) from None
    return given


def _yaml(text: str) -> Any:
    loader = None
    try:
        loader = _Loader(text)
        return loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        line = str(error.problem_mark.line + 1) if error.problem_mark else "?"
        raise Refused(Problem(code="syntax", values={"line": line, "why": error.problem or "?"})) from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        if isinstance(error, Refused):
            raise
        why = " ".join(str(error).split())
        raise Refused(Problem(code="syntax", values={"line": "?", "why": why})) from None
    except RecursionError:
        raise Refused(Problem(code="nested_file")) from None
    finally:
        if loader is not None:
            loader.dispose()


def _json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        values = {"line": str(error.lineno), "why": error.msg}
        raise Refused(Problem(code="syntax", values=values)) from None
    except RecursionError:
        raise Refused(Problem(code="nested_file")) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Refused(Problem(code="key_twice", values={"key": twice[:60], "line": "?"}))
    return made


def _no_constant(name: str) -> NoReturn:
    raise Refused(Problem(code="syntax", values={"line": "?", "why": f"{name} is no JSON"}))


def written_out(given: Mapping[str, Any]) -> dict[str, Any]:
    """A definition in which nothing is short: `성분명: str` is a field with a name and a type."""
    fields = {"fields": _fields(given["fields"])} if given.get("fields") else {}
    return {key: value for key, value in given.items() if key != "fields"} | fields


def _fields(given: Any, depth: int = 0) -> Any:
    if isinstance(given, Mapping):
        given = [_named(name, one) for name, one in given.items()]
    if not isinstance(given, list) or depth > 50:
        return given
    return [_field(one, depth) if isinstance(one, Mapping) else one for one in given]


def _named(name: str, one: Any) -> Any:
    if isinstance(one, str) or one is None:
        return {"name": name, "type": one or "text"}
    return {"name": name, **one} if isinstance(one, Mapping) else {"name": name, "type": one}


def _field(given: Mapping[str, Any], depth: int) -> dict[str, Any]:
    field = dict(given)
    if "enum" in field and "choices" not in field:
        field["choices"] = field.pop("enum")
    if isinstance(field.get("type"), str):
        field |= _type(field["type"], field)
    elif "type" not in field:
        field["type"] = "object" if field.get("fields") else "choice" if field.get("choices") else "text"
    if field.get("fields"):
        field["fields"] = _fields(field["fields"], depth + 1)
    return field


def _type(written: str, field: Mapping[str, Any]) -> dict[str, Any]:
    """`list[str]` is a list of texts, `str | None` one that may be empty."""
    found: dict[str, Any] = {}
    if optional := _OPTIONAL.fullmatch(written.strip()):
        written, found["required"] = optional[1], field.get("required", False)
    if many := _LIST.fullmatch(written.strip()):
        written, found["list"] = many[1], True
    name = written.strip().lower()
    name = TYPES.get(name, name)
    if name == "text" and field.get("choices"):
        name = "choice"
    return found | {"type": name}
