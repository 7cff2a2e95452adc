"""Schemas as strict modes take them: whatever people wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, Optional
from uuid import UUID

import pytest
from pydantic import BaseModel, EmailStr, Field

from app.answers.generation.strict import shape_of, strict_schema
from app.answers.schemas import SchemaShelf

KNOWN = {"type", "properties", "required", "additionalProperties", "items", "enum", "anyOf", "$ref", "$defs"}
KNOWN |= {"description"}


class Size(Enum):
    SMALL = "s"
    LARGE = "l"


class Inner(BaseModel):
    """A part."""

    name: Annotated[str, Field(min_length=1, pattern=r"^\w+$")]
    size: Size = Size.SMALL


class Everything(BaseModel):
    text: str = Field(max_length=5, description="Some text.", json_schema_extra={"x-labels": ["본문"]})
    day: date
    moment: datetime | None = None
    number: Decimal
    kind: Literal["a", "b", 3] = "a"
    one: Literal["fixed"]
    inner: Inner
    maybe: Inner | None = None
    either: int | str
    parts: list[Inner] = Field(min_length=1)
    pair: tuple[int, str]
    ids: set[UUID] = set()
    약: Optional[bool] = None  # noqa: UP045 - as people write it
    again: list["Everything"] = []  # noqa: UP037


class WithMap(BaseModel):
    counts: dict[str, int]


class WithAny(BaseModel):
    what: Any


def schemas(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A schema and all those in it."""
    yield schema
    inner = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
    inner += [*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())]
    for one in inner:
        yield from schemas(one)


def check(schema: Mapping[str, Any]) -> None:
    assert schema["type"] == "object"
    for one in schemas(schema):
        assert set(one) <= KNOWN
        if "properties" in one:
            assert one["additionalProperties"] is False
            assert one["required"] == list(one["properties"])
        if "$ref" in one:
            assert set(one) == {"$ref"}
            assert one["$ref"].rsplit("/", 1)[-1] in schema["$defs"]
        else:
            assert "type" in one or "anyOf" in one


def test_a_schema_with_everything_in_it():
    strict = strict_schema(Everything.model_json_schema())
    assert strict is not None
    check(strict)
    fields = strict["properties"]
    assert fields["text"] == {"type": "string", "description": "Some text."}
    assert fields["one"] == {"type": "string", "enum": ["fixed"]}
    assert {"type": "null"} in fields["kind"]["anyOf"]
    assert {"type": "null"} in fields["maybe"]["anyOf"]
    assert {"type": "null"} not in fields["either"]["anyOf"]
    assert fields["inner"] == {"$ref": "#/$defs/Inner"}
    assert strict["$defs"]["Inner"]["properties"]["size"]["anyOf"][1] == {"type": "null"}
    assert fields["again"]["items"] == {"$ref": "#/$defs/Everything"}


@pytest.mark.parametrize("schema", SchemaShelf().all(), ids=lambda schema: schema.name)
def test_all_that_ship(schema: Any):
    strict = strict_schema(schema.json_schema)
    assert strict is not None
    check(strict)
    assert "x-labels" not in json.dumps(strict)


def test_leniently_each_value_may_be_null():
    strict = strict_schema(Inner.model_json_schema(), lenient=True)
    assert strict is not None
    assert strict["properties"]["name"]["type"] == ["string", "null"]


@pytest.mark.parametrize("model", [WithMap, WithAny])
def test_what_strict_modes_cannot_say_is_sent_as_it_is(model: type[BaseModel]):
    shape = shape_of("x", model.model_json_schema())
    assert not shape.strict
    assert shape.request("json_schema")["response_format"]["json_schema"]["strict"] is False
    assert shape.schema == model.model_json_schema()


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "object"},
        {"type": "string"},
        {"type": "object", "properties": {"a": {"$ref": "http://evil/x"}}},
        {"type": "object", "properties": {"a": {"allOf": [{"type": "string"}, {"minLength": 2}]}}},
        {"type": "object", "properties": {"a": True}},
    ],
)
def test_odd_schemas_are_no_strict_ones(schema: dict[str, Any]):
    assert strict_schema(schema) is None


def test_a_schema_that_nests_for_ever_is_no_strict_one():
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(500):
        deep = {"type": "object", "properties": {"a": deep}}
    assert strict_schema(deep) is None


@pytest.mark.parametrize(
    ("name", "sent"), [("Order", "Order"), ("약 정보", "object"), ("a b/c", "a_b_c"), ("x" * 99, "x" * 64)]
)
def test_servers_take_the_name(name: str, sent: str):
    assert shape_of(name, Inner.model_json_schema()).name == sent


def test_an_email_is_text():
    pytest.importorskip("email_validator")

    class Mail(BaseModel):
        to: EmailStr

    strict = strict_schema(Mail.model_json_schema())
    assert strict is not None
    assert strict["properties"]["to"] == {"type": "string"}
