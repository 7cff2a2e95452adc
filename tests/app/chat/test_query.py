"""Filters: read from a query or beside it, checked, and resolved to what the indexes hold."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from datetime import datetime

import pytest

from app.chat.retrieve import filters
from app.chat.retrieve.filters import resolve
from app.chat.retrieve.query import checked, joined, parse, parse_filters
from app.config import Settings
from app.errors import UsageError
from app.runtime import Runtime, build

FIELDS = "source, folder, type, page, date, after, before, title, record"


@pytest.mark.parametrize(
    ("text", "words", "where"),
    [
        ("source:handbook.pdf leave days", "leave days", {"source": ("handbook.pdf",)}),
        ("leave folder:HR type:.PDF page:3", "leave", {"folder": ("hr",), "type": ("pdf",), "page": (3,)}),
        ('source:"연차 휴가.pdf" 며칠', "며칠", {"source": ("연차 휴가.pdf",)}),
        ("파일：휴가.md 쪽:3-5 며칠", "며칠", {"source": ("휴가.md",), "page": (3, 4, 5)}),
        ("after:2025-01-01 before:2025.3 x", "x", {"after": ("2025-01-01",), "before": ("2025.3",)}),
        ("page:1 page:9,11 x", "x", {"page": (1, 9, 11)}),
        ("type:markdown x", "x", {"type": ("md",)}),
        ("record:en-01 title:Handbook x", "x", {"record": ("en-01",), "title": ("handbook",)}),
    ],
)
def test_filters_are_taken_out_of_a_query(text: str, words: str, where: dict[str, tuple[object, ...]]):
    query = parse(text)
    assert (query.text, dict(query.where)) == (words, where)


@pytest.mark.parametrize(
    "text",
    [
        "http://host/page", "at 12:30 today", "note: read this", "source: handbook", 'source:"unbalanced',
        "page:last", "page:0", "type:2 diabetes", "after:never", "date:2025-13", "ratio 3:1", "a::b", "page:",
        "  two  blanks ", "",
    ],
)  # fmt: skip
def test_what_is_no_filter_stays_text(text: str):
    query = parse(text)
    assert (query.text, dict(query.where)) == (text, {})


def test_a_decomposed_name_is_the_same_name():
    typed = unicodedata.normalize("NFD", "출처:휴가.md 며칠")
    assert parse(typed).where == {"source": ("휴가.md",)}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("colour=red", f"'colour'.*{FIELDS}"),
        ("page=x", r"page=\['x'\].*3-5"),
        ("page=5-3", "begin at 1"),
        ("type=exe", "types are .*csv"),
        ("after=tomorrow", "2025-03-31"),
        ("date=2025-02-30", "no date '2025-02-30'"),
        ("page", "field=value"),
        ("page=", "field=value"),
    ],
)
def test_a_wrong_filter_says_what_would_be_right(given: str, said: str):
    with pytest.raises(UsageError, match=said):
        parse_filters([given])


def test_the_same_field_twice_lets_either_fit_and_two_places_must_agree():
    assert parse_filters(["page=1", "page=2"]) == {"page": (1, 2)}
    assert joined(checked({"page": [1, 2]}), {"page": (2, 3), "type": ("pdf",)}) == {
        "page": (2,),
        "type": ("pdf",),
    }


def test_what_documents_say_of_themselves_is_a_filter_where_they_say_it():
    def own() -> list[str]:
        return ["author", "tags", "from", "비고"]

    text = 'author:Kim from:"lee@x.com" 태그:여행 비고:"긴 말" colour:red hotel'
    query = parse(text, own)
    assert query.text == "colour:red hotel"
    assert query.where == {
        "author": ("kim",),
        "from": ("lee@x.com",),
        "tags": ("여행",),
        "비고": ("긴 말",),
    }
    assert parse(text).where == {}
    assert parse_filters(["작성자=Kim"], own) == {"author": ("kim",)}
    with pytest.raises(UsageError, match=f"{FIELDS}.* of these documents: author, from, tags, 비고"):
        parse_filters(["colour=red"], own)


def test_names_of_own_fields_are_not_asked_for_without_need():
    def own() -> list[str]:
        raise AssertionError("not needed")

    assert parse("source:a.pdf leave days", own).text == "leave days"


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """Five files in three folders, of which one is old and one holds records."""
    root = tmp_path_factory.mktemp("filters") / "office"
    texts = {
        "hr/leave.md": "# Leave rules\n\nBlue whales take leave.",
        "hr/old/leave.txt": "Blue whales took leave.",
        "연차 휴가.md": "Blue whales and 연차.",
        "it/guide[1].html": "<title>Guide</title><p>Blue screens and whales.</p>",
        "it/memo.md": "---\nauthor: Kim Min-su\ntags: [travel, IT desk]\ndate: 2019-02-03\n---\n"
        "# Rules of the desk\n\nBlue whales at the desk.",
        "records.jsonl": '{"id": "r1", "title": "One", "text": "Blue whale one."}\n'
        '{"id": "r2", "title": "Two", "text": "Blue whale two."}\n',
    }
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    moment = datetime(2020, 5, 17, 12).timestamp()
    os.utime(root / "hr/old/leave.txt", (moment, moment))
    data = tmp_path_factory.mktemp("data")
    with build(Settings(data_dir=data, vector_backend="faiss")) as made:
        made.ingest([root])
        yield made


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("source:leave.md", {"hr/leave.md"}),
        ("source:hr/leave.md", {"hr/leave.md"}),
        ("source:LEAVE", {"hr/leave.md", "hr/old/leave.txt"}),
        ("source:leave.*", {"hr/leave.md", "hr/old/leave.txt"}),
        ("source:guide[1].html", {"it/guide[1].html"}),
        ('source:"연차 휴가.md"', {"연차 휴가.md"}),
        ("folder:hr", {"hr/leave.md", "hr/old/leave.txt"}),
        ("folder:hr/old/", {"hr/old/leave.txt"}),
        ("folder:old", {"hr/old/leave.txt"}),
        (
            "folder:off*",
            {
                "hr/leave.md",
                "hr/old/leave.txt",
                "연차 휴가.md",
                "it/guide[1].html",
                "it/memo.md",
                "records.jsonl",
            },
        ),
        ("type:md", {"hr/leave.md", "연차 휴가.md", "it/memo.md"}),
        ("type:md folder:hr", {"hr/leave.md"}),
        ("type:md type:txt", {"hr/leave.md", "hr/old/leave.txt", "연차 휴가.md", "it/memo.md"}),
        ("before:2020-05-18", {"hr/old/leave.txt", "it/memo.md"}),
        ("before:2020-05-17", {"it/memo.md"}),
        ("before:2019-02-03", set()),
        ("date:2019-02", {"it/memo.md"}),
        ("author:kim", {"it/memo.md"}),
        ("author:KIM author:lee", {"it/memo.md"}),
        ('author:"kim min-su"', {"it/memo.md"}),
        ("author:ki", set()),
        ("author:ki*", {"it/memo.md"}),
        ("tags:desk", {"it/memo.md"}),
        ("tags:travel author:lee", set()),
        ("tags:travel folder:hr", set()),
        ("heading:rules", {"hr/leave.md", "it/memo.md"}),
        ('heading:"of the desk"', {"it/memo.md"}),
        ("heading:rules author:kim", {"it/memo.md"}),
        ("date:2020-05", {"hr/old/leave.txt"}),
        ("after:2020-05-17 folder:hr", {"hr/leave.md", "hr/old/leave.txt"}),
        ("after:2020-05-18 folder:hr", {"hr/leave.md"}),
        ("record:r2", {"records.jsonl"}),
        ("title:guide", {"it/guide[1].html"}),
        ("page:1", set()),
        ("source:nothing.pdf", set()),
    ],
)
def test_both_sides_see_what_matches_and_nothing_else(runtime: Runtime, given: str, found: set[str]):
    searcher = runtime.searcher()
    for weight in (0.0, 1.0):
        hits = searcher.find(f"{given} blue whales", 20, dense_weight=weight).hits
        assert {hit.chunk.source for hit in hits} == found


def test_records_are_told_apart(runtime: Runtime):
    hits = runtime.searcher().search("blue whale", 9, {"record": ["r2", "r9"]})
    assert [hit.chunk.record_id for hit in hits] == ["r2"]


def test_what_cannot_match_is_not_searched(runtime: Runtime):
    assert resolve({"source": ("nothing.pdf",), "page": (1,)}, runtime.collection()) is None
    assert resolve({"page": (1,)}, runtime.collection()) == {"page": [1]}
    assert resolve({"after": ("2000",), "title": ("*",)}, runtime.collection()) == {}


def test_a_pattern_of_stars_takes_no_time(runtime: Runtime):
    assert resolve({"source": ("*a" * 60,)}, runtime.collection()) is None
    assert not filters._like("a" * 3000, "*a" * 60 + "b")
