"""Collections that move from backend to backend: copied, compared, switched, gone back on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from doubles import WordModel, indexed_ids

from app.config import Settings
from app.errors import CollectionBusyError, CollectionError, ConfigurationError
from ingest.collection import Collection, Writer, beside, forget_previous, restore
from ingest.indexes import Indexes
from ingest.migration import migrate, verify
from ingest.pipeline import sync
from vectorstore import index_class, open_index


@pytest.fixture
def filled(docs: Path, settings: Settings) -> Path:
    for number in range(30):
        lines = (f"Matter {number}: part {part} of rule {number * part}." * 3 for part in range(6))
        (docs / f"{number}.txt").write_text("\n\n".join(lines), encoding="utf-8")
    run(settings, docs)
    return docs


def run(settings: Settings, *paths: Path, **more: Any) -> Any:
    return sync(list(paths), settings, WordModel("words"), collection="default", **more)


def vectors_in(settings: Settings) -> dict[str, Any]:
    with Collection.open("default", settings) as held:
        index = open_index(str(held.backend), held.place, int((held.embedding or {})["dimension"]))
        found = index.get(sorted(index.ids()))
        index.close()
        return found


def hits(settings: Settings, text: str) -> list[tuple[str, float]]:
    with Collection.open("default", settings) as held:
        return [(hit.id, hit.score) for hit in held.keyword(text, 5)]


def test_there_and_back_ids_and_vectors_are_the_same(filled: Path, settings: Settings) -> None:
    before, words = vectors_in(settings), hits(settings, "rule of matter 17")
    seen: list[tuple[str, int, int]] = []
    done = migrate("default", settings, "chroma", on_progress=lambda *given: seen.append(given))
    assert (done.before, done.backend, done.copied) == ("faiss", "chroma", len(before))
    assert {phase for phase, *_ in seen} == {"vectors", "words", "compare"}
    assert ("vectors", len(before), len(before)) in seen
    assert done.compared.problems() == [] and done.compared.neighbours > 0.99
    with Collection.open("default", settings) as held:
        assert held.backend == "chroma"
        ids = held.catalog.chunks.ids()
        there = settings.model_copy(update={"vector_backend": "chroma"})
        assert indexed_ids(replace(held.place, settings=there)) == [
            ids,
            ids,
        ]
    migrate("default", settings, "faiss", thorough=True)
    after = vectors_in(settings)
    assert list(after) == list(before)
    assert np.stack([*after.values()]) == pytest.approx(np.stack([*before.values()]), abs=1e-6)
    assert hits(settings, "rule of matter 17") == words


def test_a_reader_goes_over_and_the_next_run_leaves_it_there(filled: Path, settings: Settings) -> None:
    model = WordModel("words")
    with Collection.open("default", settings) as reader:
        before = reader.dense(model.embed_query("matter 3"), 3)
        migrate("default", settings, "chroma")
        reader.refresh()
        assert reader.backend == "chroma" and reader.is_current
        after = reader.dense(model.embed_query("matter 3"), 3)
        assert [hit.score for hit in after] == pytest.approx([hit.score for hit in before], abs=1e-5)
    (filled / "new.txt").write_text("Parking is free.", encoding="utf-8")
    assert run(settings, filled).added == 1
    with Collection.open("default", settings) as held:
        assert held.backend == "chroma"
    assert verify("default", settings).problems() == []
    run(settings, rebuild=True)
    with Collection.open("default", settings) as held:
        assert held.backend == "faiss"


def test_it_can_be_undone_until_it_is_confirmed(filled: Path, settings: Settings) -> None:
    migrate("default", settings, "chroma")
    kept = beside("default", settings).previous
    assert kept is not None and kept.backend == "faiss"
    (filled / "new.txt").write_text("Parking is free.", encoding="utf-8")
    run(settings, filled)
    assert restore("default", settings).backend == "faiss"
    run(settings, filled)
    assert hits(settings, "parking")
    assert verify("default", settings).problems() == []
    assert forget_previous("default", settings).backend == "chroma"
    assert beside("default", settings).previous is None


class Killed(BaseException):
    """Stands for the end of the process."""


def stopped_in_the_middle(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = index_class("chroma")
    upsert, calls = kind.upsert, list[int]()

    def killed(self: Any, *given: Any) -> None:
        calls.append(1)
        if len(calls) > 1:
            raise Killed
        upsert(self, *given)

    with monkeypatch.context() as patch:
        patch.setattr("ingest.migration._VECTORS_AT_ONCE", 40)
        patch.setattr(kind, "upsert", killed)
        with pytest.raises(Killed):
            migrate("default", settings, "chroma")


def test_stopped_in_the_middle_the_old_one_serves_and_it_goes_on(
    filled: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    total = len(vectors_in(settings))
    stopped_in_the_middle(settings, monkeypatch)
    next_ = beside("default", settings).next
    assert next_ is not None and next_.moving and next_.backend == "chroma"
    with Collection.open("default", settings) as held:
        assert held.backend == "faiss" and held.keyword("matter 3", 1)
    with Writer.open("default", settings) as writer:
        assert writer.half_built == ""
    done = migrate("default", settings, "chroma")
    assert 0 < done.copied < total
    assert verify("default", settings).problems() == []


def test_what_changed_meanwhile_is_copied_too(
    filled: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped_in_the_middle(settings, monkeypatch)
    (filled / "3.txt").unlink()
    (filled / "new.txt").write_text("Parking is free.", encoding="utf-8")
    run(settings, filled)
    migrate("default", settings, "chroma")
    assert verify("default", settings).problems() == []
    assert len(list((settings.data_dir / "collections/default").glob("generation-*"))) == 1


def test_what_does_not_agree_is_not_switched_to(
    filled: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = index_class("chroma")
    upsert = kind.upsert

    def lossy(self: Any, ids: Any, vectors: Any, metadata: Any) -> None:
        upsert(self, ids[:-9], -vectors[:-9], metadata[:-9])

    with monkeypatch.context() as patch:
        patch.setattr(kind, "upsert", lossy)
        with pytest.raises(CollectionError, match=r"9 chunks are missing.*neighbours.*Nothing was switched"):
            migrate("default", settings, "chroma")
    with Collection.open("default", settings) as held:
        assert held.backend == "faiss"
        indexes: Indexes | None = held._store.indexes
        assert indexes is not None and indexes.exist()


def test_verify_says_what_is_wrong(filled: Path, settings: Settings) -> None:
    with Collection.open("default", settings) as held:
        dimension = int((held.embedding or {})["dimension"])
        index = open_index("faiss", held.place, dimension)
        index.delete(sorted(index.ids())[:2])
        index.upsert(["foreign"], np.eye(dimension, dtype=np.float32)[:1], [{}])
        index.close()
    said = verify("default", settings).problems()
    assert said[:2] == [
        "2 chunks are missing in the vector index",
        "1 ids in the vector index are of no chunk",
    ]


def test_what_cannot_be_moved_is_said(filled: Path, settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="no such vector backend"):
        migrate("default", settings, "chrom")
    with pytest.raises(CollectionError, match="is in faiss already"):
        migrate("default", settings, "faiss")
    with Writer.open("default", settings), pytest.raises(CollectionBusyError):
        migrate("default", settings, "chroma")
