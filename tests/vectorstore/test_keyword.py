"""The keyword index: ranking, filters, hostile text, durability, locks and damage."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import CollectionBusyError, CollectionDamagedError, CollectionError
from vectorstore.keyword import KeywordIndex

TEXTS = {
    "leave": "Employees take 15 days of annual leave.",
    "travel": "Travel expenses are paid within 3 days. Travel must be approved.",
    "gpu": "One RTX-4090 per desk, ordered on 2026-11-21.",
    "korean": "연차휴가는 3일 전에 신청해야 한다.",
}
METADATA = {
    "leave": {"file": "handbook.pdf", "page": 1, "type": "pdf"},
    "travel": {"file": "handbook.pdf", "page": 2, "type": "pdf"},
    "gpu": {"file": "it desk.md", "page": 0, "type": "md"},
    "korean": {"file": "취업규칙.pdf", "page": 2, "type": "pdf"},
}


@pytest.fixture
def index(tmp_path: Path) -> Iterator[KeywordIndex]:
    index = KeywordIndex(tmp_path / "keyword")
    index.upsert(list(TEXTS), list(TEXTS.values()), list(METADATA.values()))
    yield index
    index.close()


def found(index: KeywordIndex, text: str, **options: object) -> list[str]:
    return [hit.id for hit in index.search(text, 10, **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("traveling approval", ["travel"]),
        ("rtx-4090", ["gpu"]),
        ("4090", ["gpu"]),
        ("휴가 신청", ["korean"]),
        ("ＲＴＸ", ["gpu"]),
        ("unheard-of words", []),
    ],
)
def test_search_finds_by_word_and_by_part(index: KeywordIndex, text: str, expected: list[str]) -> None:
    assert found(index, text) == expected


def test_hits_are_sorted_and_a_rare_word_counts_more(index: KeywordIndex) -> None:
    hits = index.search("annual leave days travel", 10)

    assert [hit.id for hit in hits] == ["leave", "travel"]
    assert hits[0].score > hits[1].score > 0


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"file": "handbook.pdf"}, {"leave", "travel"}),
        ({"page": 2}, {"travel", "korean"}),
        ({"page": 2.0, "type": "pdf"}, {"travel", "korean"}),
        ({"page": [1, 2], "file": "handbook.pdf"}, {"leave", "travel"}),
        ({"file": ["취업규칙.pdf", "it desk.md"]}, {"korean"}),
        ({"page": []}, set()),
        ({"page": "2"}, set()),
        ({"no such.field\\": 1}, set()),
        ({}, {"leave", "travel", "korean"}),
    ],
)
def test_filters_match_by_equality_and_membership(
    index: KeywordIndex, where: dict[str, object], expected: set[str]
) -> None:
    assert set(found(index, "days 3일", where=where)) == expected


def test_a_filter_does_not_change_the_score(index: KeywordIndex) -> None:
    (plain,) = index.search("annual", 1)
    (filtered,) = index.search("annual", 1, {"file": "handbook.pdf"})

    assert filtered == plain


@pytest.mark.parametrize(
    "text", ["", " ", "?!", "😀", '"', "(", "AND OR NOT", "*:*", "text:", "^2~", "\x00\ud800"]
)
def test_text_without_words_or_full_of_syntax_finds_nothing(index: KeywordIndex, text: str) -> None:
    assert index.search(text, 10) == []


def test_syntax_around_words_does_no_harm(index: KeywordIndex) -> None:
    assert found(index, '+annual -leave "(unbalanced AND id:travel')[0] == "leave"


def test_a_query_of_100_000_characters_is_searched(index: KeywordIndex) -> None:
    assert "leave" in found(index, "annual leave " + " ".join(f"w{n}" for n in range(15_000)))
    assert "korean" in found(index, "휴가 " * 33_000)


@pytest.mark.parametrize(("k", "expected"), [(0, 0), (-1, 0), (1, 1), (10_000, 3)])
def test_k_may_be_any_number(index: KeywordIndex, k: int, expected: int) -> None:
    assert len(index.search("days 3일", k)) == expected


def test_upsert_replaces_and_delete_removes(index: KeywordIndex) -> None:
    index.upsert(["leave"], ["Sabbatical."], [{"file": "new.pdf"}])
    index.delete(["travel", "never there"])

    assert found(index, "annual travel") == []
    assert found(index, "sabbatical", where={"file": "new.pdf"}) == ["leave"]
    assert index.ids() == {"leave", "gpu", "korean"}
    assert index.count() == 3


def test_weights_give_rare_and_unknown_words_the_most(index: KeywordIndex) -> None:
    weights = index.weights("days annual unheard")

    assert list(weights) == ["day", "annual", "unheard"]
    assert 0 < weights["day"] < weights["annual"] < weights["unheard"]


def test_matched_names_the_terms_of_the_query_that_a_text_holds(index: KeywordIndex) -> None:
    assert index.matched("When is travel approved by Kim?", TEXTS["travel"]) == ("travel", "approv")


def test_what_was_written_is_there_after_a_kill(tmp_path: Path) -> None:
    folder = tmp_path / "keyword"
    code = (
        "import os, pathlib, sys; from vectorstore.keyword import KeywordIndex; "
        "index = KeywordIndex(pathlib.Path(sys.argv[1])); index.upsert(['a'], ['kept'], [{}]); os._exit(9)"
    )

    assert subprocess.run([sys.executable, "-c", code, str(folder)]).returncode == 9
    again = KeywordIndex(folder)
    assert found(again, "kept") == ["a"]
    again.close()


def test_a_reader_takes_no_lock_and_sees_new_commits_after_reload(index: KeywordIndex) -> None:
    reader = KeywordIndex(index.folder, read_only=True)
    index.upsert(["new"], ["fresh"], [{}])
    before = found(reader, "fresh")
    reader.reload()

    assert before == []
    assert found(reader, "fresh") == ["new"]
    reader.close()


def test_a_second_writer_is_told_that_the_index_is_busy(index: KeywordIndex) -> None:
    with pytest.raises(CollectionBusyError, match="keyword"):
        KeywordIndex(index.folder)


def test_close_frees_the_lock_and_ends_writing(index: KeywordIndex) -> None:
    index.close()
    index.close()

    with pytest.raises(CollectionError, match="not open for writing"):
        index.delete(["leave"])
    KeywordIndex(index.folder).close()


def test_a_missing_index_is_damage_to_a_reader(tmp_path: Path) -> None:
    with pytest.raises(CollectionDamagedError, match="--rebuild"):
        KeywordIndex(tmp_path / "nothing", read_only=True)


@pytest.mark.parametrize("victim", ["meta.json", "*.term", "*.idx"])
@pytest.mark.parametrize("read_only", [True, False])
def test_a_broken_index_is_named_with_its_cure(
    index: KeywordIndex, tmp_path: Path, victim: str, read_only: bool
) -> None:
    broken = tmp_path / "broken"
    index.close()
    shutil.copytree(index.folder, broken)
    for file in broken.glob(victim):
        file.write_bytes(b"{")

    with pytest.raises(CollectionDamagedError, match="--rebuild"):
        KeywordIndex(broken, read_only=read_only).search("annual", 3)


def test_an_index_of_other_tokens_must_be_rebuilt(tmp_path: Path) -> None:
    import tantivy

    tantivy.Index(tantivy.SchemaBuilder().add_text_field("text").build(), path=str(tmp_path))

    with pytest.raises(CollectionDamagedError, match="--rebuild"):
        KeywordIndex(tmp_path)


def test_a_passage_is_found_by_what_stands_beside_it(tmp_path: Path) -> None:
    passages = ["Ten days may be kept.", "Ten days may be kept."]
    beside = [["Annual leave and how it is carried over."], ["Parking space and who may use it."]]
    index = KeywordIndex(tmp_path / "keyword")
    index.upsert(["leave", "parking"], passages, [{}, {}], beside)

    assert found(index, "days of leave kept") == ["leave", "parking"]
    assert found(index, "days of parking kept") == ["parking", "leave"]
    index.close()


def test_words_that_stand_together_count_more_than_the_same_words_apart(tmp_path: Path) -> None:
    texts = {
        "apart": "The plan has a dental part and a health part.",
        "together": "A dental plan, health, part.",
    }
    index = KeywordIndex(tmp_path / "keyword")
    index.upsert(list(texts), list(texts.values()), [{}, {}])

    assert found(index, "dental plan")[0] == "together"
    assert found(index, "health part")[0] == "apart"
    index.close()
