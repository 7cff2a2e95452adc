"""How keyword indexes agree with the embedded one, and how fast they are.

usage: python benchmarks/keywords.py DATA_DIR… [--backends milvus,qdrant] [--limit N] [--documents N]

A folder is in BEIR's layout (corpus.jsonl with id, title and text; queries.jsonl; qrels.tsv). Its documents are
cut into passages of about 100 words, each with those before and after it, and indexed in a temporary folder, or
on the servers that the settings name. A result is a document: the best of its passages stands for it.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

# This folder holds an ingest.py that would hide the package; its modules are imported from the root's side.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from app.config import load_settings
from benchmarks import scores
from benchmarks.sets import Judged, read
from vectorstore.base import KeywordIndex, Place
from vectorstore.keywords import EMBEDDED, open_keywords

WORDS, SLICE, CHUNKS, TOP = 100, 1000, 30, 10
DIGITS = {"index s": 1, "p50 ms": 1, "p95 ms": 1, "passages": 0}


class Passages(NamedTuple):
    ids: list[str]
    texts: list[str]
    beside: list[Sequence[str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data_dirs", nargs="+", type=Path, metavar="DATA_DIR")
    parser.add_argument("--backends", default="milvus,qdrant", help="held against tantivy")
    parser.add_argument("--limit", type=int, help="ask only the first questions of each set")
    parser.add_argument("--documents", type=int, help="index only so many, and those that are right")
    options = parser.parse_args()
    for folder in options.data_dirs:
        judged = read(folder)
        passages = cut(judged, options.documents, options.limit)
        best: dict[str, list[str]] = {}
        rows = {
            name: measure(name, judged, passages, options.limit, best)
            for name in (EMBEDDED, *options.backends.split(","))
        }
        print(f"\n{folder.name}\n{scores.table(rows, DIGITS)}", flush=True)


def cut(judged: Judged, documents: int | None, limit: int | None) -> Passages:
    """Ids are the document's and the passage's number."""
    right = {key for id_ in judged.asked(limit) for key in judged.right[id_]}
    made = Passages([], [], [])
    for number, (key, text) in enumerate(judged.texts()):
        if documents is not None and number >= documents and key not in right:
            continue
        words = text.split()
        parts = [" ".join(words[at : at + WORDS]) for at in range(0, max(1, len(words)), WORDS)]
        for at, part in enumerate(parts):
            made.ids.append(f"{key} {at}")
            made.texts.append(part)
            made.beside.append([*parts[max(0, at - 1) : at], *parts[at + 1 : at + 2]])
    return made


def measure(
    backend: str, judged: Judged, passages: Passages, limit: int | None, best: dict[str, list[str]]
) -> scores.Row:
    """Args: best: the first passages of each question; those of the first backend stay there."""
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder), f"docent_{secrets.token_hex(6)}", load_settings())
        index = open_keywords(backend, place)
        started = perf_counter()
        fill(index, passages)
        seconds = perf_counter() - started
        asked = {id_: judged.questions[id_] for id_ in judged.asked(limit)}
        row = scores.measure(
            lambda text: documents(index, text), asked, {id_: judged.right[id_] for id_ in asked}
        )
        shared = [overlap(index, text, best) for text in asked.values()]
        index.close()
        type(index).drop(place)
    agreed = sum(shared) / len(shared)
    return {"passages": len(passages.ids), "index s": seconds, "overlap@10": agreed, **row}


def fill(index: KeywordIndex, passages: Passages) -> None:
    for at in range(0, len(passages.ids), SLICE):
        part = slice(at, at + SLICE)
        ids = passages.ids[part]
        index.upsert(ids, passages.texts[part], [{}] * len(ids), passages.beside[part])


def documents(index: KeywordIndex, text: str) -> list[str]:
    return [hit.id.rpartition(" ")[0] for hit in index.search(text, CHUNKS)]


def overlap(index: KeywordIndex, text: str, best: dict[str, list[str]]) -> float:
    """Of the first ten passages, the share that the first backend has there as well."""
    found = [hit.id for hit in index.search(text, TOP)]
    known = best.setdefault(text, found)
    return len(set(known) & set(found)) / len(known) if known else 1.0


if __name__ == "__main__":
    main()
