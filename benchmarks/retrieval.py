"""How well Docent finds what a question is about: dense, keyword and fused search on judged questions.

usage: python benchmarks/retrieval.py DATA_DIR…

A folder is either in BEIR's layout (corpus.jsonl with id, title and text; queries.jsonl; qrels.tsv) or
holds docs/*.pdf and questions.jsonl, whose lines name their evidence as [{"doc", "page"}]. It is ingested
into a temporary folder with the settings as they are; all sets share one configuration. What counts as a
result is a document of the corpus, or a page: the best chunk of each stands for it.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.chat.retrieve import Searcher
from app.config import Settings, load_settings
from app.schemas import Chunk
from ingest.collection import Collection
from ingest.pipeline import sync
from vectorstore.embeddings import EmbeddingModel, load_embedding_model

CUTOFF = 10
# A document or page may fill several ranks, so more chunks are asked for than results are judged.
CHUNKS = 30
SYSTEMS: dict[str, float | None] = {"dense": 1.0, "keyword": 0.0, "fused": None}

Key = tuple[str, int | None]


@dataclass(frozen=True)
class Judged:
    """A question set: what to ingest, what to ask, and which results are right, each with its grade."""

    name: str
    sources: Sequence[Path]
    questions: dict[str, str]
    right: dict[str, dict[Key, int]]
    key: Callable[[Chunk], Key]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_dirs", nargs="+", type=Path, metavar="DATA_DIR")
    parser.add_argument("--limit", type=int, help="ask only the first questions of each set")
    options = parser.parse_args()
    model = load_embedding_model(load_settings())
    for folder in options.data_dirs:
        measure(read(folder), model, options.limit)


def measure(judged: Judged, model: EmbeddingModel, limit: int | None) -> None:
    """Ingest a set, ask all its questions, and print a line for each system."""
    with tempfile.TemporaryDirectory() as data_dir:
        settings = load_settings(data_dir=data_dir, collection="benchmark")
        started = time.perf_counter()
        report = sync(judged.sources, settings, model, collection="benchmark")
        seconds = time.perf_counter() - started
        asked = [id_ for id_ in judged.questions if id_ in judged.right][:limit]
        print(f"\n{judged.name}: {report.chunks} chunks in {seconds:.1f} s, {len(asked)} questions")
        print(f"  {'':8} nDCG@10 recall@5  MRR@10  hit@1  hit@5   p50 ms  p95 ms")
        with Collection.open("benchmark", settings, model) as collection:
            for system, weight in SYSTEMS.items():
                print(f"  {system:8} {_line(judged, asked, collection, model, settings, weight)}")


def _line(
    judged: Judged,
    asked: Sequence[str],
    collection: Collection,
    model: EmbeddingModel,
    settings: Settings,
    weight: float | None,
) -> str:
    searcher = Searcher(collection, lambda: model, settings.model_copy(update={"dense_weight": weight}))
    searcher.search(judged.questions[asked[0]], CHUNKS)  # opens what is opened on first use
    scores, milliseconds = [], []
    for id_ in asked:
        started = time.perf_counter()
        hits = searcher.search(judged.questions[id_], CHUNKS)
        milliseconds.append((time.perf_counter() - started) * 1000)
        results = list(dict.fromkeys(judged.key(hit.chunk) for hit in hits))
        scores.append(_scores(results[:CUTOFF], judged.right[id_]))
    ndcg, recall, mrr, first, fifth = (statistics.fmean(column) for column in zip(*scores, strict=True))
    p50, p95 = (_quantile(milliseconds, share) for share in (0.5, 0.95))
    return f"{ndcg:7.4f}  {recall:7.4f} {mrr:7.4f} {first:6.4f} {fifth:6.4f} {p50:8.1f} {p95:7.1f}"


def _scores(results: Sequence[Key], right: dict[Key, int]) -> tuple[float, ...]:
    gains = [right.get(result, 0) for result in results]
    found = [rank for rank, gain in enumerate(gains, 1) if gain]
    return (
        _dcg(gains) / _dcg(sorted(right.values(), reverse=True)[:CUTOFF]),
        sum(rank <= 5 for rank in found) / len(right),
        1 / found[0] if found else 0.0,
        float(bool(found) and found[0] == 1),
        float(bool(found) and found[0] <= 5),
    )


def _dcg(gains: Sequence[int]) -> float:
    return sum((2**gain - 1) / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


def _quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def read(folder: Path) -> Judged:
    return _read_beir(folder) if (folder / "corpus.jsonl").exists() else _read_pdf(folder)


def _read_beir(folder: Path) -> Judged:
    right: dict[str, dict[Key, int]] = {}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        if float(grade) > 0:
            right.setdefault(query, {})[document, None] = int(float(grade))
    questions = {record["id"]: record["text"] for record in _records(folder / "queries.jsonl")}
    return Judged(
        folder.name, [folder / "corpus.jsonl"], questions, right, lambda chunk: (str(chunk.record_id), None)
    )


def _read_pdf(folder: Path) -> Judged:
    records = list(_records(folder / "questions.jsonl"))
    right = {record["id"]: {(one["doc"], one["page"]): 1 for one in record["evidence"]} for record in records}
    questions = {record["id"]: record["question"] for record in records}
    return Judged(
        folder.name, [folder / "docs"], questions, right, lambda chunk: (Path(chunk.source).name, chunk.page)
    )


def _records(path: Path) -> Iterator[dict]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


if __name__ == "__main__":
    main()
