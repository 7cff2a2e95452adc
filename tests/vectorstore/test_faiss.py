"""What is FAISS's alone: the file beside SQLite, its kinds, and what happens to both when things go wrong."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.config import Settings
from app.errors import CollectionDamagedError, ConfigurationError
from vectorstore.base import Filter, Metadata, Place, Vectors
from vectorstore.faiss import FaissIndex, building, files, kinds

DIMENSION = 16


def vectors(count: int, seed: int = 0) -> Vectors:
    drawn = np.random.default_rng(seed).normal(size=(count, DIMENSION)).astype(np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


def ids(count: int) -> list[str]:
    return [str(number) for number in range(count)]


def best(held: Vectors, query: Vectors, k: int, fits: Any = slice(None)) -> list[str]:
    numbers = np.arange(len(held))[fits]
    return [str(n) for n in numbers[np.argsort(-(held[fits] @ query), kind="stable")][:k]]


def odd(count: int) -> list[Metadata]:
    return [{"odd": number % 2, "third": number % 3} for number in range(count)]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "c")


def of_kind(place: Place, kind: str) -> Place:
    return Place(place.folder, settings=Settings(faiss_kind=kind))


def note_of(place: Place) -> files.Note:
    index = FaissIndex(place, DIMENSION)
    found = index._files.noted(files.BASE)
    index.close()
    assert found is not None
    return found[0]


@pytest.mark.parametrize("kind", ["flat", "sq8", "ivf", "hnsw"])
def test_a_kind_finds_the_best_with_exact_scores_and_filters(place: Place, kind: str) -> None:
    held = vectors(3000)
    index = FaissIndex(of_kind(place, kind), DIMENSION)
    index.upsert(ids(3000), held, odd(3000))
    index.close()
    index = FaissIndex(of_kind(place, kind), DIMENSION)
    right = 0
    for query in vectors(20, seed=1):
        found = index.search(query, 10)
        right += len({each.id for each in found} & set(best(held, query, 10)))
        assert [each.score for each in found] == pytest.approx(
            [float(held[int(each.id)] @ query) for each in found], abs=1e-6
        )
        filters: list[tuple[Filter, slice]] = [
            ({"odd": 1}, slice(1, None, 2)),
            ({"third": [0], "odd": 0}, slice(0, None, 6)),
        ]
        for where, fits in filters:
            ranked = [each.id for each in index.search(query, 5, where)]
            assert len(set(ranked) & set(best(held, query, 5, fits))) >= 4
            assert all(index_of in range(3000)[fits] for index_of in map(int, ranked))
    assert right / 200 >= 0.98
    index.close()
    assert note_of(of_kind(place, kind)).kind == kind


def test_few_are_flat_and_many_are_in_lists(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "MANY", 500)
    index = FaissIndex(place, DIMENSION)
    index.upsert(ids(400), vectors(400), odd(400))
    index.close()
    assert note_of(place).kind == "flat"
    index = FaissIndex(place, DIMENSION)
    index.upsert([f"more {n}" for n in range(400)], vectors(400, seed=2), odd(400))
    index.close()
    assert note_of(place).kind == "ivf"


def test_what_changes_is_seen_without_the_file_being_written(place: Place) -> None:
    held = vectors(1000)
    index = FaissIndex(place, DIMENSION)
    index.upsert(ids(1000), held, odd(1000))
    index.close()
    file = place.folder / "vectors-faiss" / "index.faiss"
    before = file.read_bytes()
    for opened in range(2):
        index = FaissIndex(place, DIMENSION)
        if not opened:
            index.upsert(["7", "new"], vectors(2, seed=3), [{}, {"odd": 1}])
            index.delete(["8"])
        query = vectors(2, seed=3)
        assert index.search(query[0], 1)[0].id == "7"
        assert index.search(query[1], 1, {"odd": 1})[0].id == "new"
        assert index.search(held[8], 1)[0].id != "8"
        assert "7" not in {each.id for each in index.search(held[7], 900, {"odd": 1})}
        assert index.count() == 1000
        index.close()
        assert file.read_bytes() == before


def test_the_same_once_more_changes_nothing(place: Place) -> None:
    index = FaissIndex(place, DIMENSION)
    index.upsert(ids(100), vectors(100), odd(100))
    rows = index._rows.numbers().tolist()
    index.upsert(ids(100), vectors(100), odd(100))
    assert index._rows.numbers().tolist() == rows
    index.upsert(["3"], vectors(4)[3:], [{"odd": 5}])
    assert len(set(index._rows.numbers().tolist()) & set(rows)) == 99
    index.close()


def test_when_much_is_gone_the_file_is_made_anew(place: Place) -> None:
    index = FaissIndex(place, DIMENSION)
    index.upsert(ids(1000), vectors(1000), odd(1000))
    index.close()
    index = FaissIndex(place, DIMENSION)
    index.delete(ids(300))
    index.close()
    index = FaissIndex(place, DIMENSION)
    held = index._files.open(files.BASE)
    assert held is not None and held.index.ntotal == 700
    assert len(index._rows.gone()) == 0
    index.close()


class Killed(BaseException):
    """Stands for the end of the process."""


def test_a_build_goes_on_where_it_was_killed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "_STEP", 5_000)
    trained: list[int] = []
    made = kinds.made

    def watched(*given: Any) -> Any:
        trained.extend([given[2]] if given[0] == "ivf" else [])
        return made(*given)

    monkeypatch.setattr(kinds, "made", watched)
    index = FaissIndex(of_kind(place, "ivf"), DIMENSION)
    held = vectors(20_000)
    index.upsert(ids(20_000), held, [{}] * 20_000)
    save, saved = building._Build._save, []

    def killed(self: Any, *given: Any) -> None:
        save(self, *given)
        saved.append(given[0].ntotal)
        if len(saved) == 2:
            raise Killed

    monkeypatch.setattr(building._Build, "_save", killed)
    with pytest.raises(Killed):
        index.close()
    index = FaissIndex(of_kind(place, "ivf"), DIMENSION)
    assert {each.id for each in index.search(held[5], 1)} == {"5"}
    index.settle()
    assert saved == [5_000, 10_000, 15_000, 20_000, 20_000]
    assert trained == [20_000]
    assert {each.id for each in index.search(held[19_999], 1)} == {"19999"}
    index.close()
    assert sorted(path.name for path in (place.folder / "vectors-faiss").glob("index*")) == ["index.faiss"]


def test_a_kill_between_the_file_and_its_note_loses_no_file(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = FaissIndex(place, DIMENSION)
    index.upsert(ids(50), vectors(50), odd(50))
    index.close()
    index = FaissIndex(place, DIMENSION)
    index.upsert([f"more {n}" for n in range(50)], vectors(50, seed=4), odd(50))

    def killed(*_: Any) -> None:
        raise Killed

    monkeypatch.setattr(index._rows, "renote", killed)
    with pytest.raises(Killed):
        index.close()
    index = FaissIndex(place, DIMENSION)
    opened = index._files.open(files.BASE)
    assert opened is not None and opened.index.ntotal == 100
    assert index.search(vectors(50, seed=4)[9], 1)[0].id == "more 9"
    index.close()


def test_a_large_file_is_hashed_only_when_it_looks_touched(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_ALWAYS_HASHED", 10)
    index = FaissIndex(place, DIMENSION)
    index.upsert(ids(50), vectors(50), odd(50))
    index.close()
    hashed: list[str] = []
    digest = hashlib.file_digest

    def watched(file: Any, name: str) -> Any:
        hashed.append(name)
        return digest(file, name)

    monkeypatch.setattr(hashlib, "file_digest", watched)
    index = FaissIndex(place, DIMENSION)
    index.search(vectors(1)[0], 1)
    index.close()
    assert not hashed
    (place.folder / "vectors-faiss" / "index.faiss").touch()
    index = FaissIndex(place, DIMENSION)
    assert index.search(vectors(1)[0], 1)[0].id == "0"
    index.close()
    assert hashed == ["sha256"]


def test_an_index_of_another_version_is_to_be_made_anew(place: Place) -> None:
    folder = place.folder / "vectors-faiss"
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(folder / "vectors.sqlite")) as db, db:
        db.execute("CREATE TABLE vectors (row INTEGER PRIMARY KEY, id TEXT, vector BLOB)")
    with pytest.raises(CollectionDamagedError, match=r"another version.*--rebuild"):
        FaissIndex(place, DIMENSION)


def test_a_card_is_used_for_searches_without_a_filter(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    import faiss

    index = FaissIndex(place, DIMENSION)
    index.upsert(ids(50), vectors(50), odd(50))
    index.close()
    copied: list[Any] = []
    monkeypatch.setattr(faiss, "get_num_gpus", lambda: 1, raising=False)

    def copy(index: Any) -> Any:
        copied.append(index)
        return index

    monkeypatch.setattr(faiss, "index_cpu_to_all_gpus", copy, raising=False)
    index = FaissIndex(place, DIMENSION)
    assert index.search(vectors(1)[0], 1)[0].id == "0"
    assert index.search(vectors(1)[0], 1, {"odd": 0})[0].id == "0"
    index.close()
    assert len(copied) == 1


def test_a_card_that_is_wanted_and_not_there_is_said(place: Place) -> None:
    wanted = Place(place.folder, settings=Settings(faiss_gpu="on"))
    index = FaissIndex(wanted, DIMENSION)
    index.upsert(ids(5), vectors(5), odd(5))
    index.close()
    index = FaissIndex(wanted, DIMENSION)
    with pytest.raises(ConfigurationError, match="DOCENT_FAISS_GPU=on"):
        index.search(vectors(1)[0], 1)
    index.close()
