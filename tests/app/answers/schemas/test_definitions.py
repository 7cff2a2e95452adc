"""Schemas from files: what they may say, what is refused and how, and what becomes of them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from app.answers.schemas import Field, Schema, problem_text
from app.answers.schemas.checking import check, check_text, pattern_problem
from app.answers.schemas.definition import MOST_FIELDS, as_yaml
from app.answers.schemas.files import shipped
from app.answers.schemas.problems import Problem


def schema(text: str | dict[str, Any], name: str = "sample") -> Schema:
    given = text if isinstance(text, str) else json.dumps(text, ensure_ascii=False)
    definition, problems = check_text(given, name)
    assert definition is not None, [problem_text(one, "en") for one in problems]
    return Schema.of(definition, "file")


def problems(text: str | dict[str, Any]) -> tuple[Problem, ...]:
    given = text if isinstance(text, str) else json.dumps(text, ensure_ascii=False)
    definition, found = check_text(given, "sample")
    assert definition is None and found
    return found


def obj(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


DRUG = """
name: drug
title: {en: Drug, ko: 약}
fields:
  성분명: str
  증상: list[str]
  용량: {type: number, unit: mg, required: true, minimum: 0, labels: [용량, Dose], description: 하루 양}
  코드: {pattern: '^[A-Z]{2}\\d+$'}
  분류: {enum: [전문, 일반]}
  제조일: date
  제조사: {fields: [{name: 이름}, {name: 메일, type: email}]}
