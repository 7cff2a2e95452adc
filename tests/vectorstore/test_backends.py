"""What every vector backend must do. A new backend is one more subclass of the contract."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.errors import (
    CollectionDamagedError,
    ConfigurationError,
    DocentError,
    EmbeddingMismatchError,
    StorageError,
)
from vectorstore import backends, open_index
from vectorstore.base import Filter, VectorIndex, Vectors

DIMENSION = 8


def axis(number: int) -> Vectors:
    return np.eye(DIMENSION, dtype=np.float32)[number]


def vectors(count: int, seed: int = 0) -> Vectors:
    drawn = np.random.default_rng(seed).normal(size=(count, DIMENSION)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def run(code: str, *arguments: str) -> str:
    """What a process of its own prints."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout


class VectorIndexContract:
    backend: str

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return tmp_path / "모음 1" / "vectors"

    @pytest.fixture
    def index(self, folder: Path) -> Iterator[VectorIndex]:
        opened = open_index(self.backend, folder, DIMENSION)
        yield opened
        opened.close()

    def reopen(self, index: VectorIndex, folder: Path) -> VectorIndex:
        index.close()
        return open_index(self.backend, folder, DIMENSION)

    # -- searching ---------------------------------------------------------------------------------

    def test_scores_are_cosines_best_first(self, index: VectorIndex) -> None:
        tilted = (0.8 * axis(0) + 0.6 * axis(1)).astype(np.float32)
        index.upsert(["same", "near", "across", "against"], [axis(0), tilted, axis(1), -axis(0)], [{}] * 4)
        found = index.search(axis(0), 4)
        assert [each.id for each in found] == ["same", "near", "across", "against"]
        assert [each.score for each in found] == pytest.approx([1, 0.8, 0, -1], abs=1e-6)
        assert all(-1 <= each.score <= 1 for each in found)

    def test_finds_what_an_exhaustive_search_finds(self, index: VectorIndex) -> None:
        held = vectors(500)
        index.upsert([str(number) for number in range(500)], held, [{"n": n} for n in range(500)])
        for query in vectors(10, seed=1):
            best = np.argsort(-(held @ query))[:5]
            assert [each.id for each in index.search(query, 5)] == [str(number) for number in best]

    @pytest.mark.parametrize("k", [-1, 0])
    def test_finds_nothing_for_no_k(self, index: VectorIndex, k: int) -> None:
        index.upsert(["a"], axis(0)[None], [{}])
        assert index.search(axis(0), k) == []

    def test_k_may_exceed_what_is_held(self, index: VectorIndex) -> None:
        index.upsert(["a", "b"], vectors(2), [{}, {}])
        assert {each.id for each in index.search(axis(0), 100)} == {"a", "b"}

    def test_an_empty_index_is_searched_in_vain(self, index: VectorIndex) -> None:
        assert index.search(axis(0), 3) == []
        assert index.search(axis(0), 3, {"page": 1}) == []
        assert (index.ids(), index.count()) == (set(), 0)

    @pytest.mark.parametrize(
        ("where", "ids"),
        [
            ({"text": "가"}, "ab"),
            ({"text": ["가", "b'\""]}, "abc"),
            ({"number": 1}, "a"),
            ({"number": 1.0}, "a"),
            ({"number": [1, 3]}, "ac"),
            ({"number": (2,)}, "b"),
            ({"number": True}, ""),
            ({"real": 0.5}, "ac"),
            ({"flag": True}, "ad"),
            ({"flag": [True, False]}, "abcd"),
            ({"text": "가", "flag": True}, "a"),
            ({"text": "가", "number": [2, 3], "flag": False}, "b"),
            ({"number": [1, "가"]}, "a"),
            ({"number": []}, ""),
            ({"text": "가", "number": []}, ""),
            ({"text": "없음"}, ""),
            ({"missing": 1}, ""),
            ({}, "abcd"),
            (None, "abcd"),
        ],
    )
    def test_filters(self, index: VectorIndex, where: Filter | None, ids: str) -> None:
        rows = [("가", 1, 0.5, True), ("가", 2, 1.5, False), ("b'\"", 3, 0.5, False), ("1", 4, 2.5, True)]
        fields = [dict(zip(("text", "number", "real", "flag"), row, strict=True)) for row in rows]
        index.upsert(list("abcd"), vectors(4), fields)
        assert {each.id for each in index.search(axis(0), 10, where)} == set(ids)

    def test_a_filter_does_not_shorten_the_result(self, index: VectorIndex) -> None:
        held = vectors(300)
        index.upsert([str(n) for n in range(300)], held, [{"odd": n % 2} for n in range(300)])
        best = [str(n) for n in np.argsort(-(held @ axis(0))) if n % 2][:20]
        assert [each.id for each in index.search(axis(0), 20, {"odd": 1})] == best

    # -- writing -----------------------------------------------------------------------------------

    def test_upsert_replaces_vector_and_metadata(self, index: VectorIndex) -> None:
        index.upsert(["a", "b"], [axis(0), axis(1)], [{"page": 1, "old": "x"}, {"page": 1, "old": "x"}])
        assert index.search(axis(0), 1)[0].id == "a"
        index.upsert(["a"], axis(2)[None], [{"page": 2}])
        assert index.count() == 2
        assert index.search(axis(2), 1)[0].score == pytest.approx(1)
        assert index.search(axis(0), 2, {"page": 2})[0].score == pytest.approx(0, abs=1e-6)
        assert [each.id for each in index.search(axis(0), 2, {"old": "x"})] == ["b"]

    def test_delete_ignores_unknown_ids(self, index: VectorIndex) -> None:
        index.upsert(["a", "b"], vectors(2), [{}, {}])
        index.search(axis(0), 1)
        index.delete(["a", "unknown"])
        index.delete([])
        assert (index.ids(), index.count()) == ({"b"}, 1)
        assert [each.id for each in index.search(axis(0), 5)] == ["b"]

    def test_an_id_may_come_back(self, index: VectorIndex) -> None:
        index.upsert(["a"], axis(0)[None], [{}])
        index.delete(["a"])
        index.upsert(["a"], axis(1)[None], [{}])
        assert [(each.id, each.score) for each in index.search(axis(1), 2)] == [("a", pytest.approx(1))]

    @pytest.mark.parametrize(
        "id", ["한국어/문서 1", "a'b\"c\n\t", "🙂", "x" * 1000, "가".encode().hex(), "None"]
    )
    def test_any_string_is_an_id(self, index: VectorIndex, id: str) -> None:
        index.upsert([id, "other"], [axis(0), axis(1)], [{"page": 1}, {"page": 2}])
        assert index.ids() == {id, "other"}
        assert index.search(axis(0), 1, {"page": 1})[0].id == id
        index.delete([id])
        assert index.ids() == {"other"}

    def test_takes_no_rows(self, index: VectorIndex) -> None:
        index.upsert([], np.zeros((0, DIMENSION), dtype=np.float32), [])
        assert index.count() == 0

    def test_takes_more_rows_than_the_library_takes_at_once(self, index: VectorIndex) -> None:
        ids = [str(number) for number in range(6_000)]
        index.upsert(ids, vectors(6_000), [{"n": 1}] * 6_000)
        assert index.ids() == set(ids)
        index.delete(ids[:-1])
        assert [each.id for each in index.search(axis(0), 3)] == [ids[-1]]

    # -- refusing ----------------------------------------------------------------------------------

    @pytest.mark.parametrize("value", [np.nan, np.inf])
    def test_refuses_what_is_no_number(self, index: VectorIndex, value: float) -> None:
        broken = axis(0)
        broken[3] = value
        with pytest.raises(ValueError, match="NaN"):
            index.upsert(["a", "b"], [axis(1), broken], [{}, {}])
        with pytest.raises(ValueError, match="NaN"):
            index.search(broken, 1)
        assert index.count() == 0

    def test_refuses_another_dimension(self, index: VectorIndex) -> None:
        with pytest.raises(EmbeddingMismatchError, match=r"5.*8"):
            index.upsert(["a"], np.ones((1, 5), dtype=np.float32), [{}])
        with pytest.raises(EmbeddingMismatchError, match=r"5.*8"):
            index.search(np.ones(5, dtype=np.float32), 1)
        assert index.count() == 0

    @pytest.mark.parametrize(
        ("ids", "fields"),
        [(["a", "a"], [{}, {}]), (["a"], [{}, {}]), (["a", ""], [{}, {}]), (["a", "b"], [{}])],
    )
    def test_refuses_unclear_batches(
        self, index: VectorIndex, ids: list[str], fields: list[dict[str, str]]
    ) -> None:
        with pytest.raises(ValueError, match=r"id|equal"):
            index.upsert(ids, vectors(2), fields)
        assert index.count() == 0

    def test_refuses_metadata_that_cannot_be_filtered(self, index: VectorIndex) -> None:
        with pytest.raises(ValueError, match=r"page.*str, int, float or bool"):
            index.upsert(["a"], vectors(1), [{"page": None}])  # type: ignore[dict-item]

    # -- lasting -----------------------------------------------------------------------------------

    def test_survives_closing(self, index: VectorIndex, folder: Path) -> None:
        index.upsert(["a", "b"], [axis(0), axis(1)], [{"page": 1}, {"page": 2}])
        for _ in range(3):
            index = self.reopen(index, folder)
            assert index.ids() == {"a", "b"}
            assert index.search(axis(1), 1)[0].id == "b"
            assert [each.id for each in index.search(axis(1), 5, {"page": 1})] == ["a"]
        index.delete(["a"])
        index = self.reopen(index, folder)
        assert [each.id for each in index.search(axis(0), 5)] == ["b"]
        index.close()

    def test_closing_twice_is_harmless(self, index: VectorIndex) -> None:
        index.close()
        index.close()

    def test_sees_another_process_after_reopening(self, index: VectorIndex, folder: Path) -> None:
        index.upsert(["mine"], axis(0)[None], [{}])
        assert index.search(axis(0), 1)[0].id == "mine"
        run(
            """
            import sys, numpy as np
            from pathlib import Path
            from vectorstore import open_index
            index = open_index(sys.argv[1], Path(sys.argv[2]), 8)
            index.upsert(["theirs"], np.eye(8, dtype=np.float32)[1:2], [{}])
            index.delete(["mine"])
            index.close()
            """,
            self.backend,
            str(folder),
        )
        other = open_index(self.backend, folder, DIMENSION)  # while the stale one is still open
        assert [each.id for each in other.search(axis(1), 5)] == ["theirs"]
        other.close()

    def test_a_kill_loses_nothing_that_was_acknowledged(self, folder: Path) -> None:
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITE_FOR_EVER, self.backend, str(folder)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline().strip() for _ in range(40)]
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged += writer.stdout.read().split("\n")[:-1]
        writer.stdout.close()
        writer.wait()
        index = open_index(self.backend, folder, DIMENSION)
        held = index.ids()
        assert {f"{batch}/{n}" for batch in acknowledged for n in range(3)} <= held
        assert {each.id for each in index.search(axis(0), len(held))} == held
        index.close()

    def test_names_both_dimensions_of_an_index_of_another_model(
        self, index: VectorIndex, folder: Path
    ) -> None:
        index.close()
        with pytest.raises(EmbeddingMismatchError, match=r"8 dimensions.* 16\..*--rebuild"):
            open_index(self.backend, folder, 16)
        open_index(self.backend, folder, DIMENSION).close()

    def test_says_how_to_mend_a_damaged_index(self, index: VectorIndex, folder: Path) -> None:
        index.upsert(["a"], axis(0)[None], [{}])
        index.close()
        for file in folder.rglob("*sqlite*"):
            file.write_bytes(b"no database" * 1000)
        with pytest.raises(CollectionDamagedError, match="--collection 모음 1 --rebuild"):
            open_index(self.backend, folder, DIMENSION)

    def test_says_that_a_folder_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("not a folder")
        with pytest.raises(StorageError, match="file"):
            open_index(self.backend, tmp_path / "file" / "vectors", DIMENSION)

    def test_a_full_disk_is_a_clear_error_and_loses_nothing(self, folder: Path) -> None:
        """The file may not grow: the nearest a test comes to a full disk."""
        printed = run(FILL_THE_DISK, self.backend, str(folder))
        assert printed.split() == ["StorageError", "kept"]


