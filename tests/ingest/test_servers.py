"""Runs and searches over an index on a server that goes away, comes back, and breaks off in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from doubles import WordModel
from support.faults import Fault, FaultProxy

from app.config import Settings
from app.errors import BackendUnavailableError
from app.schemas import IngestReport
from ingest.collection import Collection, Writer
from ingest.pipeline import sync
from vectorstore import index_class, open_index

BOTH = pytest.mark.parametrize("backend", ["chroma", "pinecone"], indirect=True)


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> tuple[str, str, dict[str, Any]]:
    """Name, the setting of the address, and the settings that reach the server."""
    name = getattr(request, "param", "chroma")
    address = {"chroma": "chroma_url", "pinecone": "pinecone_host"}[name]
    return name, address, request.getfixturevalue(f"{name}_options")


@pytest.fixture
def proxy(backend: tuple[str, str, dict[str, Any]]) -> Iterator[FaultProxy]:
    _, address, options = backend
    parts = urlsplit(options[address])
    with FaultProxy(str(parts.hostname), int(parts.port or 0)) as proxy:
        yield proxy


@pytest.fixture
def settings(
    tmp_path: Path, backend: tuple[str, str, dict[str, Any]], proxy: FaultProxy
) -> Iterator[Settings]:
    name, address, options = backend
    made = Settings(
        data_dir=tmp_path / "data",
        vector_backend=name,
        chunk_tokens=64,
        read_workers=1,
        server_seconds=3,
        server_retries=1,
        **(options | {address: f"http://127.0.0.1:{proxy.port}"}),
    )
    yield made
    proxy.heal()
    with Collection.open("default", made) as held:
        index_class(name).drop(held.place)


@pytest.fixture
def model() -> WordModel:
    return WordModel()


def run(docs: Path, settings: Settings, model: WordModel, **options: Any) -> IngestReport:
    return sync([docs], settings=settings, model=model, collection="default", **options)


def agree(settings: Settings) -> int:
    """How many chunks there are, after catalogue and vectors were compared."""
    with Collection.open("default", settings) as held:
        wanted = held.catalog.chunks.ids()
        index = open_index(settings.vector_backend, held.place, WordModel().dimension)
        assert index.ids() == wanted
        index.close()
    return len(wanted)


def more(docs: Path, count: int = 15) -> None:
    for n in range(count):
        (docs / f"note-{n}.txt").write_text(f"Note {n} is about matter {n * n}.\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("backend", "fault"),
    [
        ("chroma", Fault(cut_after=4_000)),
        pytest.param("chroma", Fault(delay=6), marks=pytest.mark.slow),
        pytest.param("pinecone", Fault(cut_after=4_000), marks=pytest.mark.slow),
    ],
    indirect=["backend"],
)
def test_a_run_that_loses_its_server_is_finished_by_the_next(
    docs: Path, settings: Settings, model: WordModel, proxy: FaultProxy, fault: Fault
) -> None:
    run(docs, settings, model)
    more(docs)
    proxy.behave(fault)
    with pytest.raises(BackendUnavailableError, match="DOCENT_") as caught:
        run(docs, settings, model)
    assert f"http://127.0.0.1:{proxy.port}" in str(caught.value)
    proxy.heal()
    embedded = len(model.embedded)
    report = run(docs, settings, model)
    assert (report.documents, report.failed) == (18, ())
    assert agree(settings) == 18
    assert len(model.embedded) - embedded <= 15  # what was embedded before is not embedded again
    assert run(docs, settings, model).unchanged == 18


@pytest.mark.slow
def test_a_run_whose_server_is_down_changes_nothing(
    docs: Path, settings: Settings, model: WordModel, proxy: FaultProxy
) -> None:
    run(docs, settings, model)
    (docs / "pay.txt").unlink()
    more(docs, 1)
    proxy.refuse()
    with pytest.raises(BackendUnavailableError, match="cannot be reached"):
        run(docs, settings, model)
    proxy.heal()
    report = run(docs, settings, model)
    assert (report.documents, report.failed) == (3, ())
    assert agree(settings) == 3


@BOTH
def test_an_open_collection_says_that_the_server_is_away_and_finds_it_again(
    docs: Path, settings: Settings, model: WordModel, proxy: FaultProxy
) -> None:
    run(docs, settings, model)
    asked = model.embed_query("annual leave")
    with Collection.open("default", settings) as held:
        proxy.refuse()
        for _ in range(2):  # before it was ever reached, and again
            with pytest.raises(BackendUnavailableError, match="cannot be reached"):
                held.dense(asked, 3)
        assert held.keyword("annual leave", 1)  # what is on this machine goes on
        proxy.heal()
        first = held.dense(asked, 3)
        assert len(first) == 3
        proxy.refuse()
        with pytest.raises(BackendUnavailableError):
            held.dense(asked, 3)
        proxy.heal()
        assert held.dense(asked, 3) == first


@pytest.mark.slow
def test_a_deletion_that_fails_keeps_the_files_or_is_finished_later(
    docs: Path, settings: Settings, model: WordModel, proxy: FaultProxy
) -> None:
    run(docs, settings, model)
    with Writer.open("default", settings) as writer:
        known = {Path(record.path).name: record.id for record in writer.catalog.files.all()}
        proxy.refuse()
        with pytest.raises(BackendUnavailableError):
            writer.delete_files([known["pay.txt"]])
    proxy.heal()
    report = run(docs, settings, model)
    assert (report.documents, report.failed) == (3, ())
    assert agree(settings) == 3


@pytest.mark.slow
def test_a_rebuild_that_loses_its_server_leaves_what_serves(
    docs: Path, settings: Settings, model: WordModel, proxy: FaultProxy
) -> None:
    more(docs)
    run(docs, settings, model)
    proxy.behave(Fault(cut_after=4_000))
    with pytest.raises(BackendUnavailableError):
        run(docs, settings, model, rebuild=True)
    proxy.heal()
    assert agree(settings) == 18
    run(docs, settings, model, rebuild=True)
    assert agree(settings) == 18


def test_an_index_that_was_dropped_on_the_server_is_made_anew(
    docs: Path, settings: Settings, model: WordModel
) -> None:
    run(docs, settings, model)
    with Collection.open("default", settings) as held:
        index_class(settings.vector_backend).drop(held.place)
    embedded = len(model.embedded)
    assert run(docs, settings, model).unchanged == 3
    assert agree(settings) == 3
    assert len(model.embedded) == embedded