"""


def test_a_short_file_with_korean_names_is_a_whole_schema():
    made = schema(DRUG)
    kinds = {field.name: (field.kind, field.many, field.required) for field in made.fields}
    assert kinds == {
        "성분명": ("text", False, False),
        "증상": ("text", True, False),
        "용량": ("number", False, True),
        "코드": ("text", False, False),
        "분류": ("choice", False, False),
        "제조일": ("date", False, False),
        "제조사": ("object", False, False),
    }
    dose = made.fields[2]
    assert (dose.unit, dose.labels, dose.description) == ("mg", ("용량", "Dose"), "하루 양")
    assert made.json_schema["properties"]["용량"]["minimum"] == 0
    assert made.fields[3].pattern == r"^[A-Z]{2}\d+$"
    assert (made.title("ko"), made.title("en"), made.name) == ("약", "Drug", "drug")
    whole = {"성분명": "이부프로펜", "증상": ["두통"], "용량": 200, "제조일": "2024-03-02", "분류": "일반"}
    value = made.model.model_validate(whole)
    assert value.성분명 == "이부프로펜"  # type: ignore[attr-defined]
    assert value.model_dump(mode="json") == whole | {"코드": None, "제조사": None}
    assert json.loads(value.model_dump_json())["용량"] == 200


MISFITS = [
    ({"용량": "200"}, "용량"),
    ({"용량": True}, "용량"),
    ({"용량": -1}, "용량"),
    ({"용량": float("inf")}, "용량"),
    ({}, "용량"),
    ({"용량": 1, "색": "x"}, "색"),
    ({"용량": 1, "코드": "a1"}, "코드"),
    ({"용량": 1, "분류": "둘다"}, "분류"),
    ({"용량": 1, "제조일": "2024-02-30"}, "제조일"),
    ({"용량": 1, "제조일": "2.3.2024"}, "제조일"),
    ({"용량": 1, "증상": "두통"}, "증상"),
    ({"용량": 1, "제조사": {"메일": "nobody"}}, "제조사.메일"),
    ({"용량": 1, "제조사": {"field": "x"}}, "제조사.field"),
]


@pytest.mark.parametrize(("given", "field"), MISFITS)
def test_what_does_not_fit_is_named_by_its_field(given: dict[str, Any], field: str):
    with pytest.raises(ValidationError) as caught:
        schema(DRUG).model.model_validate(given)
    assert ".".join(map(str, caught.value.errors()[0]["loc"])) == field


ODD_NAMES = [
    "model_config",
    "json",
    "schema",
    "copy",
    "_hidden",
    "class",
    "model_dump",
    "__init__",
    "self",
    "x y",
]
ODD_NAMES += ["field_1", "1", "a/b", "합계(원)", "fields", "list", "described", "validate", "$ref", "%"]


def test_names_that_mean_something_to_python_work_like_any_other():
    made = schema({"type": "object", "properties": {name: {"type": "string"} for name in ODD_NAMES}})
    whole = {name: f"value of {name}" for name in ODD_NAMES}
    assert made.model.model_validate(whole).model_dump(mode="json") == whole
    assert made.model.model_validate_json(json.dumps(whole)).model_dump(mode="json") == whole
    assert [field.name for field in made.fields] == ODD_NAMES
    assert list(made.json_schema["properties"]) == ODD_NAMES


def test_a_name_written_in_parts_is_the_same_name():
    parts = "성분명".encode().decode()
    import unicodedata

    made = schema(f"fields:\n  {unicodedata.normalize('NFD', parts)}: str\n")
    assert made.fields[0].name == parts


@pytest.mark.parametrize("one", shipped(), ids=lambda one: one.name)
def test_a_shipped_schema_is_whole_in_both_languages_and_reads_again_as_itself(one: Schema):
    assert one.title("en") != one.title("ko") and one.about("en") != one.about("ko")
    assert one.json_schema == one.model.model_json_schema()
    assert one.definition is not None
    again = schema(as_yaml(one.definition))
    assert (again.json_schema, again.hash) == (one.json_schema, one.hash)
    from_json = schema({**one.json_schema, "x-name": one.name})
    assert from_json.fields == one.fields and from_json.many == one.many
    for _, field in one.definition.walk():
        assert field.title.en and field.title.ko, field.name


def test_the_invoice_knows_what_documents_call_its_values():
    invoice = next(one for one in shipped() if one.name == "invoice")
    called = {field.name: set(field.labels) for field in invoice.fields}
    assert {"Total due", "합계금액"} <= called["total"] and {"공급가액", "Subtotal"} <= called[
        "supply_amount"
    ]
    assert {"VAT", "부가세", "세액"} <= called["vat"] and {"발행일", "Issue date"} <= called["date"]


def levels(fields: tuple[Field, ...]) -> Iterator[tuple[Field, ...]]:
    yield fields
    for field in fields:
        yield from levels(field.fields)


@pytest.mark.parametrize("one", shipped(), ids=lambda one: one.name)
def test_no_two_fields_of_a_shipped_schema_wait_for_one_label(one: Schema):
    for level in levels(one.fields):
        labels = [label for field in level for label in {label.casefold() for label in field.labels}]
        assert sorted(labels) == sorted(set(labels))


# -- JSON Schema -------------------------------------------------------------------------------------------

POINTED = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Order",
    "type": "object",
    "required": ["id", "lines"],
    "properties": {
        "id": {"type": "string", "pattern": "^A-[0-9]+$", "description": "Number."},
        "lines": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/line"}},
        "ship": {"anyOf": [{"$ref": "#/$defs/place"}, {"type": "null"}], "description": "Where to."},
        "state": {"enum": ["open", "closed", None]},
        "kind": {"const": "order"},
        "weight": {"type": ["number", "null"], "exclusiveMinimum": 0, "x-unit": "kg"},
        "when": {"type": "string", "format": "date-time"},
        "rate": {"type": "number", "enum": [0, 0.1]},
        "free": {"description": "Anything."},
    },
    "$defs": {
        "line": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"sku": {"type": "string"}, "price": {"type": "number", "format": "money"}},
            "required": ["sku"],
        },
        "place": {"allOf": [{"$ref": "#/definitions/city"}]},
    },
    "definitions": {"city": obj(city={"type": "string", "x-labels": ["City", "도시"]})},
}


def test_references_are_followed_and_constraints_kept():
    made = schema(POINTED)
    lines, ship = made.fields[1], made.fields[2]
    assert (lines.kind, lines.many, lines.required, lines.fields[1].kind) == ("object", True, True, "money")
    assert (ship.kind, ship.nullable, ship.description) == ("object", True, "Where to.")
    assert ship.fields[0].labels == ("City", "도시")
    assert "$ref" not in json.dumps(made.json_schema)
    good = {"id": "A-1", "lines": [{"sku": "x", "price": 3.5}], "state": "open", "kind": "order", "rate": 0.1}
    made.model.model_validate(good)
    wrong: list[tuple[str, Any]] = [
        ("lines", []),
        ("lines", [{"price": 3}]),
        ("kind", "offer"),
        ("weight", 0),
        ("when", "yesterday"),
        ("rate", 0.2),
        ("id", "B-1"),
        ("id", None),
    ]
    for name, value in wrong:
        with pytest.raises(ValidationError):
            made.model.model_validate(good | {name: value})


def test_an_array_of_objects_is_a_schema_of_records():
    made = schema({"type": "array", "items": obj(name={"type": "string"})})
    assert made.many and made.json_schema["x-many"] is True


TREE = {
    "$ref": "#/$defs/node",
    "$defs": {"node": obj(children={"type": "array", "items": {"$ref": "#/$defs/node"}})},
}
BOMB = obj(a={"$ref": "#/$defs/d0"}) | {
    "$defs": {f"d{i}": obj(**{str(j): {"$ref": f"#/$defs/d{i + 1}"} for j in range(10)}) for i in range(4)}
    | {"d4": obj(x={"type": "string"})}
}
CHAIN = obj(a={"$ref": "#/$defs/d0"}) | {"$defs": {f"d{i}": {"$ref": f"#/$defs/d{i + 1}"} for i in range(99)}}

REFUSED: list[tuple[str | dict[str, Any], str, str, str]] = [
    (TREE, "recursion", "children", "no end"),
    (BOMB, "fields_many", "", "500"),
    (CHAIN, "references_many", "a", ""),
    (obj(a={"$ref": "#/$defs/none"}), "ref_lost", "a", "#/$defs/none"),
    (obj(a={"$ref": "https://x.example/s.json"}), "ref_away", "a", "$defs"),
    (obj(a={"anyOf": [{"type": "string"}, obj(b={})]}), "several_types", "a", "one type"),
    (obj(a={"type": "array", "items": {"type": "array"}}), "list_of_lists", "a", "list of objects"),
    (obj(a={"type": "object", "additionalProperties": {"type": "string"}}), "open_object", "a", "properties"),
    (obj(a={"not": {"type": "string"}}), "keyword", "a", "Remove it"),
    (obj(a={"type": "date"}), "type_unknown", "a", "string, integer"),
    (obj(a=True), "no_schema", "a", "type"),
    (obj(a={}) | {"required": ["b"]}, "required_unknown", "", "“b”"),
    (obj(a={"pattern": "(?=x)"}), "pattern", "a", "look-around"),
    (obj(a={"pattern": "["}), "pattern", "a", "unclosed"),
    (obj(a={"pattern": r"(a{1000}){1000}"}), "pattern", "a", "size limit"),
    (obj(a={"pattern": "x" * 400}), "pattern_long", "a", "300"),
    (obj(**{"a.b": {}}), "name_odd", "a.b", "“a_b”"),
    (obj(**{" ": {}}), "name_empty", "", "Write one"),
    (obj(**{"x" * 90: {}}), "name_long", "x" * 90, "80"),
    (obj(a={"minimum": 5, "maximum": 1, "type": "number"}), "limits_crossed", "a", "5"),
    (obj(), "no_properties", "", "properties"),
    ({"$ref": "#"}, "recursion", "", "#"),
    (obj(**{f"f{i}": {} for i in range(3000)}), "fields_many", "", str(MOST_FIELDS)),
    ("fields:\n  a: {type: str, type: int}\n", "key_twice", "", "Line 2"),
    ("fields: [{name: a}, {name: a}]\n", "name_twice", "a", "Rename"),
    ("fields: {a: colour}\n", "type_unknown", "a", "colour"),
    ("fields: {a: {type: text, colour: red}}\n", "key_unknown", "a", "colour"),
    ("fields: {a: {required: maybe}}\n", "misfit", "a", "maybe"),
    ("fields: {a: {type: choice}}\n", "choices_none", "a", "Add"),
    ("fields: {a: {type: choice, choices: [x, x]}}\n", "choice_twice", "a", "“x”"),
    ("fields: {a: {type: number, pattern: x}}\n", "pattern_misplaced", "a", "number"),
    ("fields: {a: {type: text, minimum: 3}}\n", "limit_misplaced", "a", "minimum"),
    ("fields: {a: {minItems: 3}}\n", "items_misplaced", "a", "list"),
    ("fields: {a: object}\n", "object_empty", "a", "fields of its own"),
    ("fields: {a: {type: text, fields: {b: str}}}\n", "fields_misplaced", "a", "object"),
    ("fields: {a: {fields: {b: {type: colour}}}}\n", "type_unknown", "a.b", "colour"),
    ("fields: [1, 2]\n", "misfit", "?", "1"),
    ("fields: {}\n", "fields_none", "", "Add"),
    ("name: a/b\nfields: {a: str}\n", "schema_name_odd", "", "a/b"),
    ("a: &x [1]\nb: *x\n", "alias", "", "Line 2"),
    ("a: &x [*x]\n", "alias", "", "Line 1"),
    ("fields: {1: str}\n", "key", "", "quotes"),
    ("fields: {a: [}\n", "syntax", "", "Line 1"),
    ('{"fields": {"a": "str",}}', "syntax", "", "Line 1"),
    ("!!python/object:os.system x", "syntax", "", "python"),
    ("fields: !!set {a}", "syntax", "", "YAML"),
    ('{"fields": {"a": "\\ud800"}}', "syntax", "", "surrogates"),
    (obj(a={"type": "array", "maxItems": 10**30}), "misfit", "a", "less than"),
    (obj(a={"type": {}}), "type_unknown", "a", "{}"),
    (obj(a={}) | {"required": [{}]}, "required_unknown", "", "{}"),
    ("just words", "no_mapping", "", "fields"),
    ("", "no_mapping", "", "fields"),
    ("[" * 500, "nested_file", "", "flatter"),
    ('{"a":' * 3000, "nested_file", "", "flatter"),
    ("x" * 300_000, "file_large", "", "256"),
]


@pytest.mark.parametrize(("given", "code", "field", "word"), REFUSED, ids=lambda one: str(one)[:30])
def test_what_cannot_be_used_is_refused_with_place_value_and_cure(
    given: str | dict[str, Any], code: str, field: str, word: str
):
    first = problems(given)[0]
    assert (first.code, first.field) == (code, field)
    assert word in problem_text(first, "en")
    assert problem_text(first, "ko") != problem_text(first, "en")
    assert "{" not in problem_text(first, "en").replace("{1000}", "").replace("{}", "")


def nested(depth: int) -> dict[str, Any]:
    given: dict[str, Any] = {"name": "leaf"}
    for i in range(depth):
        given = {"name": f"o{i}", "type": "object", "fields": [given]}
    return {"name": "deep", "fields": [given]}


def test_objects_may_be_nested_but_not_for_ever():
    assert check(nested(5))[0] is not None
    for depth in (7, 200):
        definition, found = check(nested(depth))
        assert definition is None and found[0].code == "nested_deep"


def test_a_pattern_never_takes_long_whatever_the_text():
    assert pattern_problem("^(a+)+$") == "" and pattern_problem(r"^\p{Hangul}+$") == ""
    made = schema({"type": "object", "properties": {"a": {"type": "string", "pattern": "^(a+)+$"}}})
    began = time.perf_counter()
    with pytest.raises(ValidationError):
        made.model.model_validate({"a": "a" * 50_000 + "!"})
    assert time.perf_counter() - began < 2


def test_hundreds_of_fields_are_fine():
    made = schema(
        {"type": "object", "properties": {f"항목 {i}": {"type": "integer"} for i in range(MOST_FIELDS)}}
    )
    assert made.model.model_validate({"항목 7": 7}).model_dump()["항목 7"] == 7


def test_all_problems_are_told_at_once_with_where_the_field_stands():
    found = problems(
        "fields: [{name: a}, {name: b, fields: [{name: c}, {name: d, pattern: '['}]}, {name: a}]\n"
    )
    assert [(one.code, one.at, one.part) for one in found] == [
        ("pattern", (1, 1), "pattern"),
        ("name_twice", (2,), "name"),
    ]
    assert problem_text(found[0], "ko").startswith("“b.d”, 형식: ")


def test_yaml_is_read_as_json_would_have_it():
    made = schema("fields:\n  no: {choices: [yes, off, 010, 1:30, 2024-01-01]}\n  y: {choices: [1, 2]}\n")
    assert made.fields[0].name == "no"
    assert made.fields[0].choices == ("yes", "off", "010", "1:30", "2024-01-01")
    made.model.model_validate({"y": 2})
    with pytest.raises(ValidationError):
        made.model.model_validate({"y": "2"})
