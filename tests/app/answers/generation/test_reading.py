"""JSON is taken as it is or not at all: cut at every byte, with names twice, in the wrong types."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Literal

import pytest
from pydantic import BaseModel

from app.answers.generation.json_text import Problem, breaks_off_in, loads
from app.answers.generation.preview import preview
from app.answers.generation.reading import read
from app.answers.schemas import Schema

WHOLE = {
    "약": [{"성분명": '이부"프로펜\\', "증상": ["두통", "발열"], "새": True, "양": -12.5, "없": None}],
    "a b": {"c": {}, "d": []},
    "n": 1e5,
}


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_an_object_cut_at_any_byte_is_noticed_and_its_beginning_can_be_shown(
    indent: int | None, ascii_only: bool
):
    whole = json.dumps(WHOLE, ensure_ascii=ascii_only, indent=indent).replace("100000.0", "1.0e+5")
    assert loads(whole) == WHOLE
    for end in range(1, len(whole.encode())):
        cut = whole.encode()[:end].decode(errors="ignore")
        with pytest.raises(Problem, match="breaks off"):
            loads(cut)
        assert isinstance(preview(cut), dict)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", ""),
        ("{", ""),
        ('{"a', ""),
        ('{"a":', "a"),
        ('{"a": "x', "a"),
        ('{"a": "x", "b": [', "b.0"),
        ('{"a": [1, 2', "a.1"),
        ('{"a": [{"약": tr', "a.0.약"),
        ('{"a": [{"약": {"b": 1}}, {"c": "x: {', "a.1.c"),
        ('{"a": {"b": 1}, "c": 2', "c"),
        ('{"a": "b\\": {', "a"),
        ("}]}", ""),
    ],
)
def test_where_it_breaks_off(text: str, field: str):
    assert breaks_off_in(text) == field


class Colour(Enum):
    RED = "red"
    BLUE = "파랑"


class Part(BaseModel):
    name: str
    size: float = 1.0


class Thing(BaseModel):
    day: date
    price: Decimal
    colour: Colour
    kind: Literal["a", "b"] = "a"
    part: Part
    other: Part | None = None
    parts: list[Part] = []
    count: int | None = None


THING = Schema("thing", Thing)
GIVEN: dict[str, Any] = {
    "day": "2024-03-02",
    "price": 12.50,
    "colour": "파랑",
    "kind": "b",
    "part": {"name": "x", "size": 2},
    "other": None,
    "parts": [{"name": "y", "size": 0.5}],
    "count": 3,
}


def test_what_fits_is_taken_with_its_types():
    assert read(json.dumps(GIVEN), THING) == GIVEN


def test_null_leaves_out_what_may_be_left_out():
    given = GIVEN | {"kind": None, "parts": [{"name": "y", "size": None}], "count": None}
    found = read(json.dumps(given), THING)
    assert "kind" not in found
    assert found["parts"] == [{"name": "y"}]
    assert found["count"] is None


WRONG = [
    ("day", "2 March 2024", "date"),
    ("day", 20240302, "date"),
    ("day", "2024-02-30", "date"),
    ("price", "12,50", "decimal"),
    ("price", True, "Decimal"),
    ("colour", "green", "red"),
    ("kind", "A", "'a' or 'b'"),
    ("part", None, "object"),
    ("part", [], "object"),
    ("part.name", 5, "string"),
    ("part.size", "2", "number"),
    ("parts.0.size", "0.5", "number"),
    ("count", "3", "integer"),
    ("count", 3.0, "integer"),
]


@pytest.mark.parametrize(("field", "value", "cause"), WRONG)
def test_what_does_not_fit_names_the_field_and_the_cause(field: str, value: object, cause: str):
    given: Any = json.loads(json.dumps(GIVEN))
    *path, last = [int(one) if one.isdigit() else one for one in field.split(".")]
    inner = given
    for one in path:
        inner = inner[one]
    inner[last] = value
    with pytest.raises(Problem) as raised:
        read(json.dumps(given), THING)
    assert raised.value.field == field
    assert cause in raised.value.cause


def test_leniently_any_single_value_may_be_null_and_nothing_else():
    given = GIVEN | {"day": None, "part": {"name": None, "size": 1.0}}
    assert read(json.dumps(given), THING, lenient=True)["day"] is None
    for wrong in (GIVEN | {"part": None}, GIVEN | {"day": None, "colour": "green"}):
        with pytest.raises(Problem):
            read(json.dumps(wrong), THING, lenient=True)


def test_code_of_a_schema_that_people_wrote_is_asked():
    from pydantic import field_validator

    class Even(BaseModel):
        n: int

        @field_validator("n")
        @classmethod
        def check(cls, n: int) -> int:
            if n % 2:
                raise ValueError("must be even")
            return n

    assert read('{"n": 2}', Schema("even", Even)) == {"n": 2}
    with pytest.raises(Problem, match="must be even"):
        read('{"n": 3}', Schema("even", Even))
