"""A collection that is read while it is written, by threads and by other collections of the same process."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from doubles import WordModel, catalog_path, paragraph, settings_of, write_pdf

from app.config import Settings
from app.errors import CollectionBusyError, CollectionDamagedError, CollectionError, NotFoundError
from ingest.collection import Collection, Writer, home_of, list_collections
from ingest.pipeline import sync
from vectorstore.base import Filter, Scored
from vectorstore.keywords import keyword_class, keywords_for


@pytest.fixture(params=["faiss", "chroma", "faiss in postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    return settings_of(request, tmp_path, request.param)


@pytest.fixture
def indexed(docs: Path, settings: Settings) -> Path:
    sync([docs], settings, WordModel(), collection="default")
    return docs


def test_a_collection_that_is_not_there_names_the_command(settings: Settings) -> None:
    with pytest.raises(
        NotFoundError, match=r"no collection 'nowhere' .*python -m ingest PATH --collection nowhere"
    ):
        Collection.open("nowhere", settings)
    assert list_collections(settings) == []


def test_a_collection_whose_first_run_has_only_begun_is_said(settings: Settings) -> None:
    home_of("default", settings).lock().release()
    if settings.database_url is None:
        catalog_path(settings).touch()
    with pytest.raises(NotFoundError, match="first run has just begun"):
        Collection.open("default", settings)
    Writer.open("default", settings).close()
    with Collection.open("default", settings) as held:
        assert held.counts() == (0, 0)


def test_a_reader_sees_what_a_writer_of_the_same_process_wrote(indexed: Path, settings: Settings) -> None:
    model = WordModel()
    with Collection.open("default", settings) as reader:
        assert len(reader.dense(model.embed_query("leave"), 10)) == 3
        (indexed / "new.txt").write_text("Parking is free for visitors.", encoding="utf-8")
        sync([indexed], settings, model, collection="default")
        reader.refresh()
        (hit,) = reader.dense(model.embed_query("Parking is free for visitors."), 1)
        assert reader.chunks([hit.id])[hit.id].source == "new.txt"
        assert reader.keyword("parking", 1)[0].id == hit.id
        assert reader.counts() == (4, 4)


def test_filters_name_a_source_or_a_file(indexed: Path, settings: Settings) -> None:
    model = WordModel()
    with Collection.open("default", settings) as held:
        (info,) = [info for info in held.files() if info.source == "pay.txt"]
        for where in ({"source": "pay.txt"}, {"file_id": info.id}, {"source": ["pay.txt", "none.txt"]}):
            (hit,) = held.dense(model.embed_query("leave"), 10, where)
            assert held.chunks([hit.id])[hit.id].source == "pay.txt"
            assert held.keyword("annual", 10, where) == []


def test_filters_name_a_page_and_a_document(indexed: Path, settings: Settings) -> None:
    pages = [[f"Holidays of kind {page}{n} are approved by the manager." for n in range(6)] for page in "12"]
    write_pdf(indexed / "two.pdf", [paragraph(*lines) for lines in pages])
    sync([indexed], settings, WordModel(), collection="default")
    with Collection.open("default", settings) as held:
        for search in (lambda where: held.keyword("holidays", 9, where), lambda where: _dense(held, where)):
            hit = search({"page": 2})[0]
            chunk = held.chunks([hit.id])[hit.id]
            assert (chunk.source, chunk.page) == ("two.pdf", 2)
            assert {one.id for one in search({"document_id": chunk.document_id})} > {hit.id}
            assert {one.page for one in held.chunks([one.id for one in search({"page": 2})]).values()} == {2}
            assert search({"document_id": chunk.document_id, "page": [1, 2]})
            assert search({"page": []}) == []


def _dense(held: Collection, where: Filter) -> list[Scored]:
    return held.dense(WordModel().embed_query("holidays"), 9, where)


def test_indexes_of_an_earlier_version_are_made_anew_before_they_are_filtered(
    indexed: Path, settings: Settings
) -> None:
    with Writer.open("default", settings) as writer:
        writer.catalog.set_meta(fields="1")
    with Collection.open("default", settings) as held:
        assert held.keyword("annual leave", 9)
        with pytest.raises(CollectionError, match="python -m ingest --rebuild"):
            held.keyword("annual leave", 9, {"page": 1})
    sync([indexed], settings, WordModel(), collection="default")
    with Collection.open("default", settings) as held:
        assert held.keyword("annual leave", 9, {"page": 0})
        assert _dense(held, {"page": 0})


def test_a_first_run_under_way_is_said(settings: Settings) -> None:
    model = WordModel()
    with Writer.open("default", settings) as writer:
        with Collection.open("default", settings) as reader, pytest.raises(CollectionBusyError, match="just"):
            reader.check_filled()
        writer.use_model(model.identity)
        with Collection.open("default", settings) as reader:
            for search in (lambda: reader.keyword("x", 1), lambda: reader.dense(model.embed_query("x"), 1)):
                with pytest.raises(CollectionBusyError, match="just being indexed"):
                    search()
    with Collection.open("default", settings) as reader:
        reader.check_filled()
        with pytest.raises(CollectionDamagedError, match="--rebuild"):
            reader.dense(model.embed_query("x"), 1)


def test_vectors_of_chunks_are_those_that_were_indexed(indexed: Path, settings: Settings) -> None:
    with Collection.open("default", settings) as held:
        ids = [hit.id for hit in _dense(held, {})]
        vectors = held.vectors([*ids, "unknown"])
        assert sorted(vectors) == sorted(ids)
        assert held.dense(vectors[ids[1]], 1)[0].id == ids[1]


def test_a_vector_knows_what_stands_beside_its_chunk(indexed: Path, settings: Settings) -> None:
    sentences = [f"Sentence {n} stands here." for n in range(90)]
    (indexed / "long.txt").write_text(" ".join(sentences), encoding="utf-8")
    model = WordModel()
    sync([indexed], settings, model, collection="default")
    with Collection.open("default", settings) as held:
        found = held.chunks([hit.id for hit in held.keyword("stands", 50)]).values()
        first, second, third = sorted(found, key=lambda chunk: chunk.ordinal)[:3]
        own = held.catalog.vectors.get(
            [entry.content_hash for entry in held.catalog.chunks.entries([first.id, second.id, third.id])],
            model.identity.key,
        )
        assert len(own) == 3
        mixed = held.vectors([second.id])[second.id]
        assert float(mixed @ mixed) == pytest.approx(1, abs=1e-6)
        shown = {hit.id: hit.score for hit in held.dense(mixed, 50)}
        assert shown[second.id] == pytest.approx(1, abs=1e-5)
        assert all(0 < float(mixed @ one) < 0.999999 for one in own.values())


def test_neighbours_stand_in_reading_order(indexed: Path, settings: Settings) -> None:
    (indexed / "long.txt").write_text(
        " ".join(f"Sentence {n} stands here." for n in range(90)), encoding="utf-8"
    )
    sync([indexed], settings, WordModel(), collection="default")
    with Collection.open("default", settings) as held:
        chunks = sorted(
            held.chunks([hit.id for hit in held.keyword("stands", 9)]).values(), key=lambda c: c.ordinal
        )
        assert len(chunks) > 3
        assert held.neighbours(chunks[1], 1, 1) == chunks[:3]
        assert held.neighbours(chunks[0], 5, 0) == chunks[:1]


def test_indexes_that_are_made_anew_score_as_before(indexed: Path, settings: Settings) -> None:
    sentences = [f"Sentence {n} tells of matter {n % 7} here." for n in range(90)]
    (indexed / "long.txt").write_text(" ".join(sentences), encoding="utf-8")
    sync([indexed], settings, WordModel(), collection="default")
    with Collection.open("default", settings) as held:
        before = held.keyword("what tells of matter 17", 100)
        keyword_class(keywords_for(settings)).drop(held.place)
    sync([indexed], settings, WordModel(), collection="default")
    with Collection.open("default", settings) as held:
        assert held.keyword("what tells of matter 17", 100) == before
        assert len({hit.score for hit in before}) > 3


def test_a_reader_may_delete_files(indexed: Path, settings: Settings) -> None:
    model = WordModel()
    with Collection.open("default", settings) as reader:
        before = reader.dense(model.embed_query("Salaries"), 3)
        ids = [info.id for info in reader.files() if info.source == "pay.txt"]
        with Writer.open("default", settings), pytest.raises(CollectionBusyError):
            reader.delete_files(ids)
        assert reader.dense(model.embed_query("Salaries"), 3) == before
        assert reader.delete_files([*ids, "unknown"]) == 1
        assert reader.counts() == (2, 2)
        assert len(reader.dense(model.embed_query("Salaries"), 9)) == 2
        assert reader.keyword("salaries", 9) == []
    assert sync([indexed], settings, model, collection="default").added == 1


def test_threads_search_while_the_collection_grows(indexed: Path, settings: Settings) -> None:
    model = WordModel()
    done = threading.Event()

    def search(number: int) -> int:
        searches = 0
        while not done.is_set() or not searches:
            reader.refresh()
            hits = reader.dense(model.embed_query("leave"), 5) + reader.keyword("leave", 5)
            assert all(chunk.text for chunk in reader.chunks([hit.id for hit in hits]).values())
            searches += 1
        return searches

    with Collection.open("default", settings) as reader, ThreadPoolExecutor(4) as pool:
        searching = [pool.submit(search, number) for number in range(4)]
        try:
            for number in range(4):
                (indexed / f"{number}.txt").write_text(f"Leave of kind {number}.", encoding="utf-8")
                sync([indexed], settings, model, collection="default")
        finally:
            done.set()
        assert all(future.result() for future in searching)
        reader.refresh()
        assert reader.counts() == (7, 7)
