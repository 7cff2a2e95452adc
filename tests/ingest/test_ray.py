"""Ray on one machine gives the collection that the built-in engine gives; what goes wrong there is told."""

from __future__ import annotations

import os
import socket
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from app.config import Settings
from app.errors import ConfigurationError, MissingExtraError
from app.schemas import IngestReport
from ingest.collection import Collection
from ingest.pipeline import sync
from ingest.pipeline.engine import engine_for
from vectorstore.embeddings import load_embedding_model
from vectorstore.keywords import open_keywords

here = pytest.mark.skipif(find_spec("ray") is None, reason="ray is not installed: pip install 'docent[ray]'")

# A reader that does what a hostile file may make one do, in every process that reads, wherever it is.
HOSTILE = """
import os, sys, time
if "ingest.worker" in " ".join(sys.orig_argv):
    import ingest.loaders

    def read(path):
        word = path.read_text(encoding="utf-8").strip()
        if word == "crash":
            os.abort()
        if word == "hang":
            time.sleep(600)
        if word == "memory":
            held = [bytearray(1 << 20) for _ in range(100_000)]
        yield ingest.loaders.SourceDocument("title", [ingest.loaders.Block(word)])

    ingest.loaders.READERS[".log"] = "hostile_reader:read"
    sys.modules["hostile_reader"] = sys.modules[__name__]
"""


def folder_of_files(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        text = f"# File {number}\n\nInvoice {number} is due on day {number % 28 + 1}.\n\n청구서 {number}번.\n"
        (folder / f"{number}.md").write_text(text, encoding="utf-8")
    return folder


def run(folder: Path, data: Path, **values: object) -> IngestReport:
    settings = Settings(data_dir=data, vector_backend="faiss", **values)
    return sync([folder], settings, lambda: load_embedding_model(settings), collection="default")


def contents(data: Path) -> tuple[dict[str, tuple[str, str]], dict[str, np.ndarray], set[str]]:
    """Chunks with their places, vectors, and ids of the keyword index."""
    with Collection.open("default", Settings(data_dir=data, vector_backend="faiss")) as held:
        ids = sorted(held.catalog.chunks.ids())
        chunks = {id_: (chunk.text, chunk.source) for id_, chunk in held.chunks(ids).items()}
        keywords = open_keywords("tantivy", held._store.place, read_only=True)
        found = chunks, held.vectors(ids), keywords.ids()
        keywords.close()
        return found


@here
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_ray_makes_the_same_collection_and_a_bad_file_costs_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "sitecustomize.py").write_text(HOSTILE, encoding="utf-8")
    path = os.pathsep.join([str(tmp_path / "code"), str(Path(__file__).parents[2])])
    monkeypatch.setenv("PYTHONPATH", path)  # of the processes; not of this one
    folder = folder_of_files(tmp_path / "docs", 40)
    own = run(folder, tmp_path / "own")
    for word in ("crash", "hang", "memory"):
        (folder / f"{word}.log").write_text(word, encoding="utf-8")
    by_ray = run(folder, tmp_path / "ray", ingest_engine="ray", read_seconds=20, read_memory_mb=300)
    assert (own.added, by_ray.added, own.chunks, own.unread) == (40, 40, by_ray.chunks, by_ray.unread)
    told = {Path(failure.path).name: failure.error for failure in by_ray.failed}
    assert told.keys() == {"crash.log", "hang.log", "memory.log"}
    assert "SIGABRT" in told["crash.log"]
    assert "DOCENT_READ_SECONDS=20" in told["hang.log"]
    assert "DOCENT_READ_MEMORY_MB=300" in told["memory.log"]
    (chunks, vectors, keywords), (theirs, their_vectors, their_keywords) = map(
        contents, (tmp_path / "own", tmp_path / "ray")
    )
    assert theirs == chunks and their_keywords == keywords == chunks.keys()
    for id_ in chunks:
        np.testing.assert_allclose(their_vectors[id_], vectors[id_], atol=1e-6)


@here
@pytest.mark.parametrize("address", ["ray://127.0.0.1:{port}", "127.0.0.1:{port}", "nonsense"])
def test_a_cluster_that_is_not_there_is_named_at_once(tmp_path: Path, address: str):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = address.format(port=free.getsockname()[1])
    folder = folder_of_files(tmp_path / "docs", 2)
    with pytest.raises(ConfigurationError, match=f"DOCENT_RAY_ADDRESS='{address}' cannot be used") as told:
        run(folder, tmp_path / "data", ingest_engine="ray", ray_address=address)
    assert "DOCENT_INGEST_ENGINE=local" in str(told.value)
    assert run(folder, tmp_path / "data").added == 2


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'docent\[ray\]'"):
        engine_for(Settings(ingest_engine="ray"), lambda: pytest.fail("nothing is embedded"))
