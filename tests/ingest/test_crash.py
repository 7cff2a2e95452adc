"""A process killed at any moment leaves a collection that answers, and that the next run completes."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from doubles import WordModel, indexed_ids

from app.config import Settings
from app.errors import NotFoundError
from app.schemas import FileStatus
from ingest.collection import Collection
from ingest.pipeline import sync

# What a child process runs: it ingests, and tells each step on standard output.
CHILD = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from doubles import WordModel
from app.config import Settings
from ingest.pipeline import embed, index, sync
index.GROUP_FILES = embed.EMBED_AT_ONCE = 10
settings = Settings(data_dir=Path(sys.argv[1]), vector_backend=sys.argv[4], chunk_tokens=64)
tell = lambda progress: print(progress.phase, flush=True)
sync([Path(sys.argv[2])], settings, WordModel(delay=0.002), collection="default", on_progress=tell)
"""


def content(settings: Settings) -> dict[str, list[str]]:
    """Everything that a collection holds, and that its indexes find, by source."""
    with Collection.open("default", settings) as held:
        assert all(info.status == FileStatus.INDEXED for info in held.files())
        chunks = held.chunks(sorted(held.catalog.chunks.ids()))
    assert indexed_ids(held.folder, settings) == [set(chunks), set(chunks)]
    found: dict[str, list[str]] = {}
    for chunk in sorted(chunks.values(), key=lambda chunk: (chunk.source, chunk.ordinal)):
        found.setdefault(chunk.source, []).append(f"{chunk.id} {chunk.text}")
    return found


def answers(settings: Settings) -> None:
    """Searching an unfinished collection works; a chunk that the catalogue does not know is left out."""
    try:
        with Collection.open("default", settings) as held:
            ids = [hit.id for hit in held.keyword("topic", 50)] if held.counts()[1] else []
            assert all("topic" in chunk.text for chunk in held.chunks(ids).values())
    except NotFoundError:
        pass


def write_docs(folder: Path, version: int) -> None:
    """All files at first; then a third of them changes from version to version, and one goes."""
    for number in range(60):
        count = number % 5 + 1
        text = " ".join(f"Sentence {n} of version {version} has topic {number}." for n in range(count))
        if number % 3 == version % 3 or version == 0:
            (folder / f"{number:02}.txt").write_text(text, encoding="utf-8")
    (folder / f"{version:02}.txt").unlink()


def killed_run(arguments: list[str], rng: random.Random) -> bool:
    """Kill a run after some of its steps; whether it was still at work."""
    command = [sys.executable, "-c", CHILD, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for _ in range(rng.randrange(1, 30)):
            child.stdout.readline()
        time.sleep(rng.random() / 50)
        child.send_signal(signal.SIGKILL)
        return child.wait() == -signal.SIGKILL


@pytest.mark.parametrize("backend", ["faiss", "chroma"])
def test_killed_at_random_points_equals_a_clean_run(tmp_path: Path, backend: str) -> None:
    rng = random.Random(backend)
    docs = tmp_path / "docs"
    docs.mkdir()
    settings = Settings(data_dir=tmp_path / "killed", vector_backend=backend, chunk_tokens=64)
    arguments = [str(settings.data_dir), str(docs), str(Path(__file__).parent), backend]
    killed = 0
    for version in range(5):
        write_docs(docs, version)
        killed += killed_run(arguments, rng)
        answers(settings)
    assert killed >= 3
    sync([docs], settings, WordModel(), collection="default")
    clean = settings.model_copy(update={"data_dir": tmp_path / "clean"})
    sync([docs], clean, WordModel(), collection="default")
    assert content(settings) == content(clean)
