"""`python -m ingest`, killed at any moment, leaves what answers, and what the next run completes."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from support.small_models import HIDDEN, make_model

from app.config import Settings
from app.errors import CollectionDamagedError, NotFoundError
from app.schemas import FileStatus
from ingest.collection import Collection
from vectorstore import open_index
from vectorstore.base import Place
from vectorstore.keywords.tantivy import TantivyIndex

# Together fifty; each costs the start of a process.
KILLS = {"faiss": 40, "chroma": 10}
FIRST_RUN_KILLS = 5


def command(settings: Settings, docs: Path) -> subprocess.Popen[str]:
    given = {
        "DOCENT_DATA_DIR": str(settings.data_dir),
        "DOCENT_VECTOR_BACKEND": settings.vector_backend,
        "DOCENT_EMBEDDING_MODEL": settings.embedding_model,
        "DOCENT_CHUNK_TOKENS": str(settings.chunk_tokens),
        "DOCENT_ENV_FILE": str(docs / "none"),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "ingest", str(docs)],
        env=os.environ | given,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hear_ctrl_c,
    )


def hear_ctrl_c() -> None:
    """A shell's background jobs are deaf to it, and so would be their children."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def whole_run(settings: Settings, docs: Path) -> float:
    """Seconds from its first sign of life to its end."""
    with command(settings, docs) as running:
        assert running.stderr is not None
        running.stderr.readline()
        began = time.monotonic()
        rest = running.stderr.read()
    assert running.returncode == 0, rest
    return time.monotonic() - began


def stopped_run(settings: Settings, docs: Path, after: float, how: signal.Signals) -> tuple[int, str]:
    """Status and errors of a run that is sent a signal some seconds after its first sign of life."""
    with command(settings, docs) as running:
        assert running.stderr is not None
        first = running.stderr.readline()
        time.sleep(after)
        running.send_signal(how)
        rest = running.stderr.read()
    return running.returncode, first + rest


def write_docs(folder: Path, version: int) -> None:
    """All files at first; then some change from version to version, one goes and one comes back."""
    for number in range(60):
        if version == 0 or number % 5 == version % 5:
            count = number % 4 + 1
            lines = (
                f"The policy {number} of version {version}: annual leave of {n} days." for n in range(count)
            )
            (folder / f"{number:02}.txt").write_text("\n\n".join(lines), encoding="utf-8")
    (folder / f"{version % 60:02}.txt").unlink()


def search(settings: Settings) -> None:
    """Both searches answer, and find what the catalogue holds, whatever else an index holds already."""
    with Collection.open("default", settings) as held:
        chunks = held.chunks(sorted(held.catalog.chunks.ids()))
        # What goes with its file may be gone from an index already.
        wanted = {id_ for id_, chunk in chunks.items() if chunk.origin and Path(chunk.origin.path).is_file()}
        dense = held.dense(np.full(HIDDEN, HIDDEN**-0.5, dtype=np.float32), 1000)
        keyword = held.keyword("policy", 1000)
        assert wanted <= set(held.chunks([hit.id for hit in keyword])) <= set(chunks)
        assert (
            len(held.chunks([hit.id for hit in dense])) >= len(wanted) / 2
        )  # Chroma's search is approximate


def search_first_run(settings: Settings) -> None:
    """Before anything was stored, a search says so, or finds nothing."""
    with contextlib.suppress(NotFoundError, CollectionDamagedError):
        search(settings)


def content(settings: Settings) -> dict[str, tuple[str, str, list[float]]]:
    """Chunk by id: source, text and vector; both indexes hold just these, and find each by its vector."""
    with Collection.open("default", settings) as held:
        assert {info.status for info in held.files()} == {FileStatus.INDEXED}
        chunks = held.chunks(sorted(held.catalog.chunks.ids()))
        vectors = held.vectors(list(chunks))
        hits = {id_: held.dense(vector, len(chunks)) for id_, vector in vectors.items()}
        found = [hit.score for id_, near in hits.items() for hit in near if hit.id == id_]
        assert found == pytest.approx([1] * len(found), abs=1e-4)
        # Chroma walks a graph, which may lead to a chunk that was replaced often from few others only.
        assert len(found) >= len(chunks) * (0.5 if settings.vector_backend == "chroma" else 1)
    backend = settings.vector_backend
    indexes = (
        open_index(backend, Place(held.folder), HIDDEN),
        TantivyIndex(Place(held.folder), read_only=True),
    )
    for index in indexes:
        assert index.ids() == set(chunks)
        index.close()
    return {id_: (chunk.source, chunk.text, vectors[id_].tolist()) for id_, chunk in chunks.items()}


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("backend", KILLS)
def test_killed_at_random_points_equals_a_clean_run(tmp_path: Path, backend: str) -> None:
    rng = random.Random(backend)
    docs = tmp_path / "docs"
    docs.mkdir()
    model = str(make_model(tmp_path / "model"))
    killed, clean = (
        Settings(data_dir=tmp_path / name, vector_backend=backend, embedding_model=model, chunk_tokens=32)
        for name in ("killed", "clean")
    )
    write_docs(docs, 0)
    first = whole_run(clean, docs)
    for _ in range(FIRST_RUN_KILLS):
        stopped_run(killed, docs, rng.uniform(0, first), signal.SIGKILL)
        search_first_run(killed)
    whole_run(killed, docs)
    write_docs(docs, 1)
    length = whole_run(killed, docs)
    kills, version = FIRST_RUN_KILLS, 1
    while kills < KILLS[backend]:
        version += 1
        write_docs(docs, version)
        status, _ = stopped_run(killed, docs, rng.uniform(0, 0.8 * length), signal.SIGKILL)
        kills += status == -signal.SIGKILL  # the others had come to their end
        search(killed)
        assert version < 3 * KILLS[backend]

    write_docs(docs, version + 1)
    status, told = stopped_run(killed, docs, length / 2, signal.SIGINT)
    assert status in (0, 130, -signal.SIGINT), told  # the last when it comes as Python ends
    whole_run(killed, docs)
    whole_run(clean, docs)
    assert content(killed) == content(clean)
