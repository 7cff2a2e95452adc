"""What every keyword index must do. A new one is one more subclass of the contract."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.config import Settings
from vectorstore.base import KeywordIndex, Place
from vectorstore.keywords import keyword_class, open_keywords

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


def found(index: KeywordIndex, text: str, **options: object) -> list[str]:
    return [hit.id for hit in index.search(text, 10, **options)]  # type: ignore[arg-type]


class KeywordIndexContract:
    """Attributes: the `backend`, and the `options` (names of settings -> values) that it is reached with."""

    backend: str
    options: dict[str, Any] = {}  # noqa: RUF012 - a subclass says its own

    @pytest.fixture
    def place(self, tmp_path: Path) -> Iterator[Place]:
        made = Place(tmp_path / "모음 1", f"docent_{secrets.token_hex(6)}", Settings(**self.options))
        yield made
        keyword_class(self.backend).drop(made)

    @pytest.fixture
    def index(self, place: Place) -> Iterator[KeywordIndex]:
        index = open_keywords(self.backend, place)
        index.upsert(list(TEXTS), list(TEXTS.values()), list(METADATA.values()))
        yield index
        index.close()

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
    def test_search_finds_by_word_and_by_part(
        self, index: KeywordIndex, text: str, expected: list[str]
    ) -> None:
        assert found(index, text) == expected

    def test_hits_are_sorted_and_a_rare_word_counts_more(self, index: KeywordIndex) -> None:
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
        self, index: KeywordIndex, where: dict[str, object], expected: set[str]
    ) -> None:
        assert set(found(index, "days 3일", where=where)) == expected

    def test_a_filter_does_not_change_the_score(self, index: KeywordIndex) -> None:
        (plain,) = index.search("annual", 1)
        (filtered,) = index.search("annual", 1, {"file": "handbook.pdf"})

        assert filtered == plain

    @pytest.mark.parametrize(
        "text", ["", " ", "?!", "😀", '"', "(", "AND OR NOT", "*:*", "text:", "^2~", "\x00\ud800"]
    )
    def test_text_without_words_or_full_of_syntax_finds_nothing(self, index: KeywordIndex, text: str) -> None:
        assert index.search(text, 10) == []

    def test_syntax_around_words_does_no_harm(self, index: KeywordIndex) -> None:
        assert found(index, '+annual -leave "(unbalanced AND id:travel')[0] == "leave"

    def test_a_query_of_100_000_characters_is_searched(self, index: KeywordIndex) -> None:
        assert "leave" in found(index, "annual leave " + " ".join(f"w{n}" for n in range(15_000)))
        assert "korean" in found(index, "휴가 " * 33_000)

    @pytest.mark.parametrize(("k", "expected"), [(0, 0), (-1, 0), (1, 1), (10_000, 3)])
    def test_k_may_be_any_number(self, index: KeywordIndex, k: int, expected: int) -> None:
        assert len(index.search("days 3일", k)) == expected

    def test_upsert_replaces_and_delete_removes(self, index: KeywordIndex) -> None:
        index.upsert(["leave"], ["Sabbatical."], [{"file": "new.pdf"}])
        index.delete(["travel", "never there"])

        assert found(index, "annual travel") == []
        assert found(index, "sabbatical", where={"file": "new.pdf"}) == ["leave"]
        assert index.ids() == {"leave", "gpu", "korean"}
        assert index.count() == 3

    def test_weights_give_rare_and_unknown_words_the_most(self, index: KeywordIndex) -> None:
        weights = index.weights("days annual unheard")

        assert list(weights) == ["day", "annual", "unheard"]
        assert 0 < weights["day"] < weights["annual"] < weights["unheard"]

    def test_a_passage_is_found_by_what_stands_beside_it(self, place: Place) -> None:
        passages = ["Ten days may be kept.", "Ten days may be kept."]
        beside = [["Annual leave and how it is carried over."], ["Parking space and who may use it."]]
        index = open_keywords(self.backend, place)
        index.upsert(["leave", "parking"], passages, [{}, {}], beside)

        assert found(index, "days of leave kept") == ["leave", "parking"]
        assert found(index, "days of parking kept") == ["parking", "leave"]
        index.close()

    def test_words_that_stand_together_count_more_than_the_same_words_apart(self, place: Place) -> None:
        texts = {
            "apart": "The plan has a dental part and a health part.",
            "together": "A dental plan, health, part.",
        }
        index = open_keywords(self.backend, place)
        index.upsert(list(texts), list(texts.values()), [{}, {}])

        assert found(index, "dental plan")[0] == "together"
        assert found(index, "health part")[0] == "apart"
        index.close()

    def test_what_was_written_is_there_after_a_kill(self, place: Place) -> None:
        given = {f"DOCENT_{name.upper()}": str(value) for name, value in self.options.items()}
        command = [sys.executable, "-c", WRITE_AND_DIE, self.backend, str(place.folder), place.name]
        assert subprocess.run(command, env=os.environ | given).returncode == 9
        again = open_keywords(self.backend, place)
        assert found(again, "kept") == ["a"]
        again.close()

    def test_exists_until_it_is_dropped(self, index: KeywordIndex, place: Place) -> None:
        kind = keyword_class(self.backend)
        index.close()
        index.close()
        assert kind.exists(place)
        kind.drop(place)
        assert not kind.exists(place)
        kind.drop(place)
        again = open_keywords(self.backend, place)
        assert (again.ids(), again.count()) == (set(), 0)
        again.close()


WRITE_AND_DIE = """
import os, sys
from pathlib import Path
from vectorstore.base import Place
from vectorstore.keywords import open_keywords
index = open_keywords(sys.argv[1], Place(Path(sys.argv[2]), sys.argv[3]))
index.upsert(['a'], ['kept'], [{}])
os._exit(9)
"""
