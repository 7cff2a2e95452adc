"""The draft that the builder works on: a definition whose fields have ids that outlive their moves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import streamlit as st

from app.answers.schemas import Definition, Problem, Refused, Schema, problem_text
from app.answers.schemas.definition import LIMITS, plain
from app.answers.schemas.from_json_schema import from_json_schema, is_json_schema
from app.answers.schemas.notation import read, written_out
from app.errors import UsageError
from app.ui import shell

Draft = dict[str, Any]

_DRAFT, _SERIAL, _OPEN = "schema-draft", "schema-draft-serial", "schema-draft-field"
_OF_TYPE = {
    "choices": ("choice",),
    "fields": ("object",),
    "pattern": ("text", "sentence", "phone", "email", "date"),
    "format": ("text",),
} | LIMITS
"""What a field has of its own only while it is of these types; another type sets it aside."""


def is_open() -> bool:
    return _DRAFT in st.session_state


def current() -> Draft:
    found: Draft = st.session_state[_DRAFT]
    return found


def serial() -> int:
    """A number for each draft that was begun, for the keys of its widgets."""
    return int(st.session_state.get(_SERIAL, 0))


# -- to begin with ---------------------------------------------------------------------------------------


def begin(given: Draft, kept: str = "") -> None:
    """Open the builder with these fields.

    Args:
        kept: the name of one's own schema that they are of.
    """
    st.session_state[_SERIAL] = serial() + 1
    st.session_state[_DRAFT] = {**given, "fields": _numbered(given.get("fields")), "kept": kept}
    first = next(iter(walk()), None)
    st.session_state[_OPEN] = first["id"] if first else ""


def begin_new() -> None:
    begin({"name": "", "fields": [{"name": ""}]})


def begin_edit(schema: Schema) -> None:
    if schema.definition is not None:
        begin(plain(schema.definition), schema.name)


def begin_copy(schema: Schema) -> None:
    """A copy under a name that is free yet; of a Python class what its JSON Schema says.

    Raises:
        UsageError: a form cannot say what the class says.
    """
    taken = {one.name for one in shell.runtime().schemas.all()}
    names = (f"{schema.name}_{number}" for number in range(2, 1000))
    name = next(name for name in names if name not in taken)
    if schema.definition is not None:
        given = plain(schema.definition)
    else:
        given = _of_text(json.dumps(schema.json_schema, ensure_ascii=False))
    say = shell.texts()
    begin({**given, "name": name, "title": say("schemas.copy_of", title=schema.title(say.language))})


def begin_file(data: bytes, name: str) -> None:
    """What a file says, with all that is wrong with it.

    Args:
        name: of the schema, where the file says none.

    Raises:
        UsageError: it holds no schema at all.
    """
    try:
        given = _of_text(data.decode("utf-8"))
    except UnicodeDecodeError:
        problem = Problem(code="file_unread", values={"why": "UTF-8"})
        raise UsageError(problem_text(problem, shell.texts().language)) from None
    begin({**given, "name": given.get("name") or name})


def _of_text(text: str) -> Draft:
    try:
        given = read(text)
        return from_json_schema(given) if is_json_schema(given) else written_out(given)
    except Refused as error:
        raise UsageError(problem_text(error.problem, shell.texts().language)) from None


def close() -> None:
    st.session_state.pop(_DRAFT, None)


# -- its fields ------------------------------------------------------------------------------------------


def _numbered(fields: Any) -> list[Draft]:
    """With an id each; what is no field at all is left out."""
    given = fields if isinstance(fields, list) else []
    return [_with_id(one) for one in given if isinstance(one, dict)]


def _with_id(field: Draft) -> Draft:
    number = st.session_state["schema-field-ids"] = st.session_state.get("schema-field-ids", 0) + 1
    texts = {"name": str(field.get("name") or ""), "type": str(field.get("type") or "text")}
    return {**field, **texts, "id": str(number), "fields": _numbered(field.get("fields"))}


def walk() -> Iterator[Draft]:
    """All fields, each before those inside it."""
    ahead = list(current()["fields"])
    while ahead:
        field = ahead.pop(0)
        yield field
        ahead = [*inside(field), *ahead]


def inside(field: Draft) -> list[Draft]:
    """The fields of an object."""
    found: list[Draft] = field["fields"] if field["type"] == "object" else []
    return found


def selected() -> Draft | None:
    """The field whose form is open."""
    wanted = st.session_state.get(_OPEN)
    return next((field for field in walk() if field["id"] == wanted), None)


def select(id_: str) -> None:
    st.session_state[_OPEN] = id_


def add(id_: str) -> None:
    """A new field at the end, or inside the object with this id; its form is open."""
    made = _with_id({"name": ""})
    parent = next((field for field in walk() if field["id"] == id_), current())
    parent["fields"].append(made)
    select(made["id"])


def move(id_: str, by: int) -> None:
    """Further up or down among the fields beside it."""
    fields, i = _place(id_)
    if fields and 0 <= i + by < len(fields):
        fields[i], fields[i + by] = fields[i + by], fields[i]


def remove(id_: str) -> None:
    fields, i = _place(id_)
    if fields:
        del fields[i]
        beside = fields[min(i, len(fields) - 1)] if fields else None
        select(beside["id"] if beside else "")


def _place(id_: str) -> tuple[list[Draft], int]:
    """The list that a field stands in, and where."""
    for fields in (current()["fields"], *(field["fields"] for field in walk())):
        for i, field in enumerate(fields):
            if field["id"] == id_:
                return fields, i
    return [], 0


def at(place: tuple[int, ...]) -> Draft | None:
    """The field that a problem is at."""
    fields, found = current()["fields"], None
    for i in place:
        if i >= len(fields):
            return None
        found = fields[i]
        fields = found["fields"]
    return found


# -- what it says ----------------------------------------------------------------------------------------


def given() -> Draft:
    """The draft as a definition is checked: without what belongs to another type than a field has now."""
    draft = current()
    return {key: value for key, value in draft.items() if key != "kept"} | {
        "fields": [_given(field) for field in draft["fields"]]
    }


def _given(field: Draft) -> Draft:
    type_ = field["type"]
    own = {
        key: value
        for key, value in field.items()
        if key != "id" and value not in (None, "", []) and (key not in _OF_TYPE or type_ in _OF_TYPE[key])
    }
    if not field.get("list"):
        own = {key: value for key, value in own.items() if key not in ("minItems", "maxItems")}
    inner = [_given(one) for one in inside(field)]
    return {**own, "name": field.get("name", ""), **({"fields": inner} if inner else {})}


def checked() -> tuple[Definition | None, tuple[Any, ...]]:
    """The definition, or what is wrong with the draft."""
    return shell.runtime().schemas.check(given(), str(current().get("kept", "")))