WRITE_FOR_EVER = """
import sys, numpy as np
from pathlib import Path
from vectorstore import open_index
index = open_index(sys.argv[1], Path(sys.argv[2]), 8)
batch = 0
while True:
    ids = [f"{batch}/{n}" for n in range(3)]
    index.upsert(ids, np.eye(8, dtype=np.float32)[:3], [{"n": 1}] * 3)
    print(batch, flush=True)
    batch += 1
"""

FILL_THE_DISK = """
import resource, signal, sys, numpy as np
from pathlib import Path
from app.errors import DocentError
from vectorstore import open_index
folder = Path(sys.argv[2])
index = open_index(sys.argv[1], folder, 8)
index.upsert(["first"], np.eye(8, dtype=np.float32)[:1], [{}])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
largest = max(file.stat().st_size for file in folder.rglob("*") if file.is_file())
resource.setrlimit(resource.RLIMIT_FSIZE, (largest + 20000, resource.RLIM_INFINITY))
rows = np.eye(8, dtype=np.float32).repeat(500, axis=0)
try:
    for batch in range(100):
        index.upsert([f"{batch}/{n}" for n in range(4000)], rows, [{"n": n} for n in range(4000)])
except DocentError as error:
    print(type(error).__name__)
index.close()
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
index = open_index(sys.argv[1], folder, 8)
print("kept" if "first" in index.ids() else "lost")
index.close()
"""


