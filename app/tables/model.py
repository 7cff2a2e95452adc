"""What a table is made of: what it was asked to be, its documents, its rows, and what was edited in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from pydantic_core import PydanticSerializationError

from app.answers.filling import Filled
from app.answers.schemas.fields import Field, fields_of
from app.schemas import FieldEvidence


@dataclass(frozen=True)
class Plan:
    """What a table is asked to be; kept in it, so that it can be shown when the schema is gone.

    Attributes:
        schema: its name.
        schema_hash: of the JSON Schema; another one makes other rows.
        titles: of the schema, by language.
        many: whether a document may have several rows.
        where: filters on the collection, as `app.chat.retrieve.query` reads them.
    """

    schema: str
    schema_hash: str
    json_schema: Mapping[str, Any]
    collection: str
    titles: Mapping[str, str] = field(default_factory=dict)
    many: bool = False
    where: Mapping[str, tuple[str | int | float, ...]] = field(default_factory=dict)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        return fields_of(self.json_schema)

    def title(self, language: str) -> str:
        return self.titles.get(language) or self.titles.get("en") or self.schema

    def as_json(self) -> str:
        return json.dumps(
            {name: getattr(self, name) for name in self.__dataclass_fields__}, ensure_ascii=False
        )

    @classmethod
    def from_json(cls, text: str) -> Plan:
        values = json.loads(text)
        where = {name: tuple(given) for name, given in values.pop("where").items()}
        return cls(where=where, **values)


class DocumentStatus(StrEnum):
    """What became of a document: asked, asked in vain, or no longer in the collection."""

    DONE = "done"
    FAILED = "failed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Document:
    """A document as the table knows it.

    Attributes:
        place: among the documents of its file, from 0.
        state: a hash of what it held when it was asked.
        basis: a hash of schema and filler at that time.
        error: why it failed; "" where it did not.
        seconds: that asking it took.
    """

    id: str
    source: str
    record_id: str | None
    title: str
    place: int
    state: str
    basis: str
    status: DocumentStatus = DocumentStatus.DONE
    error: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Edit:
    """A value that somebody wrote by hand.

    Attributes:
        value: as they want it; None for an emptied cell.
        was: what the documents had said before.
        found: what they say since they changed; None where nothing, or nothing else.
        conflict: whether they changed, and say something else than both.
        at: when, as ISO 8601.
    """

    value: Any
    was: Any
    at: str
    found: Any = None
    conflict: bool = False


@dataclass(frozen=True, slots=True)
class Ready:
    """An object as it is stored; made of a `Filled`, perhaps in another process.

    Attributes:
        cells: path of each value, and its evidence as JSON.
    """

    data: dict[str, Any]
    cells: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, filled: Filled) -> Ready:
        return cls(filled.data, tuple((one.path, _as_json(one)) for one in filled.evidence))


def _as_json(evidence: FieldEvidence) -> str:
    try:
        return evidence.model_dump_json(exclude=_LEFT_OUT, exclude_defaults=True)
    except PydanticSerializationError:
        values = evidence.model_dump(exclude=_LEFT_OUT, exclude_defaults=True)
        return storable(json.dumps(values, ensure_ascii=False))


def storable(text: str) -> str:
    """Half a letter, as the JSON of a model may name one, is none that can be kept."""
    return text.encode(errors="replace").decode()


# The whole passage is in the collection, and would be the most of a table.
_LEFT_OUT: Any = {"citation": {"context", "metadata"}}


class Held(NamedTuple):
    """The object of a row, with what was edited in it, and the document that it is from."""

    document_id: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        id: stays when its document is asked again.
        ordinal: among the rows of its document, from 0.
        data: the object, with what was edited in it.
        evidence: path of a leaf -> what its value stands on, before edits.
        cells: path of a leaf -> its number in the table, by which the viewer opens it.
        edits: path -> what was edited.
        kept: the document has no such row any more; it is here because somebody edited it.
    """

    id: int
    document: Document
    ordinal: int
    data: Mapping[str, Any]
    evidence: Mapping[str, FieldEvidence]
    cells: Mapping[str, int]
    edits: Mapping[str, Edit] = field(default_factory=dict)
    kept: bool = False
