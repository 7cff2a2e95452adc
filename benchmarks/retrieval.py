"""How well a question finds its evidence: Docent's parts and whole beside LangChain's usual pipelines.

usage: python benchmarks/retrieval.py DATA_DIR… [--chart out.png] [--limit N] [--docent-only]

A folder is in BEIR's layout (corpus.jsonl with id, title and text; queries.jsonl; qrels.tsv), or holds
docs/*.pdf and questions.jsonl, whose lines name their evidence as [{"doc", "page"}], or holds corpora/*.md
and questions.jsonl with the characters that answer each. It is ingested into a temporary folder with the
settings as they are; all sets share one configuration, and all systems the same weights. A result is a
document of the corpus, or a page: the best chunk of each stands for it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

# This folder holds an ingest.py that would hide the package; its modules are imported from the root's side.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from app.chat.retrieve import Searcher
from app.config import Settings, load_settings
from benchmarks import scores, spans, stock
from benchmarks.sets import Judged, is_span_set, read
from ingest.collection import Collection
from ingest.pipeline import sync
from vectorstore.embeddings import EmbeddingModel, load_embedding_model

# A document or page may fill several ranks, so more chunks are asked for than results are judged.
CHUNKS = 30
PARTS: dict[str, float | None] = {"Docent dense": 1.0, "Docent keyword": 0.0, "Docent": None}
DIGITS = {"index s": 1, "p50 ms": 1, "p95 ms": 1, "chunks": 0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_dirs", nargs="+", type=Path, metavar="DATA_DIR")
    parser.add_argument("--limit", type=int, help="ask only the first questions of each set")
    parser.add_argument("--docent-only", action="store_true", help="leave out LangChain's pipelines")
    parser.add_argument("--chart", type=Path, metavar="PNG", help="draw the table there")
    options = parser.parse_args()
    model = load_embedding_model(load_settings())
    panels = {}
    for folder in options.data_dirs:
        if is_span_set(folder):
            rows, best = spans.measure(folder, model, options.limit), "IoU"
        else:
            judged = read(folder)
            best = "hit@1" if judged.split else "nDCG@10"
            rows = dict(_rows(judged, model, options.limit, options.docent_only))
        print(f"\n{folder.name}\n{scores.table(rows, DIGITS)}", flush=True)
        panels[folder.name] = best, rows
    if options.chart:
        from benchmarks.charts import bars

        bars(panels, options.chart)


def _rows(
    judged: Judged, model: EmbeddingModel, limit: int | None, alone: bool
) -> Iterator[tuple[str, scores.Row]]:
    questions = {id_: judged.questions[id_] for id_ in judged.asked(limit)}
    yield from _docent(judged, questions, model)
    if alone:
        return
    with stock.pipelines(judged, model, CHUNKS) as systems:
        for name, (search, seconds) in systems.items():
            yield name, scores.measure(search, questions, judged.right) | {"index s": seconds}


def _docent(
    judged: Judged, questions: dict[str, str], model: EmbeddingModel
) -> Iterator[tuple[str, scores.Row]]:
    with tempfile.TemporaryDirectory() as data_dir:
        settings = load_settings(data_dir=data_dir, collection="benchmark")
        started = time.perf_counter()
        sync(judged.sources, settings, model, collection="benchmark")
        seconds = time.perf_counter() - started
        with Collection.open("benchmark", settings, model) as collection:
            for name, weight in PARTS.items():
                search = _search(judged, collection, model, settings, weight)
                yield name, scores.measure(search, questions, judged.right) | {"index s": seconds}


def _search(
    judged: Judged, collection: Collection, model: EmbeddingModel, settings: Settings, weight: float | None
) -> scores.Search:
    searcher = Searcher(collection, lambda: model, settings.model_copy(update={"dense_weight": weight}))
    return lambda text: [judged.key(hit.chunk) for hit in searcher.search(text, CHUNKS)]


if __name__ == "__main__":
    main()
