"""Move a collection from backend to backend and back: chunks a second, and whether all is as it was.

usage: nice python benchmarks/migration.py [--size 100000] [--route chroma faiss milvus chroma]
                                           [--folder FOLDER]

Text is made of words by Zipf's law, vectors lie in clusters (benchmarks/synthetic.py). Every move compares
ids, counts and 100 searches; after each, all vectors are read back and held against the first ones.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import numpy as np

# This folder holds an ingest.py that would hide the package; its modules are imported from the root's side.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from app.config import Settings
from benchmarks import synthetic
from benchmarks.scores import Row, table
from ingest.collection import Collection, Writer, forget_previous
from ingest.migration import migrate
from vectorstore import open_index

NAME, PART = "moving", 5_000
DIGITS = {"seconds": 1, "copy s": 1, "chunks/s": 0, "off": 8, "neighbours": 3, "words": 3}


def fill(settings: Settings, size: int) -> None:
    model = synthetic.Model()
    with Writer.open(NAME, settings) as writer:
        writer.use_model(model.identity)
        for batch in synthetic.batches(size):
            writer.catalog.vectors.save(batch.hashes, batch.vectors, model.identity.key)
            writer.mark([content.file for content in batch.contents])
            writer.save(batch.contents)
        writer.finish()


def far(settings: Settings) -> tuple[int, float]:
    """How many vectors are held, and how far a number of one is from the catalogue's at most."""
    count, off = 0, 0.0
    with Collection.open(NAME, settings) as held:
        known = held.embedding or {}
        with closing(open_index(str(held.backend), held.place, int(known["dimension"]))) as index:
            ids = index.ids()
            for names, vectors, _ in held.catalog.vectors.in_order(str(known["key"]), PART):
                found = index.get(names)
                ids -= found.keys()
                count += len(found)
                off = max(off, float(np.abs(np.stack([found[name] for name in names]) - vectors).max()))
    if ids:
        sys.exit(f"{len(ids)} ids are of no chunk")
    return count, off


def move(settings: Settings, backend: str, size: int) -> Row:
    seen: dict[str, float] = {}

    def tell(phase: str, done: int, total: int) -> None:
        seen[phase] = time.perf_counter()

    started = time.perf_counter()
    done = migrate(NAME, settings, backend, on_progress=tell)
    seconds = time.perf_counter() - started
    copying = seen["compare"] - started
    forget_previous(NAME, settings)
    count, off = far(settings)
    if count != size:
        sys.exit(f"{backend} holds {count} of {size} chunks")
    return {
        "seconds": seconds,
        "copy s": copying,
        "chunks/s": size / copying,
        "off": off,
        "neighbours": done.compared.neighbours,
        "words": done.compared.words,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--route", nargs="+", default=["chroma", "faiss", "milvus", "chroma"])
    parser.add_argument("--folder", type=Path, help="the data folder; what was filled there is taken")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        settings = Settings(data_dir=folder, vector_backend=options.route[0])
        if not (folder / "collections" / NAME).is_dir():
            started = time.perf_counter()
            fill(settings, options.size)
            print(f"filled in {time.perf_counter() - started:.0f} s", flush=True)
        rows: dict[str, Row] = {}
        for before, after in zip(options.route, options.route[1:], strict=False):
            rows[f"{before} > {after}"] = move(settings, after, options.size)
            print(table(rows, DIGITS), flush=True)


if __name__ == "__main__":
    main()
