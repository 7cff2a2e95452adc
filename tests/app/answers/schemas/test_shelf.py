"""The shelf: every source beside the others, what is broken told of, people's own in versions."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.answers.schemas import CitedAnswer, SchemaShelf, problem_text
from app.answers.schemas.checking import check
from app.answers.schemas.definition import Definition
from app.config import Settings
from app.errors import ConfigurationError, UsageError
from app.history import History

MODULE = '''
"""Schemas of a hospital."""
from __future__ import annotations
from datetime import date
from decimal import Decimal
from pydantic import BaseModel, ConfigDict, Field

class 처방(BaseModel):
    성분명: str
    증상: list[str]
    용량: Decimal | None = Field(default=None, json_schema_extra={"x-unit": "mg"})

class VATInvoice(BaseModel):
    """An invoice with VAT."""
    model_config = ConfigDict(json_schema_extra={"x-title": {"en": "VAT", "ko": "부가세"}, "x-many": True})
    issued: date

class Tree(BaseModel):
    children: list[Tree]

class Odd(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    thing: object
    call: type(print)
'''


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    made = History(f"sqlite:///{tmp_path / 'history.sqlite'}")
    yield made
    made.close()


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working directory that modules lie in."""
    before = set(sys.modules)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("clinic"):
            del sys.modules[name]


def definition(name: str = "my_form", field: str = "total") -> Definition:
    made, problems = check({"name": name, "fields": [{"name": field, "type": "money"}]})
    assert made is not None, problems
    return made


def test_shipped_schemas_are_found_by_name_class_and_title():
    shelf = SchemaShelf()
    assert shelf.find("cited_answer").model is CitedAnswer
    for said in ("invoice", "Invoice", " INVOICE ", "청구서", unicodedata.normalize("NFD", "청구서")):
        assert shelf.find(said).name == "invoice"
    assert shelf.find("DrugList").name == shelf.find("drug_list").name == "drug_list"
    assert shelf.find("약 정보").name == "drug_label"
    assert len({one.name for one in shelf.all()}) == len(shelf.all()) >= 9
    assert shelf.unusable() == []


def test_an_unknown_schema_lists_the_known_ones():
    with pytest.raises(UsageError, match=r"Did you mean 'drug_list'.* cited_answer, .*drug_list"):
        SchemaShelf().find("drug_lists")


def test_classes_of_a_module_are_schemas_and_those_that_cannot_be_are_told_of(modules: Path):
    (modules / "clinic.py").write_text(MODULE, encoding="utf-8")
    (modules / "clinic_broken.py").write_text("def x(:\n", encoding="utf-8")
    (modules / "clinic_empty.py").write_text("from pydantic import BaseModel\n", encoding="utf-8")
    path = list(sys.path)
    shelf = SchemaShelf(Settings(schemas="clinic, clinic_broken,clinic_empty,clinic_none"))
    prescription = shelf.find("처방")
    assert prescription.source == "python" and prescription.where == "clinic:처방"
    assert [(one.name, one.kind, one.many) for one in prescription.fields] == [
        ("성분명", "text", False),
        ("증상", "text", True),
        ("용량", "number", False),
    ]
    assert prescription.fields[2].unit == "mg"
    invoice = shelf.find("vat_invoice")
    assert invoice.many and invoice.title("ko") == "부가세" and invoice.about("ko") == "An invoice with VAT."
    broken = {one.where: problem_text(one.problems[0], "en") for one in shelf.unusable()}
    assert broken.keys() == {"clinic:Tree", "clinic:Odd", "clinic_broken", "clinic_empty", "clinic_none"}
    assert "leads to itself" in broken["clinic:Tree"]
    assert "SyntaxError" in broken["clinic_broken"] and "DOCENT_SCHEMAS" in broken["clinic_none"]
    assert shelf.find("invoice").source == "shipped"
    assert sys.path == path


def test_all_says_which_classes_a_module_offers(modules: Path):
    text = MODULE + '\n__all__ = ["처방", "MODULE", "date"]\n'
    (modules / "clinic_all.py").write_text(text, encoding="utf-8")
    shelf = SchemaShelf(Settings(schemas="clinic_all"))
    assert [one.name for one in shelf.all() if one.source == "python"] == ["처방"]
    assert shelf.unusable() == []


