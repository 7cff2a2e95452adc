"""Keyword indexes side by side: how they rank beside tantivy, and what they take.

usage: python benchmarks/keywords.py [DATA_DIR ...] [--synthetic 100000] [--backends tantivy postgres]

Backends on servers are reached as the settings say (DOCENT_DATABASE_URL, …). Each text of a set stands beside
the one before and after it. "as first" is the share of the first backend's top 10 that a backend has, too,
"same 1" how often the best is the same, "common ms" a question of the twenty commonest words.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import fmean

# This folder holds an ingest.py that would hide the package; its modules are imported from the root's side.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from app.config import load_settings
from benchmarks import scores, synthetic
from benchmarks.sets import read
from vectorstore.base import KeywordIndex, Place
from vectorstore.keywords import KEYWORDS, keyword_class, open_keywords
from vectorstore.keywords.fields import query_terms

K, POOL, SLICE = 10, 50, 2000
DIGITS = {"load s": 1, "p50 ms": 1, "p95 ms": 1, "common ms": 1}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_dirs", nargs="*", type=Path, metavar="DATA_DIR")
    parser.add_argument("--synthetic", type=int, metavar="N", help="also N made-up chunks")
    parser.add_argument("--backends", nargs="+", choices=sorted(KEYWORDS), default=["tantivy", "postgres"])
    parser.add_argument("--limit", type=int, help="ask only the first questions of each set")
    options = parser.parse_args()
    for folder in options.data_dirs:
        judged = read(folder)
        texts = dict(judged.texts())
        questions = {id_: judged.questions[id_] for id_ in judged.asked(options.limit)}
        _compare(folder.name, texts, questions, judged.right, options.backends)
    if options.synthetic:
        texts = _made_up(options.synthetic)
        asked = synthetic.questions(options.synthetic, options.limit or 200)
        questions = {str(number): question.text for number, question in enumerate(asked)}
        _compare(f"made up, {options.synthetic:,}", texts, questions, {}, options.backends)


def _made_up(size: int) -> dict[str, str]:
    chunks = (
        chunk
        for batch in synthetic.batches(size)
        for content in batch.contents
        for document in content.documents
        for chunk in document.chunks
    )
    return {chunk.id: chunk.text for chunk in chunks}


def _compare(
    name: str,
    texts: Mapping[str, str],
    questions: Mapping[str, str],
    right: Mapping[str, Mapping[str, int]],
    backends: Sequence[str],
) -> None:
    rows: dict[str, scores.Row] = {}
    first: dict[str, list[str]] = {}
    for backend in backends:
        with _index(backend) as (index, place):
            rows[backend], found = _measure(index, place, backend, texts, questions, right)
        first = first or found
        rows[backend] |= {
            "as first": fmean(len({*found[id_]} & {*ids}) / max(1, len(ids)) for id_, ids in first.items()),
            "same 1": fmean(found[id_][:1] == ids[:1] for id_, ids in first.items()),
        }
    print(f"\n{name}\n{scores.table(rows, DIGITS)}", flush=True)


@contextmanager
def _index(backend: str) -> Iterator[tuple[KeywordIndex, Place]]:
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder), f"docent_{secrets.token_hex(6)}", load_settings())
        try:
            yield open_keywords(backend, place), place
        finally:
            keyword_class(backend).drop(place)


def _measure(
    index: KeywordIndex,
    place: Place,
    backend: str,
    texts: Mapping[str, str],
    questions: Mapping[str, str],
    right: Mapping[str, Mapping[str, int]],
) -> tuple[scores.Row, dict[str, list[str]]]:
    started = time.perf_counter()
    _load(index, texts)
    index.close()
    row = {"load s": time.perf_counter() - started}
    index = open_keywords(backend, place)
    ranked = {id_: [hit.id for hit in index.search(text, POOL)] for id_, text in questions.items()}
    again = {text: id_ for id_, text in questions.items()}
    measured = {id_: text for id_, text in questions.items() if not right or id_ in right}
    if right:
        row |= scores.measure(lambda text: ranked[again[text]], measured, right)
    milliseconds = [_milliseconds(index, text) for text in questions.values()]
    row |= scores.percentiles(milliseconds)
    row["common ms"] = min(_milliseconds(index, _commonest(texts)) for _ in range(3))
    index.close()
    return row, {id_: ids[:K] for id_, ids in ranked.items()}


def _load(index: KeywordIndex, texts: Mapping[str, str]) -> None:
    ids, all_texts = list(texts), list(texts.values())
    for start in range(0, len(ids), SLICE):
        part = range(start, min(start + SLICE, len(ids)))
        beside = [all_texts[max(0, n - 1) : n] + all_texts[n + 1 : n + 2] for n in part]
        fields = [{"file_id": str(n // 20)} for n in part]
        index.upsert([ids[n] for n in part], [all_texts[n] for n in part], fields, beside)


def _milliseconds(index: KeywordIndex, text: str) -> float:
    started = time.perf_counter()
    index.search(text, POOL)
    return (time.perf_counter() - started) * 1000


def _commonest(texts: Mapping[str, str]) -> str:
    counted: Counter[str] = Counter()
    for text in list(texts.values())[:2000]:
        counted.update(word for word in set(text.split()) if query_terms(word))
    return " ".join(word for word, _ in counted.most_common(20))


if __name__ == "__main__":
    main()
