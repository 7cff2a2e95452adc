"""A document is removed from catalogue, vectors and keywords, or from none of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from doubles import WordModel, indexed_ids, settings_of

from app.config import Settings
from app.errors import StorageError
from ingest.collection import Collection, Writer
from ingest.indexes import Indexes
from ingest.pipeline import sync
from vectorstore import chroma, faiss
from vectorstore.base import KeywordIndex
from vectorstore.keywords import keyword_class, keywords_for

BACKENDS = {"faiss": faiss.FaissIndex, "chroma": chroma.ChromaIndex}


@pytest.fixture(params=[*BACKENDS, "faiss in postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    return settings_of(request, tmp_path, request.param)


@pytest.fixture
def held(docs: Path, settings: Settings) -> set[str]:
    """Ids of all chunks of three files."""
    sync([docs], settings, WordModel(), collection="default")
    with Collection.open("default", settings) as collection:
        return collection.catalog.chunks.ids()


def keywords(settings: Settings) -> type[KeywordIndex]:
    found: type[KeywordIndex] = keyword_class(keywords_for(settings))
    return found


def everywhere(settings: Settings) -> list[set[str]]:
    """What catalogue, vectors and keywords hold."""
    with Collection.open("default", settings) as collection:
        ids, place = collection.catalog.chunks.ids(), collection.place
    return [ids, *indexed_ids(place)]


def delete_pay(settings: Settings) -> None:
    with Collection.open("default", settings) as collection:
        (file,) = [info for info in collection.files() if info.source == "pay.txt"]
        collection.delete_files([file.id])


def fail(*_: object) -> None:
    raise StorageError("The disk is full.")


def test_a_deleted_file_is_gone_from_all(held: set[str], settings: Settings) -> None:
    delete_pay(settings)
    catalogue, vectors, keywords = everywhere(settings)
    assert catalogue == vectors == keywords
    assert catalogue < held


@pytest.mark.parametrize("step", ["vectors", "keywords", "catalogue"])
def test_a_step_that_fails_leaves_the_file_in_all(
    held: set[str], settings: Settings, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    index = {"vectors": BACKENDS[settings.vector_backend], "keywords": keywords(settings)}
    with monkeypatch.context() as patch:
        if step == "catalogue":
            patch.setattr("ingest.catalog.files.bump", fail)
        else:
            patch.setattr(index[step], "delete", fail)
        with pytest.raises(StorageError):
            delete_pay(settings)
    assert everywhere(settings) == [held, held, held]
    with Collection.open("default", settings) as collection:
        (hit,) = collection.keyword("salaries", 5)
        assert collection.chunks([hit.id])[hit.id].source == "pay.txt"
        assert hit.id in {one.id for one in collection.dense(WordModel().embed_query("salaries"), 5)}
    delete_pay(settings)
    assert all(ids < held for ids in everywhere(settings))


def test_what_cannot_be_put_back_is_mended_by_the_next_run(
    docs: Path, held: set[str], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(keywords(settings), "delete", fail)
        patch.setattr(Indexes, "upsert", fail)
        with pytest.raises(StorageError):
            delete_pay(settings)
    assert everywhere(settings)[0] == held
    sync([docs], settings, WordModel(), collection="default")
    assert everywhere(settings) == [held, held, held]


def test_a_crash_after_the_indexes_leaves_it_in_the_catalogue_and_the_next_run_in_all(
    docs: Path, held: set[str], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("ingest.catalog.files.bump", fail)
        patch.setattr(Indexes, "upsert", fail)
        with pytest.raises(StorageError), Writer.open("default", settings) as writer:
            (file,) = [info for info in writer.catalog.files.infos() if info.source == "pay.txt"]
            writer.delete_files([file.id])
    catalogue, vectors, keywords = everywhere(settings)
    assert (catalogue, vectors == keywords, vectors < held) == (held, True, True)
    sync([docs], settings, WordModel(), collection="default")
    assert everywhere(settings) == [held, held, held]
