"""What a schema file says: a definition, from which the JSON Schema and the validating class are made."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
)

from app.answers.schemas.fields import Type
from prompts.library import Words

_Whole = Annotated[StrictInt, Field(ge=-(10**15), le=10**15)]
Choice = StrictBool | _Whole | StrictFloat | StrictStr
Limit = _Whole | Annotated[StrictFloat, Field(ge=-1e15, le=1e15)] | None
Count = Annotated[StrictInt, Field(ge=0, le=10**6)] | None
Name = Annotated[str, AfterValidator(lambda name: unicodedata.normalize("NFC", name.strip()))]

MOST_FIELDS, DEEPEST = 500, 6
LONGEST_NAME, LONGEST_FIELD, LONGEST_PATTERN, LONGEST_TEXT = 60, 80, 300, 2000
MOST_CHOICES, MOST_LABELS = 200, 60

LIMITS = {
    "minimum": ("integer", "number", "money"),
    "maximum": ("integer", "number", "money"),
    "exclusiveMinimum": ("integer", "number", "money"),
    "exclusiveMaximum": ("integer", "number", "money"),
    "multipleOf": ("integer", "number", "money"),
    "minLength": ("text", "sentence", "phone", "email"),
    "maxLength": ("text", "sentence", "phone", "email"),
}
"""Limits of a value, called as in JSON Schema, and the types that they are for."""


class _Given(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class FieldDefinition(_Given):
    """One field.

    Attributes:
        title: for people; its name where there is none.
        required: null does not fit.
        many: a list of such values; `list` in a file.
        choices: of the type "choice"; all of one kind.
        pattern: for the regular expressions that Rust's `regex` reads: no look-around, no references.
        unit: that the value is given in, such as `KRW` or `mg`.
        labels: other names under which documents have it.
        format: of a text, as in JSON Schema, such as `date-time`.
        key: rows of a table with the same value speak of the same thing.
        fields: of the type "object".
    """

    name: Name
    type: Type = "text"
    title: Words = Words()
    description: Words = Words()
    required: StrictBool = False
    many: StrictBool = Field(default=False, alias="list")
    choices: tuple[Choice, ...] = ()
    pattern: str = ""
    format: str = ""
    unit: str = ""
    labels: tuple[str, ...] = ()
    key: StrictBool = False
    minimum: Limit = None
    maximum: Limit = None
    exclusive_minimum: Limit = Field(default=None, alias="exclusiveMinimum")
    exclusive_maximum: Limit = Field(default=None, alias="exclusiveMaximum")
    multiple_of: Limit = Field(default=None, alias="multipleOf", gt=0)
    min_length: Count = Field(default=None, alias="minLength")
    max_length: Count = Field(default=None, alias="maxLength")
    min_items: Count = Field(default=None, alias="minItems")
    max_items: Count = Field(default=None, alias="maxItems")
    fields: tuple[FieldDefinition, ...] = ()

    @property
    def limits(self) -> dict[str, Any]:
        """The limits of a value that are set, called as in JSON Schema."""
        return self.model_dump(by_alias=True, include=_NAMES, exclude_none=True)


_NAMES = {key for key, one in FieldDefinition.model_fields.items() if (one.alias or key) in LIMITS}


class Definition(_Given):
    """A schema as it is written into a file.

    Attributes:
        many: a document may hold several such objects: a table then has a row for each.
    """

    name: Name
    title: Words = Words()
    description: Words = Words()
    many: StrictBool = False
    fields: tuple[FieldDefinition, ...] = ()

    def walk(self) -> Iterator[tuple[tuple[int, ...], FieldDefinition]]:
        """All fields, each below where it stands: (2, 0) is the first field of the third."""
        return _walk(self.fields, ())


def _walk(
    fields: Sequence[FieldDefinition], above: tuple[int, ...]
) -> Iterator[tuple[tuple[int, ...], FieldDefinition]]:
    for i, field in enumerate(fields):
        yield (*above, i), field
        yield from _walk(field.fields, (*above, i))


def said(words: Words, language: str) -> str:
    """A text in a language, or in the other one where that is all there is."""
    return (words.ko or words.en) if language == "ko" else (words.en or words.ko)


def both(words: Words) -> str:
    """A text in all its languages, for a model."""
    return " / ".join(dict.fromkeys(filter(None, (words.en.strip(), words.ko.strip()))))


def plain(definition: Definition) -> dict[str, Any]:
    """As it is written into a file: nothing that says what is so anyway."""
    given = definition.model_dump(by_alias=True, exclude_defaults=True, mode="json")
    return _shortened({"name": definition.name} | given)


def _shortened(given: dict[str, Any]) -> dict[str, Any]:
    for name in ("title", "description"):
        if name in given:
            words = Words.model_validate(given[name])
            given[name] = words.plain()
    if "fields" in given:
        given["fields"] = [_shortened({"name": one["name"]} | one) for one in given["fields"]]
    return given


def as_yaml(definition: Definition) -> str:
    """The definition as its file, which is read again as the same."""
    return str(yaml.safe_dump(plain(definition), allow_unicode=True, sort_keys=False, width=110))