def test_a_broken_file_takes_no_other_down(tmp_path: Path):
    folder = tmp_path / "schemas"
    folder.mkdir()
    (folder / "good.yaml").write_text("fields: {성분명: str}\n", encoding="utf-8")
    (folder / "order.json").write_text('{"properties": {"id": {"type": "integer"}}}', encoding="utf-8")
    (folder / "broken.yaml").write_text("fields: {a: {pattern: '['}}\n", encoding="utf-8")
    (folder / "latin.yaml").write_bytes("fields: {größe: str}\n".encode("latin-1"))
    (folder / "invoice.yaml").write_text("fields: {a: str}\n", encoding="utf-8")
    (folder / "notes.txt").write_text("no schema", encoding="utf-8")
    (folder / ".hidden.yaml").write_text("[", encoding="utf-8")
    shelf = SchemaShelf(Settings(schema_dir=folder))
    assert [(one.name, one.source) for one in shelf.all() if one.source == "file"] == [
        ("good", "file"),
        ("order", "file"),
    ]
    told = {Path(one.where).name: one.problems[0].code for one in shelf.unusable()}
    assert told == {
        "broken.yaml": "pattern",
        "latin.yaml": "file_unread",
        "invoice.yaml": "schema_name_taken",
    }
    with pytest.raises(UsageError, match=r"broken\.yaml: “a”, pattern: “\[” cannot be used"):
        shelf.find("broken")
    (folder / "broken.yaml").write_text("fields: {a: str, b: date}\n", encoding="utf-8")
    assert [field.kind for field in shelf.find("broken").fields] == ["text", "date"]


def test_a_folder_that_is_not_there_is_told_of(tmp_path: Path):
    shelf = SchemaShelf(Settings(schema_dir=tmp_path / "none"))
    assert [one.problems[0].code for one in shelf.unusable()] == ["folder_lost"]
    assert shelf.find("invoice").name == "invoice"


# -- people's own ------------------------------------------------------------------------------------------


def test_own_schemas_have_versions_and_come_back(history: History):
    shelf = SchemaShelf(own=history.schemas)
    assert shelf.save(definition("내 양식", "합계")).version == 1
    assert shelf.save(definition("내 양식", "합계")).version == 1
    second = shelf.save(definition("내 양식", "세액"))
    assert (second.version, second.reference) == (2, "내 양식@2")
    assert [one.fields[0].name for one in shelf.versions("내 양식")] == ["세액", "합계"]
    assert shelf.find("내 양식").fields[0].name == "세액"
    assert shelf.find("내 양식@1").fields[0].name == "합계"
    history.schemas.delete("내 양식")
    assert "내 양식" not in [one.name for one in shelf.all()]
    assert shelf.find("내 양식@2").fields[0].name == "세액", "answers were made with it"
    with pytest.raises(UsageError):
        shelf.find("내 양식")
    history.schemas.restore("내 양식")
    assert shelf.find("내 양식").version == 2


def test_a_name_that_is_taken_is_refused(history: History):
    shelf = SchemaShelf(own=history.schemas)
    shelf.save(definition("mine"))
    given = {"fields": [{"name": "a"}]}
    for name, kept, code in [
        ("Invoice", "", "schema_name_taken"),
        ("mine", "", "schema_name_taken"),
        ("mine", "mine", ""),
    ]:
        _, problems = shelf.check(given | {"name": name}, kept)
        assert [one.code for one in problems] == ([code] if code else [])
    with pytest.raises(UsageError, match="my invoice"):
        shelf.save(definition("invoice"))
    broken = definition().model_copy(update={"fields": ()})
    with pytest.raises(UsageError, match="Add at least one"):
        shelf.save(broken)
    with pytest.raises(ConfigurationError):
        SchemaShelf().save(definition())


def test_what_a_newer_docent_kept_is_told_of(history: History):
    history.schemas.save("newer", "fields: {a: hologram}\n")
    shelf = SchemaShelf(own=history.schemas)
    assert [(one.where, one.problems[0].code) for one in shelf.unusable()] == [("newer", "own_unread")]
