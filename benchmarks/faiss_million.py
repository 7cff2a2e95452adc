"""1,000,000 vectors in FAISS: how long a search takes, what it finds, and what building and serving need.

usage: nice python benchmarks/faiss_million.py [--kind auto|sq8|ivf|hnsw|flat] [--size 1000000]
                                               [--like DATA_DIR] [--folder FOLDER] [--kill]

Vectors of 384 dimensions. Without --like they are drawn: each is a point of a space of 48 directions of
falling weight that is turned into 384, moved towards one of 5,000 topics of unequal size, with noise. With
--like they are made of the vectors of a collection that was indexed there (--collection): each the sum of two
of its passages, in unequal shares, with noise. Questions are drawn in the same way and are in no index. Right
is what comparing with every vector finds. --kill ends the building process now and then, and starts it again.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

# This folder holds an ingest.py that would hide the package; its modules are imported from the root's side.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks.scores import percentiles
from vectorstore import open_index
from vectorstore.base import Metadata, Place, VectorIndex, Vectors

DIMENSION, BATCH, K, QUESTIONS = 384, 5_000, 10, 300
_DIRECTIONS, _TOPICS = 48, 5_000


class Drawn:
    """Vectors that are drawn, the same ones in every process."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self._turn = rng.standard_normal((_DIRECTIONS, DIMENSION), dtype=np.float32) / DIMENSION**0.5
        self._turn *= (0.9 ** np.arange(_DIRECTIONS, dtype=np.float32))[:, None]
        self._topics = rng.standard_normal((_TOPICS, DIMENSION), dtype=np.float32) / DIMENSION**0.5

    def __call__(self, number: int, count: int) -> Vectors:
        rng = np.random.default_rng([3, number])
        points = rng.standard_normal((count, _DIRECTIONS), dtype=np.float32) @ self._turn
        topics = self._topics[rng.zipf(1.3, count) % _TOPICS]
        noise = rng.standard_normal((count, DIMENSION), dtype=np.float32)
        return _unit(0.8 * points + 0.6 * topics + 0.03 * noise)


class Like:
    """Sums of two passages of a collection."""

    def __init__(self, data_dir: Path, name: str) -> None:
        from app.config import Settings
        from ingest.collection import Collection

        with Collection.open(name, Settings(data_dir=data_dir)) as held:
            ids = sorted(held.catalog.chunks.ids())
            self._passages = np.stack([*held.vectors(ids).values()])

    def __call__(self, number: int, count: int) -> Vectors:
        rng = np.random.default_rng([4, number])
        one, other = self._passages[rng.integers(len(self._passages), size=(2, count))]
        share = rng.uniform(0.3, 0.7, (count, 1)).astype(np.float32)
        noise = rng.standard_normal((count, DIMENSION), dtype=np.float32)
        return _unit(one + share * other + 0.01 * noise)


def build(place: Place, source: Any, size: int) -> None:
    """What is there already stays as it is: after a kill, the same call goes on."""
    index = open_index("faiss", place, DIMENSION)
    for number, start in enumerate(range(0, size, BATCH)):
        if start + BATCH <= index.count() - BATCH:
            continue
        count = min(BATCH, size - start)
        metadata: list[Metadata] = [
            {"file_id": f"file {(start + row) // 50}", "half": row % 2} for row in range(count)
        ]
        index.upsert([str(start + row) for row in range(count)], source(number, count), metadata)
    index.close()


def right(source: Any, size: int, questions: Vectors) -> list[set[str]]:
    """The ids that comparing with every vector finds."""
    scores, rows = np.zeros((len(questions), 0), np.float32), np.zeros((len(questions), 0), np.int64)
    for number, start in enumerate(range(0, size, BATCH)):
        new = questions @ source(number, min(BATCH, size - start)).T
        scores = np.concatenate([scores, new], axis=1)
        rows = np.concatenate([rows, np.tile(np.arange(start, start + new.shape[1]), (len(new), 1))], axis=1)
        best = np.argsort(-scores, axis=1)[:, :K]
        scores, rows = np.take_along_axis(scores, best, 1), np.take_along_axis(rows, best, 1)
    return [set(map(str, each)) for each in rows.tolist()]


def search(place: Place, questions: Vectors) -> dict[str, Any]:
    started = time.perf_counter()
    index = open_index("faiss", place, DIMENSION)
    index.search(questions[0], K)
    opened = time.perf_counter() - started
    row: dict[str, Any] = {"first search s": round(opened, 2)}
    found, row["search"] = _timed(index, questions, None)
    row["filter, half"] = _timed(index, questions[:100], {"half": 1})[1]
    row["filter, 50 of all"] = _timed(index, questions[:100], {"file_id": "file 77"})[1]
    row["memory MB"] = _memory()
    index.close()
    return row | {"found": found}


def _timed(index: VectorIndex, questions: Vectors, where: Any) -> tuple[list[list[str]], dict[str, float]]:
    index.search(questions[0], K, where)
    times, found = [], []
    for question in questions:
        started = time.perf_counter()
        found.append([each.id for each in index.search(question, K, where)])
        times.append((time.perf_counter() - started) * 1000)
    return found, {name: round(value, 1) for name, value in percentiles(times).items()}


def _memory() -> dict[str, int]:
    """Megabytes: the most there was, and what is there now; what is in files, other processes share."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    names = {"peak": "VmHWM", "now": "VmRSS", "of that in files": "RssFile"}
    return {name: int(lines[key].split()[0]) // 1024 for name, key in names.items()}


def _unit(vectors: Any) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def _killed_now_and_then(command: list[str]) -> Iterator[float]:
    """Seconds of each process, until one comes to its end."""
    for seconds in (10.0, 25.0, 45.0, 60.0, 90.0):
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
        process.wait()
        yield time.perf_counter() - started
        if process.returncode == 0:
            return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", default="auto")
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--like", type=Path, metavar="DATA_DIR")
    parser.add_argument("--collection", default="default")
    parser.add_argument("--folder", type=Path, help="keep the index there; what is there is gone on with")
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--step", choices=["build", "search"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    from app.config import Settings

    source: Any = Like(options.like, options.collection) if options.like else Drawn()
    questions = source(10**6, QUESTIONS)
    if options.step:
        place = Place(options.folder, settings=Settings(faiss_kind=options.kind))
        if options.step == "build":
            build(place, source, options.size)
            print(json.dumps({"memory MB": _memory()}))
        else:
            print(json.dumps(search(place, questions)))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        command = [sys.executable, __file__, *_without_folder(sys.argv[1:]), "--folder", str(folder)]
        if options.kill:
            seconds = list(_killed_now_and_then([*command, "--step", "build"]))
            print("build s until killed:", [round(each, 1) for each in seconds])
        started = time.perf_counter()
        built = _run([*command, "--step", "build"])
        built["build s"] = round(time.perf_counter() - started, 1)
        row = _run([*command, "--step", "search"])
        disk = {path.name: path.stat().st_size // 2**20 for path in folder.rglob("*") if path.is_file()}
        found = row.pop("found")
        wanted = right(source, options.size, questions)
        row["recall@10"] = np.mean([len(set(a) & b) / K for a, b in zip(found, wanted, strict=True)])
    print(json.dumps({"build": built, "serve": row, "disk MB": disk}, indent=1))


def _without_folder(given: list[str]) -> list[str]:
    if "--folder" not in given:
        return given
    at = given.index("--folder")
    return given[:at] + given[at + 2 :]


def _run(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    row: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return row


if __name__ == "__main__":
    main()
