"""`Schema`: what a typed answer is asked to be, wherever it was defined."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict, create_model
from pydantic import Field as FieldInfo

from app.answers.schemas.compiling import model_of
from app.answers.schemas.definition import Definition, both
from app.answers.schemas.fields import Field, fields_of

RECORDS = "records"
"""The field of a list of records."""


@dataclass(frozen=True)
class Schema:
    """A schema by name.

    Attributes:
        name: such as `invoice`, as users write it.
        model: validates the objects.
        titles: for people, by language ("en", "ko"); the name where there is none.
        description: for a model, in all its languages.
        descriptions: for people, by language.
        source: where it was defined: "shipped", "python", "file" or "own".
        many: whether a document may hold several such objects (records): a table then has a row for each.
        where: its file or module; "" for others.
        version: of one's own, from 1; None for all others.
        definition: that it was made of; None for a class.
        record: of a list of records, the schema of each; see `records`.
    """

    name: str
    model: type[BaseModel]
    titles: dict[str, str] = field(default_factory=dict)
    description: str = ""
    descriptions: dict[str, str] = field(default_factory=dict)
    source: str = "shipped"
    many: bool = False
    where: str = ""
    version: int | None = None
    definition: Definition | None = None
    record: Schema | None = None

    @classmethod
    def of(
        cls, definition: Definition, source: str, *, where: str = "", version: int | None = None
    ) -> Schema:
        """From a definition that was checked."""
        return cls(
            name=definition.name,
            model=model_of(definition),
            titles=definition.title.model_dump(),
            description=both(definition.description),
            descriptions=definition.description.model_dump(),
            source=source,
            many=definition.many,
            where=where,
            version=version,
            definition=definition,
        )

    @property
    def reference(self) -> str:
        """What finds the very same again: `my_invoice@3` for a version of one's own."""
        return f"{self.name}@{self.version}" if self.version else self.name

    @cached_property
    def records(self) -> Schema:
        """The same for all such objects at once: an object whose only field is a list of them."""
        several: Any = list.__class_getitem__(self.model)
        config = ConfigDict(extra="forbid", strict=True, serialize_by_alias=True)
        fields: dict[str, Any] = {RECORDS: (several, FieldInfo(description=self.description))}
        model = create_model(f"{self.model.__name__}Records", __config__=config, **fields)
        return replace(self, model=model, many=False, definition=None, record=self)

    @property
    def asked(self) -> Schema:
        """What one answer gives: all records, where there may be several."""
        return self.records if self.many else self

    @cached_property
    def json_schema(self) -> dict[str, Any]:
        return self.model.model_json_schema()

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        return fields_of(self.json_schema)

    @cached_property
    def hash(self) -> str:
        """sha256 of the JSON Schema: another one makes other objects."""
        text = json.dumps(self.json_schema, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def title(self, language: str) -> str:
        return _said(self.titles, language) or self.name

    def about(self, language: str) -> str:
        """What it is for, in a line; "" where nothing is said."""
        return _said(self.descriptions, language) or self.description


def _said(texts: dict[str, str], language: str) -> str:
    """In a language, or in another one where that is all there is."""
    return texts.get(language) or next(filter(None, texts.values()), "")
