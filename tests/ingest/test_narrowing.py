"""A filtered search finds what an unfiltered one finds of the same chunks, whichever way it takes."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from doubles import WordModel

from app.config import Settings
from ingest import indexes
from ingest.collection import Collection
from ingest.pipeline import sync
from vectorstore.base import Filter, Scored

WORDS = ["leave", "pay", "travel", "hotel", "laptop", "desk", "badge", "garden", "whale", "march"]
MODEL = WordModel()


@pytest.fixture(scope="module", params=["faiss", "chroma"])
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Forty files of three chunks each, under one of four headings."""
    folder, rng = tmp_path_factory.mktemp("docs"), random.Random(4)
    for number in range(40):
        parts = [f"# Part {number % 4}\n\n"]
        parts += [" ".join(rng.choices(WORDS, k=30)).capitalize() + ".\n\n" for _ in range(3)]
        (folder / f"{number}.md").write_text("".join(parts), encoding="utf-8")
    made = Settings(data_dir=tmp_path_factory.mktemp("data"), vector_backend=request.param, chunk_tokens=40)
    sync([folder], made, MODEL, collection="default")
    return made


def some_files(held: Collection, count: int) -> Filter:
    return {"file_id": sorted(record.id for record in held.records())[:count]}


def a_heading(held: Collection, count: int) -> Filter:
    return {"heading": sorted(held.heading_paths())[:count]}


def files_and_page(held: Collection, count: int) -> Filter:
    return {**some_files(held, count), "page": [0]}


def documents(held: Collection, count: int) -> Filter:
    return {"document_id": sorted(name.id for name in held.document_names())[:count]}


def sources(held: Collection, count: int) -> Filter:
    return {"source": sorted(record.source for record in held.records())[:count], "page": 0}


# Few and many: answered from the chunks that are left, or from more hits of all.
@pytest.mark.parametrize("few", [0, 10, 10_000])
@pytest.mark.parametrize("values_looked_up", [0, 500])
@pytest.mark.parametrize("narrow", [some_files, a_heading, files_and_page, documents, sources])
@pytest.mark.parametrize("count", [1, 3, 30])
def test_a_filter_keeps_the_ranking_of_what_it_leaves(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    few: int,
    values_looked_up: int,
    narrow: Callable[[Collection, int], Filter],
    count: int,
) -> None:
    monkeypatch.setattr(indexes, "_FEW", few)
    monkeypatch.setattr(indexes, "_FEW_VALUES", values_looked_up)
    with Collection.open("default", settings) as held:
        where, total = narrow(held, count), held.counts()[1]
        left = set(held.catalog.chunks.matching(_lists(where), total))
        assert left
        vector = MODEL.embed_query("hotel travel whale")
        for search in (lambda k, w: held.dense(vector, k, w), lambda k, w: held.keyword("hotel desk", k, w)):
            _alike(search(5, where), [hit for hit in search(total, None) if hit.id in left])


def test_a_filter_that_fits_nothing_finds_nothing(settings: Settings) -> None:
    with Collection.open("default", settings) as held:
        for where in ({"file_id": "none"}, {"heading": ["none"]}, {"page": 7}, {"document_id": []}):
            assert held.dense(MODEL.embed_query("hotel"), 5, where) == []
            assert held.keyword("hotel", 5, where) == []


def test_what_was_written_since_is_seen_after_a_refresh(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "new.md").write_text("# Fresh\n\nZebra crossings are painted.", encoding="utf-8")
    with Collection.open("default", settings) as held:
        assert held.keyword("hotel", 5, a_heading(held, 1))
        sync([tmp_path], settings, MODEL, collection="default")
        held.refresh()
        fresh = {"heading": [path for path in held.heading_paths() if "Fresh" in path]}
        (hit,) = held.keyword("zebra", 5, fresh)
        assert held.dense(MODEL.embed_query("zebra"), 5, fresh)[0].id == hit.id


def _lists(where: Filter) -> dict[str, list[str | int | float]]:
    return {name: list(value) if isinstance(value, list) else [value] for name, value in where.items()}  # type: ignore[list-item]


def _alike(found: list[Scored], ranked: list[Scored]) -> None:
    """The best five of all, each once; which of two with one score comes first is left open."""
    scores = {hit.id: hit.score for hit in ranked}
    assert len({hit.id for hit in found}) == len(found)
    assert [hit.score for hit in found] == pytest.approx([hit.score for hit in ranked[:5]], abs=1e-5)
    assert [scores.get(hit.id) for hit in found] == pytest.approx([hit.score for hit in found], abs=1e-5)
