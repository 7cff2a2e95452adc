"""How search grows with the collection: Docent on FAISS and on Chroma beside bare FAISS and bare chromadb.

usage: python benchmarks/scale.py [--sizes 1000 10000 100000] [--million] [--chart out.png]

Text is made of words by Zipf's law, vectors lie in clusters; embedding is not measured. Every system is
built in one process and searched in another, so that its memory is that of searching. --million adds
1,000,000 chunks for the systems on FAISS.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

# This folder holds an ingest.py that would hide the package; its modules are imported from the root's side.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks import synthetic
from benchmarks.scores import Row, percentiles, table

K, POOL, QUERIES = 10, 50, 200
MILLION = 1_000_000
DIGITS = {"build s": 1, "memory MB": 0, "disk MB": 0} | {
    f"{part} p{share}": 2 for part in ("dense", "keyword", "whole", "filtered") for share in (50, 95)
}
# One file, a twentieth of them, half of them.
FILTERS = ("450.txt", "*450.txt", "*50.txt")


def build_docent(folder: Path, size: int, backend: str) -> None:
    from app.config import load_settings
    from ingest.collection import Writer

    settings = load_settings(data_dir=folder, vector_backend=backend)
    model = synthetic.Model()
    with Writer.open("scale", settings) as collection:
        collection.use_model(model.identity)
        for batch in synthetic.batches(size):
            collection.catalog.vectors.save(batch.hashes, batch.vectors, model.identity.key)
            collection.mark([content.file for content in batch.contents])
            collection.save(batch.contents)
        collection.finish()


def search_docent(folder: Path, size: int, backend: str) -> Row:
    from app.chat.retrieve import Searcher
    from app.config import load_settings
    from ingest.collection import Collection

    settings = load_settings(data_dir=folder, vector_backend=backend)
    questions = synthetic.questions(size, QUERIES)
    model = synthetic.Model(questions)
    with Collection.open("scale", settings, model) as collection:
        searcher = Searcher(collection, lambda: model, settings)
        return (
            _timed("dense", [lambda q=one: collection.dense(q.vector, POOL) for one in questions])
            | _timed("keyword", [lambda q=one: collection.keyword(q.text, POOL) for one in questions])
            | _timed("whole", [lambda q=one: searcher.search(q.text, K) for one in questions])
            | _timed(
                "filtered",
                [
                    lambda q=one, w={"source": source}: searcher.search(q.text, K, w)
                    for one, source in zip(questions, cycle(FILTERS), strict=False)
                ],
            )
        )


def build_faiss(folder: Path, size: int) -> None:
    import faiss

    index = faiss.IndexFlatIP(synthetic.DIMENSION)
    for batch in synthetic.batches(size, texts=False):
        index.add(batch.vectors)
    faiss.write_index(index, str(folder / "index"))


def search_faiss(folder: Path, size: int) -> Row:
    import faiss

    index = faiss.read_index(str(folder / "index"))
    questions = synthetic.questions(size, QUERIES)
    return _timed("dense", [lambda q=one: index.search(q.vector[None], POOL) for one in questions])


def build_chroma(folder: Path, size: int) -> None:
    collection = _chroma(folder)
    number = 0
    for batch in synthetic.batches(size, texts=False):
        for start in range(0, len(batch.vectors), 5000):
            part = batch.vectors[start : start + 5000]
            collection.add(ids=[str(number + row) for row in range(len(part))], embeddings=part)
            number += len(part)


def search_chroma(folder: Path, size: int) -> Row:
    collection = _chroma(folder)
    questions = synthetic.questions(size, QUERIES)
    return _timed(
        "dense",
        [
            lambda q=one: collection.query(query_embeddings=q.vector[None], n_results=POOL)
            for one in questions
        ],
    )


def _chroma(folder: Path) -> Any:
    import chromadb

    client = chromadb.PersistentClient(str(folder), chromadb.Settings(anonymized_telemetry=False))
    return client.get_or_create_collection("scale", embedding_function=None)


SYSTEMS: dict[str, tuple[Callable[..., None], Callable[..., Row], tuple[str, ...]]] = {
    "Docent FAISS": (build_docent, search_docent, ("faiss",)),
    "Docent Chroma": (build_docent, search_docent, ("chroma",)),
    "bare FAISS": (build_faiss, search_faiss, ()),
    "bare chromadb": (build_chroma, search_chroma, ()),
}


def _timed(name: str, calls: Sequence[Callable[[], object]]) -> Row:
    calls[0]()  # opens what is opened on first use
    milliseconds = []
    for call in calls:
        started = time.perf_counter()
        call()
        milliseconds.append((time.perf_counter() - started) * 1000)
    return {f"{name} {key.removesuffix(' ms')}": value for key, value in percentiles(milliseconds).items()}


def _step(system: str, step: str, size: int, folder: Path) -> Row:
    """Run one step in a fresh process."""
    command = [sys.executable, __file__, "--step", step, "--system", system, "--sizes", str(size)]
    done = subprocess.run([*command, "--folder", str(folder)], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{system}, {step}: {done.stderr}")
    row: Row = json.loads(done.stdout.splitlines()[-1])
    return row


def _here(system: str, step: str, size: int, folder: Path) -> Row:
    build, search, arguments = SYSTEMS[system]
    if step == "search":
        row = search(folder, size, *arguments)
        return row | {"memory MB": _peak()}
    started = time.perf_counter()
    build(folder, size, *arguments)
    return {"build s": time.perf_counter() - started}


def _peak() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def _measure(system: str, size: int) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        built = _step(system, "build", size, Path(folder))
        searched = _step(system, "search", size, Path(folder))
        disk = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file()) / 2**20
    return built | searched | {"disk MB": disk}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--million", action="store_true", help="add 1,000,000 chunks, on FAISS")
    parser.add_argument("--chart", type=Path, metavar="PNG", help="draw the table there")
    parser.add_argument("--system", choices=SYSTEMS, help="only this one")
    parser.add_argument("--step", choices=["build", "search"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        print(json.dumps(_here(options.system, options.step, options.sizes[0], options.folder)))
        return
    results: dict[int, dict[str, Row]] = {}
    for size in [*options.sizes, *([MILLION] if options.million else [])]:
        chosen = [options.system] if options.system else list(SYSTEMS)
        names = [name for name in chosen if size < MILLION or name.endswith("FAISS")]
        results[size] = {name: _measure(name, size) for name in names}
        print(f"\n{size:,} chunks; times in milliseconds\n{table(results[size], DIGITS)}", flush=True)
    if options.chart:
        _draw(results, options.chart)


def _draw(results: dict[int, dict[str, Row]], path: Path) -> None:
    from benchmarks.charts import lines

    units = {"build s": "seconds", "whole p95": "milliseconds", "filtered p95": "milliseconds"}
    units |= {"memory MB": "MB", "disk MB": "MB"}
    panels: dict[str, dict[str, dict[int, float]]] = {column: {} for column in units}
    for size, rows in results.items():
        for system, row in rows.items():
            for column in units.keys() & row.keys():
                panels[column].setdefault(system, {})[size] = row[column]
    lines(panels, path, list(units.values()))


if __name__ == "__main__":
    main()
