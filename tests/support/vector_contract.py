"""What every vector backend must do. A new backend is one more subclass of the contract."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.config import Settings
from app.errors import CollectionDamagedError, EmbeddingMismatchError, StorageError
from vectorstore import index_class, open_index
from vectorstore.base import Filter, Place, VectorIndex, Vectors

DIMENSION = 8


def axis(number: int) -> Vectors:
    return np.eye(DIMENSION, dtype=np.float32)[number]


def vectors(count: int, seed: int = 0) -> Vectors:
    drawn = np.random.default_rng(seed).normal(size=(count, DIMENSION)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


class VectorIndexContract:
    """Attributes: the `backend`, and the `options` (names of settings -> values) that it is reached with;
    `precision`: how far a number of a vector that is given back may be off; `alone`: whether one process at a
    time may have it open.
    """

    backend: str
    precision = 1e-6
    alone = False
    options: dict[str, Any] = {}  # noqa: RUF012 - a subclass says its own

    @pytest.fixture
    def place(self, tmp_path: Path) -> Iterator[Place]:
        made = Place(
            tmp_path / "모음 1",
            f"docent_{secrets.token_hex(6)}",
            Settings(**self.options),
        )
        yield made
        index_class(self.backend).drop(made)

    @pytest.fixture
    def index(self, place: Place) -> Iterator[VectorIndex]:
        opened = open_index(self.backend, place, DIMENSION)
        yield opened
        opened.close()

    def reopen(self, index: VectorIndex, place: Place) -> VectorIndex:
        index.close()
        return open_index(self.backend, place, DIMENSION)

    def process(self, place: Place, code: str, begin: str = "") -> subprocess.Popen[str]:
        """A process of its own in which `index` is open."""
        given = {f"DOCENT_{name.upper()}": str(value) for name, value in self.options.items()}
        return subprocess.Popen(
            [
                sys.executable,
                "-c",
                (begin or OPEN) + textwrap.dedent(code),
                self.backend,
                str(place.folder),
                place.name,
            ],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | given,
        )

    def run(self, place: Place, code: str, begin: str = "") -> str:
        """What it prints, once it has ended well."""
        with self.process(place, code, begin) as process:
            printed, _ = process.communicate()
        assert process.returncode == 0
        return printed

    # -- searching ---------------------------------------------------------------------------------

    def test_scores_are_cosines_best_first(self, index: VectorIndex) -> None:
        tilted = (0.8 * axis(0) + 0.6 * axis(1)).astype(np.float32)
        index.upsert(["same", "near", "across", "against"], [axis(0), tilted, axis(1), -axis(0)], [{}] * 4)
        found = index.search(axis(0), 4)
        assert [each.id for each in found] == ["same", "near", "across", "against"]
        assert [each.score for each in found] == pytest.approx([1, 0.8, 0, -1], abs=self.precision)
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

    def test_survives_closing(self, index: VectorIndex, place: Place) -> None:
        index.upsert(["a", "b"], [axis(0), axis(1)], [{"page": 1}, {"page": 2}])
        for _ in range(3):
            index = self.reopen(index, place)
            assert index.ids() == {"a", "b"}
            assert index.search(axis(1), 1)[0].id == "b"
            assert [each.id for each in index.search(axis(1), 5, {"page": 1})] == ["a"]
        index.delete(["a"])
        index = self.reopen(index, place)
        assert [each.id for each in index.search(axis(0), 5)] == ["b"]
        index.close()

    def test_closing_twice_is_harmless(self, index: VectorIndex) -> None:
        index.close()
        index.close()

    def test_sees_another_process_after_reopening(self, index: VectorIndex, place: Place) -> None:
        index.upsert(["mine"], axis(0)[None], [{}])
        assert index.search(axis(0), 1)[0].id == "mine"
        if self.alone:
            index.close()
        self.run(
            place,
            """
            import numpy as np
            index.upsert(["theirs"], np.eye(8, dtype=np.float32)[1:2], [{}])
            index.delete(["mine"])
            index.close()
            """,
        )
        other = open_index(self.backend, place, DIMENSION)  # while the stale one is still open
        assert [each.id for each in other.search(axis(1), 5)] == ["theirs"]
        other.close()

    def test_a_kill_loses_nothing_that_was_acknowledged(self, place: Place) -> None:
        writer = self.process(place, WRITE_FOR_EVER)
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline().strip() for _ in range(40)]
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged += writer.stdout.read().split("\n")[:-1]
        writer.stdout.close()
        writer.wait()
        index = open_index(self.backend, place, DIMENSION)
        held = index.ids()
        assert {f"{batch}/{n}" for batch in acknowledged for n in range(3)} <= held
        assert {each.id for each in index.search(axis(0), len(held))} == held
        index.close()

    def test_names_both_dimensions_of_an_index_of_another_model(
        self, index: VectorIndex, place: Place
    ) -> None:
        index.close()
        with pytest.raises(EmbeddingMismatchError, match=r"8 dimensions.* 16\..*--rebuild"):
            open_index(self.backend, place, 16)
        open_index(self.backend, place, DIMENSION).close()

    def test_gives_back_the_vectors(self, index: VectorIndex) -> None:
        held = vectors(50)
        ids = [f"문서 {n}" for n in range(50)]
        index.upsert(ids, held, [{"n": n} for n in range(50)])
        found = index.get([*ids[10:20], "없음"])
        assert list(sorted(found)) == sorted(ids[10:20])
        assert np.stack([found[id] for id in ids[10:20]]) == pytest.approx(held[10:20], abs=self.precision)
        assert {vector.dtype for vector in found.values()} == {np.dtype(np.float32)}
        assert index.get([]) == {}

    def test_exists_until_it_is_dropped(self, index: VectorIndex, place: Place) -> None:
        kind = index_class(self.backend)
        index.upsert(["a"], axis(0)[None], [{}])
        index.close()
        assert kind.exists(place)
        kind.drop(place)
        assert not kind.exists(place)
        kind.drop(place)
        again = open_index(self.backend, place, DIMENSION)
        assert again.ids() == set()
        again.close()


class EmbeddedContract(VectorIndexContract):
    """What holds besides for an index that is files in a folder; `vital`: those without which it is lost."""

    vital = "*sqlite*"

    def test_says_how_to_mend_a_damaged_index(self, index: VectorIndex, place: Place) -> None:
        index.upsert(["a"], axis(0)[None], [{}])
        index.close()
        for file in place.folder.rglob(self.vital):
            file.write_bytes(b"no database" * 1000)
        with pytest.raises(CollectionDamagedError, match="--collection 모음 1 --rebuild"):
            open_index(self.backend, place, DIMENSION)

    def test_says_that_a_folder_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("not a folder")
        with pytest.raises(StorageError, match="file"):
            open_index(self.backend, Place(tmp_path / "file" / "c"), DIMENSION)

    def test_another_process_is_told_that_it_is_busy(self, index: VectorIndex, place: Place) -> None:
        if not self.alone:
            pytest.skip("several processes may have it open")
        index.upsert(["a"], axis(0)[None], [{}])
        assert self.run(place, "", OPEN_BUSY).split() == ["CollectionBusyError"]
        same = open_index(self.backend, place, DIMENSION)  # this process may
        same.upsert(["b"], axis(1)[None], [{}])
        assert index.ids() == {"a", "b"}
        index.close()
        assert same.ids() == {"a", "b"}
        same.close()
        assert self.run(place, "print(index.count())").split() == ["2"]

    def test_a_full_disk_is_a_clear_error_and_loses_nothing(self, place: Place) -> None:
        """The file may not grow: the nearest a test comes to a full disk."""
        printed = self.run(place, FILL_THE_DISK)
        assert printed.split() == ["StorageError", "kept"]


OPEN = """
import sys
from pathlib import Path
from vectorstore import open_index
from vectorstore.base import Place
place = Place(Path(sys.argv[2]), sys.argv[3])
index = open_index(sys.argv[1], place, 8)
"""

OPEN_BUSY = f"""
from app.errors import DocentError
try:
{textwrap.indent(OPEN, "    ")}
except DocentError as error:
    print(type(error).__name__)
"""

WRITE_FOR_EVER = """
import numpy as np
batch = 0
while True:
    ids = [f"{batch}/{n}" for n in range(3)]
    index.upsert(ids, np.eye(8, dtype=np.float32)[:3], [{"n": 1}] * 3)
    print(batch, flush=True)
    batch += 1
"""

FILL_THE_DISK = """
import resource, signal, numpy as np
from app.errors import DocentError
index.upsert(["first"], np.eye(8, dtype=np.float32)[:1], [{}])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
largest = max(file.stat().st_size for file in place.folder.rglob("*") if file.is_file())
resource.setrlimit(resource.RLIMIT_FSIZE, (largest + 20000, resource.RLIM_INFINITY))
rows = np.eye(8, dtype=np.float32).repeat(500, axis=0)
try:
    for batch in range(100):
        index.upsert([f"{batch}/{n}" for n in range(4000)], rows, [{"n": n} for n in range(4000)])
except DocentError as error:
    print(type(error).__name__)
index.close()
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
index = open_index(sys.argv[1], place, 8)
print("kept" if "first" in index.ids() else "lost")
index.close()
"""
