"""The same chunks and questions on every vector backend: what is found, how fast, with what memory and disk.

usage: nice python benchmarks/backends.py FOLDER [--work DATA_DIR] [--chunks 20000] [--questions 500]
                                          [--only NAME …] [--json FILE]

FOLDER holds data sets: documents, and queries.jsonl or questions.jsonl somewhere below it. They are cut into
pieces of up to 64 tokens and embedded with the built-in model, once: --work keeps that. Every backend of
`vectorstore.backends()` takes part: embedded where it can be, and on the servers of SERVERS, which are
started here. Each is filled in one process and searched in another. Right is what comparing with every vector
finds; a hit that ties with the tenth is right. A question asks as a search does (`ingest.indexes`): an index
that is not fast with filters is asked for four times as many.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
# This folder holds an ingest.py that would hide the package; its modules are imported from the root's side.
sys.path[0] = str(ROOT)
sys.path.append(str(ROOT / "tests"))  # its servers

from app.config import Settings
from app.errors import DocentError
from benchmarks.scores import percentiles
from vectorstore import backends, open_index
from vectorstore.base import Filter, Metadata, Place, VectorIndex, Vectors

K, SURE, PART = 10, 4, 1_000
PARTS = 20

Options = dict[str, Any]


@contextmanager
def chroma(folder: Path) -> Iterator[Options]:
    from support.servers.chroma import chroma_server

    with chroma_server(folder) as url:
        yield {"chroma_url": url}


@contextmanager
def postgres(folder: Path) -> Iterator[Options]:
    from support.servers.postgres import PostgresServer

    with PostgresServer() as server:
        url = server.url(server.make_database())
        yield {"database_url": url, "on_disk": partial(_database_bytes, url)}


def _database_bytes(url: str) -> int:
    """Of tables and indexes; the server's own files and its log come on top."""
    import psycopg
    from sqlalchemy import make_url

    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(False)) as connection:
        found = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return int(found[0]) if found else 0


@contextmanager
def pinecone(folder: Path) -> Iterator[Options]:
    from support.servers.pinecone import PineconeStub

    with PineconeStub() as stub:
        stub.lag = 0
        yield {"pinecone_host": stub.url, "pinecone_api_key": stub.key}


# What is started for a backend, and whether it can do without. A stub compares with every vector, in Python.
SERVERS: dict[str, tuple[Callable[[Path], AbstractContextManager[Options]], bool]] = {
    "chroma": (chroma, True),
    "pgvector": (postgres, False),
    "pinecone": (pinecone, False),
}


@dataclass
class Corpus:
    """n chunks, and questions of shape (m, dimension)."""

    ids: list[str]
    vectors: Vectors
    metadata: list[Metadata]
    questions: Vectors

    def filters(self) -> list[Filter]:
        return [{"part": number % PARTS} for number in range(len(self.questions))]


def prepared(folder: Path, work: Path, count: int, questions: int) -> Corpus:
    """The corpus, embedded where that was not done before."""
    from app.runtime import build
    from ingest.collection import Collection

    settings = Settings(data_dir=work, vector_backend="faiss", chunk_tokens=64)
    sources = sorted(folder.rglob("corpus.jsonl"), key=lambda path: -path.stat().st_size)
    with build(settings) as runtime:
        for source in [*sources, folder]:
            try:
                if runtime.collection().counts()[1] >= count:
                    break
            except DocentError:
                pass
            runtime.ingest([source])
        asked = _questions(folder, work, questions, runtime)
    with Collection.open("default", settings) as held:
        key = str((held.embedding or {})["key"])
        ids, parts, metadata = list[str](), list[Vectors](), list[Metadata]()
        for some, vectors, fields in held.catalog.vectors.in_order(key, 5_000):
            ids += some
            parts.append(vectors)
            metadata += fields
    every = np.concatenate(parts)[:count]
    metadata = [{**one, "part": number % PARTS} for number, one in enumerate(metadata[:count])]
    return Corpus(ids[:count], every, metadata, asked)