class TestChroma(VectorIndexContract):
    backend = "chroma"


class TestFaiss(VectorIndexContract):
    backend = "faiss"

    def fill(self, index: VectorIndex, folder: Path) -> VectorIndex:
        index.upsert(["a", "b"], [axis(0), axis(1)], [{}, {}])
        return self.reopen(index, folder)

    @pytest.mark.parametrize("damage", ["cut", "flipped", "gone"])
    def test_the_faiss_file_is_only_a_cache(self, index: VectorIndex, folder: Path, damage: str) -> None:
        self.fill(index, folder).close()
        cache = folder / "index.faiss"
        data = bytearray(cache.read_bytes())
        data[-40] ^= 0xFF
        {
            "cut": lambda: cache.write_bytes(data[: len(data) // 2]),
            "flipped": lambda: cache.write_bytes(data),
            "gone": cache.unlink,
        }[damage]()
        index = open_index(self.backend, folder, DIMENSION)
        assert [(each.id, each.score) for each in index.search(axis(1), 1)] == [("b", pytest.approx(1))]
        index.close()

    def test_a_reader_writes_no_file(self, index: VectorIndex, folder: Path) -> None:
        self.fill(index, folder).close()
        (folder / "index.faiss").unlink()
        index = open_index(self.backend, folder, DIMENSION)
        index.search(axis(0), 1)
        index.close()
        assert not (folder / "index.faiss").exists()

    def test_a_vector_that_was_cut_off_is_damage(self, index: VectorIndex, folder: Path) -> None:
        import sqlite3
        from contextlib import closing

        self.fill(index, folder).close()
        (folder / "index.faiss").unlink()
        with closing(sqlite3.connect(folder / "vectors.sqlite")) as db, db:
            db.execute("UPDATE vectors SET vector = x'00' WHERE id = 'a'")
        index = open_index(self.backend, folder, DIMENSION)
        with pytest.raises(CollectionDamagedError, match="--rebuild"):
            index.search(axis(0), 1)
        index.close()


def test_every_backend_keeps_the_contract() -> None:
    assert {each.backend for each in VectorIndexContract.__subclasses__()} == set(backends())


@pytest.mark.parametrize(("name", "hint"), [("chrome", "Did you mean 'chroma'"), ("", "'chroma' or 'faiss'")])
def test_an_unknown_backend_is_named_with_the_known_ones(tmp_path: Path, name: str, hint: str) -> None:
    with pytest.raises(ConfigurationError, match=hint) as caught:
        open_index(name, tmp_path, DIMENSION)
    assert isinstance(caught.value, DocentError)
    assert repr(name) in str(caught.value)
