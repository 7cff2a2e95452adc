"""What documents say of themselves, to filter by: front matter, HTML's meta elements, fields of records."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.loaders import SourceDocument, read


def only(path: Path, content: str) -> SourceDocument:
    path.write_text(content, encoding="utf-8")
    (document,) = read(path)
    return document


def test_front_matter_is_metadata_and_no_text(tmp_path: Path) -> None:
    front = "title: '휴가: 규정'\nAuthor: 김민수\ndate: 2026-03-02\ntags: [휴가, leave]\n"
    front += "list:\n  - a\n  - 010\ndraft: no\n"
    document = only(
        tmp_path / "a.md", f"---\n{front}empty:\nnone: ~\nnested: {{a: 1}}\n---\n\n# 제1장\n\n본문.\n"
    )
    assert document.title == "휴가: 규정"
    assert [block.text for block in document.blocks] == ["제1장", "본문."]
    assert document.metadata == {
        "author": ("김민수",),
        "date": ("2026-03-02",),
        "tags": ("휴가", "leave"),
        "list": ("a", "010"),
        "draft": ("no",),
    }


def test_front_matter_that_is_no_yaml_gives_its_lines(tmp_path: Path) -> None:
    document = only(tmp_path / "a.md", '---\ntitle: Leave: the rules\nauthor: "Kim"\n---\nText.\n')
    assert (document.title, document.metadata) == ("Leave: the rules", {"author": ("Kim",)})
    assert [block.text for block in document.blocks] == ["Text."]


@pytest.mark.parametrize("front", ["Only a paragraph between rules.", "- a\n- b", "{{ template }}"])
def test_text_between_rules_stays_text(tmp_path: Path, front: str) -> None:
    document = only(tmp_path / "a.md", f"---\n{front}\n---\nText.\n")
    assert document.metadata == {}
    assert front.split()[-1] in "\n".join(block.text for block in document.blocks)


@pytest.mark.parametrize(
    "front",
    [
        "a: !!python/object/apply:os.system ['touch hacked']",
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]",
        "a: &a {b: c}\n<<: [" + ", ".join(["*a"] * 500) + "]",
        "a: " + "[" * 5000,
        "date: 2026-99-99",
        "? [a, b]\n: c",
    ],
)
def test_hostile_front_matter_makes_nothing(
    tmp_path: Path, front: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    document = only(tmp_path / "a.md", f"---\n{front}\n---\nText.\n")
    assert document.blocks[-1].text == "Text."
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]


def test_names_and_values_are_few_and_short(tmp_path: Path) -> None:
    front = "".join(f"name {number}: value\n" for number in range(200)) + f"name 0: {'x' * 500}\n"
    metadata = only(tmp_path / "a.md", f"---\n{front}---\nText.\n").metadata
    assert 24 <= len(metadata) <= 60
    assert all(len(value) <= 200 for values in metadata.values() for value in values)
    assert "name_1" in metadata


def test_meta_elements_of_html(tmp_path: Path) -> None:
    head = (
        '<title>T</title><meta name="Author" content="Kim"><meta name="keywords" content="leave, 휴가 ,">'
        '<meta property="article:published_time" content="2026-03-02T09:00:00Z">'
        '<meta name="viewport" content="x">'
    )
    document = only(tmp_path / "a.html", f"<html><head>{head}</head><body><p>Text.</p></body></html>")
    assert document.metadata == {
        "author": ("Kim",),
        "tags": ("leave", "휴가"),
        "date": ("2026-03-02T09:00:00Z",),
    }


def test_fields_of_records(tmp_path: Path) -> None:
    record = {
        "id": 7,
        "title": "Leave",
        "text": "Fifteen days.",
        "Author": "Kim",
        "year": 2026,
        "valid": True,
        "none": None,
        "tags": ["a", 1],
        "nested": {"x": 1},
        "metadata": {"team": "HR"},
        "long": "x" * 201,
    }
    expected = {
        "team": ("HR",),
        "author": ("Kim",),
        "year": ("2026",),
        "valid": ("true",),
        "tags": ("a", "1"),
    }
    document = only(tmp_path / "a.jsonl", json.dumps(record))
    assert (document.record_id, document.title, document.metadata) == ("7", "Leave", expected)
    assert [block.text for block in document.blocks] == ["Fifteen days."]
    document = only(tmp_path / "a.json", json.dumps([record]))
    assert (document.record_id, document.title, document.metadata) == ("7", "Leave", expected)


def test_an_object_keeps_all_as_text_and_its_scalars_as_metadata(tmp_path: Path) -> None:
    document = only(tmp_path / "a.json", json.dumps({"id": "x", "name": "Kim", "rows": [{"a": 1}]}))
    assert document.record_id is None
    assert document.metadata == {"name": ("Kim",)}
    assert "\n".join(block.text for block in document.blocks) == "id: x\nname: Kim\nrows.a: 1"
