"""`Schema`: what a typed answer is asked to be, wherever it was defined."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from app.answers.schemas.fields import Field, fields_of


@dataclass(frozen=True)
class Schema:
    """A schema by name.

    Attributes:
        name: such as `invoice`, as users write it.
        model: validates the objects.
        titles: for people, by language ("en", "ko"); the name where there is none.
        source: where it was defined: "shipped", "python", "file" or "own".
        many: whether a document may hold several such objects (records): a table then has a row for each.
    """

    name: str
    model: type[BaseModel]
    titles: dict[str, str] = field(default_factory=dict)
    description: str = ""
    source: str = "shipped"
    many: bool = False

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
        return self.titles.get(language) or self.titles.get("en") or self.name
