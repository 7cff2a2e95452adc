"""The vector backends keep the contract, and what is theirs alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.vector_contract import DIMENSION, EmbeddedContract, VectorIndexContract, axis

from app.errors import CollectionDamagedError, ConfigurationError, DocentError
from vectorstore import backends, open_index
from vectorstore.base import Place, VectorIndex


class TestChroma(EmbeddedContract):
    backend = "chroma"


class TestFaiss(EmbeddedContract):
    backend = "faiss"

    def fill(self, index: VectorIndex, place: Place) -> VectorIndex:
        index.upsert(["a", "b"], [axis(0), axis(1)], [{}, {}])
        return self.reopen(index, place)

    @pytest.mark.parametrize("damage", ["cut", "flipped", "gone"])
    def test_the_faiss_file_is_only_a_cache(self, index: VectorIndex, place: Place, damage: str) -> None:
        self.fill(index, place).close()
        cache = place.folder / "vectors-faiss/index.faiss"
        data = bytearray(cache.read_bytes())
        data[-40] ^= 0xFF
        {
            "cut": lambda: cache.write_bytes(data[: len(data) // 2]),
            "flipped": lambda: cache.write_bytes(data),
            "gone": cache.unlink,
        }[damage]()
        index = open_index(self.backend, place, DIMENSION)
        assert [(each.id, each.score) for each in index.search(axis(1), 1)] == [("b", pytest.approx(1))]
        index.close()

    def test_a_reader_writes_no_file(self, index: VectorIndex, place: Place) -> None:
        self.fill(index, place).close()
        (place.folder / "vectors-faiss/index.faiss").unlink()
        index = open_index(self.backend, place, DIMENSION)
        index.search(axis(0), 1)
        index.close()
        assert not (place.folder / "vectors-faiss/index.faiss").exists()

    def test_a_vector_that_was_cut_off_is_damage(self, index: VectorIndex, place: Place) -> None:
        import sqlite3
        from contextlib import closing

        self.fill(index, place).close()
        (place.folder / "vectors-faiss/index.faiss").unlink()
        with closing(sqlite3.connect(place.folder / "vectors-faiss/vectors.sqlite")) as db, db:
            db.execute("UPDATE vectors SET vector = x'00' WHERE id = 'a'")
        index = open_index(self.backend, place, DIMENSION)
        with pytest.raises(CollectionDamagedError, match="--rebuild"):
            index.search(axis(0), 1)
        index.close()


class FaissKindContract(VectorIndexContract):
    """Every batch goes into the FAISS file at once, however small it is."""

    backend = "faiss"

    @pytest.fixture(autouse=True)
    def at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("vectorstore.faiss.building._MANY_ROWS", 1)
        monkeypatch.setattr("vectorstore.faiss.building._MANY_MISSING", 0)


class TestFaissSq8(FaissKindContract):
    options = {"faiss_kind": "sq8"}  # noqa: RUF012


class TestFaissIvf(FaissKindContract):
    options = {"faiss_kind": "ivf"}  # noqa: RUF012


class TestFaissHnsw(FaissKindContract):
    options = {"faiss_kind": "hnsw"}  # noqa: RUF012


def test_every_backend_keeps_the_contract() -> None:
    """Each has a subclass of the contract, those on servers in a file of their own."""
    files = sorted(Path(__file__).parent.glob("test_*.py"))
    tested = re.findall(
        r"^class \w+\((?:VectorIndex|Embedded|Server)Contract\):\n(?:    .*\n|\n)*?    backend = \"(\w+)\"",
        "\n".join(file.read_text(encoding="utf-8") for file in files),
        re.MULTILINE,
    )
    assert set(tested) == set(backends())


@pytest.mark.parametrize(
    ("name", "hint"), [("chrome", "Did you mean 'chroma'"), ("", "'chroma' or 'faiss' or")]
)
def test_an_unknown_backend_is_named_with_the_known_ones(tmp_path: Path, name: str, hint: str) -> None:
    with pytest.raises(ConfigurationError, match=hint) as caught:
        open_index(name, Place(tmp_path), DIMENSION)
    assert isinstance(caught.value, DocentError)
    assert repr(name) in str(caught.value)
