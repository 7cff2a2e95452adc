"""A definition as the pydantic class that validates its objects."""

from __future__ import annotations

import keyword
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model

from app.answers.schemas.definition import Definition, FieldDefinition, both
from app.answers.schemas.to_json_schema import class_name, json_schema
from app.answers.schemas.values import CHECKED, KINDS, readable


class Defined(BaseModel):
    """Base of the classes that are made of definitions: nothing beside the fields, nothing changed silently.

    What is dumped has the names of the definition, whatever the attributes are called.
    """

    model_config = ConfigDict(
        extra="forbid", strict=True, allow_inf_nan=False, serialize_by_alias=True, validate_by_name=False
    )
    described: ClassVar[Mapping[str, Any]] = {}

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: Any) -> dict[str, Any]:
        return deepcopy(dict(cls.described))


def model_of(definition: Definition) -> type[Defined]:
    """The class; `model_json_schema()` of it is `json_schema(definition)`."""
    made = _class(class_name(definition.name), definition.fields, json_schema(definition))
    made.__doc__ = both(definition.description) or None
    return made


def _class(name: str, fields: Sequence[FieldDefinition], described: Mapping[str, Any]) -> type[Defined]:
    taken: set[str] = set()
    members: dict[str, Any] = {}
    for field in fields:
        attribute = _attribute(field.name, taken)
        taken.add(attribute)
        members[attribute] = _member(field, described["properties"][field.name])
    made = create_model(name, __base__=Defined, **members)
    made.described = described
    return made


def _attribute(name: str, taken: set[str]) -> str:
    """The name itself, unless Python or pydantic has a use for it."""
    usable = name.isidentifier() and not keyword.iskeyword(name) and not name.startswith(("_", "model_"))
    if usable and name not in _RESERVED and name not in taken:
        return name
    return next(one for i in range(len(taken) + 2) if (one := f"field_{len(taken) + i + 1}") not in taken)


_RESERVED = frozenset(dir(Defined))


def _member(field: FieldDefinition, described: Mapping[str, Any]) -> tuple[Any, Any]:
    annotation = _annotation(field, described)
    if field.many:
        several: Any = list.__class_getitem__(annotation)
        annotation = Annotated[several, Field(min_length=field.min_items, max_length=field.max_items)]
    elif not field.required:
        annotation = annotation | None
    if field.required:
        return annotation, Field(alias=field.name)
    if field.many:
        return annotation, Field(alias=field.name, default_factory=list)
    return annotation, Field(alias=field.name, default=None)


def _annotation(field: FieldDefinition, described: Mapping[str, Any]) -> Any:
    if field.type == "object":
        inner = described.get("items", next(iter(described.get("anyOf", ())), described))
        return _class(class_name(field.name), field.fields, inner)
    if field.type == "choice":
        return Literal[field.choices]
    limits = {
        "ge": field.minimum,
        "le": field.maximum,
        "gt": field.exclusive_minimum,
        "lt": field.exclusive_maximum,
        "multiple_of": field.multiple_of,
        "min_length": field.min_length,
        "max_length": field.max_length,
        "pattern": field.pattern or None,
    }
    given: dict[str, Any] = {key: value for key, value in limits.items() if value is not None}
    kind, checks = KINDS.get(field.type, (str, ()))
    if field.type == "text" and field.format in CHECKED:
        checks = (AfterValidator(readable(*CHECKED[field.format])),)
    return Annotated[kind, Field(**given), *checks]