def _questions(folder: Path, work: Path, count: int, runtime: Any) -> Vectors:
    cache = work / f"questions-{count}.npy"
    if not cache.is_file():
        files = [path for name in ("queries", "questions") for path in sorted(folder.rglob(f"{name}.jsonl"))]
        lines = [json.loads(line) for path in files for line in path.read_text("utf-8").splitlines()]
        texts = [text for line in lines if (text := line.get("text") or line.get("question"))]
        chosen = texts[:: max(1, len(texts) // count)][:count]
        np.save(cache, np.stack([runtime.embedding().embed_query(text) for text in chosen]))
    return np.asarray(np.load(cache), dtype=np.float32)


def load(index: VectorIndex, corpus: Corpus) -> dict[str, float]:
    started = time.perf_counter()
    for start in range(0, len(corpus.ids), PART):
        part = slice(start, start + PART)
        index.upsert(corpus.ids[part], corpus.vectors[part], corpus.metadata[part])
    index.close()
    return {"load s": time.perf_counter() - started, "resident MB": _resident()}


def search(index: VectorIndex, corpus: Corpus) -> dict[str, float]:
    plain, filtered = [None] * len(corpus.questions), corpus.filters()
    asked = K if index.filters_fast else SURE * K
    found, times = _asked(index, corpus.questions, plain, asked)
    within, slower = _asked(index, corpus.questions, filtered, asked)
    row = dict(percentiles(times))
    row |= {f"filter {name}": value for name, value in percentiles(slower).items()}
    row["overlap"] = _overlap(corpus, found, plain)
    row["filtered overlap"] = _overlap(corpus, within, filtered)
    row["resident MB"] = _resident()
    index.close()
    return row


def _asked(
    index: VectorIndex, questions: Vectors, filters: Sequence[Filter | None], k: int
) -> tuple[list[list[str]], list[float]]:
    index.search(questions[0], k, filters[0])
    found, times = [], []
    for question, where in zip(questions, filters, strict=True):
        started = time.perf_counter()
        found.append([hit.id for hit in index.search(question, k, where)[:K]])
        times.append((time.perf_counter() - started) * 1000)
    return found, times


def _overlap(corpus: Corpus, found: Sequence[Sequence[str]], filters: Sequence[Filter | None]) -> float:
    """The share of the K best that was found; what does not fit a filter counts as not found."""
    rows = {id_: row for row, id_ in enumerate(corpus.ids)}
    parts = np.array([one["part"] for one in corpus.metadata])
    right = 0
    for question, hits, where in zip(corpus.questions, found, filters, strict=True):
        scores = corpus.vectors @ question
        if where is not None:
            scores[parts != where["part"]] = -2
        last = np.partition(scores, -K)[-K]
        right += sum(scores[rows[hit]] >= last - 1e-6 for hit in hits)
    return right / (K * len(found))


def _step(name: str, step: str, folder: Path, given: dict[str, Any], corpus: Path) -> dict[str, float]:
    """One step in a process of its own."""
    command = [sys.executable, __file__, str(corpus), "--step", step, "--only", name, "--folder", str(folder)]
    values = json.dumps({key: str(value) for key, value in given.items() if key != "on_disk"})
    done = subprocess.run([*command, "--given", values], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name}, {step}: {done.stderr.strip().splitlines()[-1:]}")
    row: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return row


def _here(options: argparse.Namespace) -> dict[str, float]:
    held = np.load(options.data)
    corpus = Corpus(
        held["ids"].tolist(), held["vectors"], json.loads(str(held["metadata"])), held["questions"]
    )
    before = _resident()
    place = Place(options.folder, "docent_benchmark", Settings(**json.loads(options.given)))
    index = open_index(options.only[0], place, corpus.vectors.shape[1])
    row = (load if options.step == "load" else search)(index, corpus)
    return row | {"memory MB": row.pop("resident MB") - before}


def _resident() -> float:
    """Megabytes."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines["VmRSS"].split()[0]) / 1024


def _measured(name: str, start: Callable[[Path], AbstractContextManager[Options]], corpus: Path) -> Any:
    with tempfile.TemporaryDirectory() as temporary, start(Path(temporary) / "server") as given:
        folder = Path(temporary) / "index"
        row = _step(name, "load", folder, given, corpus)
        row |= _step(name, "search", folder, given, corpus)
        files = sum(file.stat().st_size for file in Path(temporary).rglob("*") if file.is_file())
        return row | {"disk MB": (given["on_disk"]() if "on_disk" in given else files) / 2**20}


def ways(only: Sequence[str]) -> Iterator[tuple[str, str, Callable[[Path], AbstractContextManager[Options]]]]:
    """Label, backend and what to start for it."""
    for name in backends():
        server, embedded = SERVERS.get(name, (None, True))
        if only and name not in only:
            continue
        if embedded:
            yield name, name, lambda _: nullcontext({})
        if server is not None:
            yield f"{name}, server", name, server


COLUMNS = {
    "load s": 1,
    "p50 ms": 1,
    "p95 ms": 1,
    "filter p95 ms": 1,
    "overlap": 3,
    "filtered overlap": 3,
    "memory MB": 0,
    "disk MB": 0,
}


def table(rows: dict[str, dict[str, float]]) -> str:
    lines = ["| backend | " + " | ".join(COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    for name, row in rows.items():
        cells = [f"{row[column]:,.{digits}f}" for column, digits in COLUMNS.items()]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, metavar="FOLDER")
    parser.add_argument("--work", type=Path, help="data folder of the embedded corpus; kept")
    parser.add_argument("--chunks", type=int, default=20_000)
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--only", nargs="+", default=[], choices=backends())
    parser.add_argument("--json", type=Path, help="write the figures there, too")
    parser.add_argument("--step", choices=["load", "search"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--given", default="{}", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        print(json.dumps(_here(options)))
        return
    with tempfile.TemporaryDirectory() as temporary:
        corpus = prepared(options.data, options.work or Path(temporary), options.chunks, options.questions)
        held = Path(temporary) / "corpus.npz"
        np.savez(
            held,
            ids=np.array(corpus.ids),
            vectors=corpus.vectors,
            metadata=json.dumps(corpus.metadata),
            questions=corpus.questions,
        )
        print(f"{len(corpus.ids):,} chunks, {len(corpus.questions)} questions", flush=True)
        rows: dict[str, dict[str, float]] = {}
        for label, name, start in ways(options.only):
            try:
                rows[label] = _measured(name, start, held)
                print(table({label: rows[label]}).splitlines()[-1], flush=True)
            except Exception as error:  # noqa: BLE001  (one that cannot run here leaves the others alone)
                print(f"{label}: left out: {error}", flush=True)
    print(f"\n{table(rows)}")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
