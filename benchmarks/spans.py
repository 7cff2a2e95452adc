"""How much of what a question needs is in the chunks that it finds, and how little else.

A folder holds corpora/*.md and questions.jsonl with references [{"start_index", "end_index"}] into them.
For the `top_k` chunks of a question, as in Chroma's report on chunking (Smith and Troynikov, 2024):

    recall     share of the references' characters that the chunks hold
    precision  share of the chunks' characters that the references need
    IoU        what both have over what either has; text that two chunks repeat counts twice
"""

from __future__ import annotations

import re
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from app.chat.retrieve import Searcher
from app.config import Settings, load_settings
from app.schemas import Chunk
from benchmarks.scores import Row, percentiles
from benchmarks.sets import records
from ingest.collection import Collection
from ingest.pipeline import sync
from vectorstore.embeddings import EmbeddingModel

Span = tuple[str, int, int]
"""A corpus, and where in it something begins and ends."""

_WORD = re.compile(r"\w+")
# How many words of a corpus a chunk may leave out between two of its own, such as the mark-up of a link.
_REACH = 40


def measure(folder: Path, model: EmbeddingModel, limit: int | None) -> dict[str, Row]:
    corpora = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("corpora/*.md"))}
    questions = list(records(folder / "questions.jsonl"))[:limit]
    rows = dict(_docent(folder / "corpora", corpora, questions, model))
    k = load_settings().top_k
    for size in (200, 400):
        rows[f"Recursive {size}"] = _recursive(corpora, questions, model, size, k)
    return rows


def figures(found: Sequence[Span], wanted: Sequence[Span]) -> tuple[float, float, float]:
    """Recall, precision and IoU of found spans."""
    needed, held = _characters(wanted), _characters(found)
    both = len(needed & held)
    length = sum(end - start for _, start, end in found)
    return both / len(needed), both / max(1, length), both / (length + len(needed) - both)


def place(chunks: Sequence[str], text: str) -> list[tuple[int, int]]:
    """Where chunks, in reading order, stand in `text`: from their first to their last word of it."""
    words = list(_WORD.finditer(text))
    at, spans = 0, []
    for chunk in chunks:
        matched = []
        for word in _WORD.findall(chunk):
            near = range(at, min(at + _REACH, len(words)))
            hit = next((index for index in near if words[index].group() == word), None)
            if hit is not None:
                matched.append(hit)
                at = hit + 1
        spans.append((words[matched[0]].start(), words[matched[-1]].end()) if matched else (0, 0))
    return spans


def _characters(spans: Sequence[Span]) -> set[tuple[str, int]]:
    return {(name, index) for name, start, end in spans for index in range(start, end)}


def _docent(
    folder: Path, corpora: Mapping[str, str], questions: Sequence[dict], model: EmbeddingModel
) -> Iterator[tuple[str, Row]]:
    with tempfile.TemporaryDirectory() as data_dir:
        settings = load_settings(data_dir=data_dir, collection="benchmark")
        started = time.perf_counter()
        sync([folder], settings, model, collection="benchmark")
        seconds = time.perf_counter() - started
        with Collection.open("benchmark", settings, model) as collection:
            spans = _placed(collection, corpora)
            for name, weight in (("Docent dense", 1.0), ("Docent", None)):
                search = _searcher(collection, model, settings, weight, spans)
                yield name, _row(search, questions) | {"index s": seconds, "chunks": len(spans)}


def _placed(collection: Collection, corpora: Mapping[str, str]) -> dict[str, Span]:
    chunks = collection.chunks(sorted(collection.catalog.chunks.ids())).values()
    of: dict[str, list[Chunk]] = defaultdict(list)
    for chunk in sorted(chunks, key=lambda one: one.ordinal):
        of[Path(chunk.source).stem].append(chunk)
    return {
        chunk.id: (name, *span)
        for name, held in of.items()
        for chunk, span in zip(held, place([one.text for one in held], corpora[name]), strict=True)
    }


def _searcher(
    collection: Collection,
    model: EmbeddingModel,
    settings: Settings,
    weight: float | None,
    spans: Mapping[str, Span],
) -> Callable[[str], list[Span]]:
    searcher = Searcher(collection, lambda: model, settings.model_copy(update={"dense_weight": weight}))
    return lambda text: [spans[hit.chunk.id] for hit in searcher.search(text, settings.top_k)]


def _recursive(
    corpora: Mapping[str, str], questions: Sequence[dict], model: EmbeddingModel, size: int, k: int
) -> Row:
    """The splitter of LangChain with sizes in the model's tokens, and dense search."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    started = time.perf_counter()
    special = model.count_tokens([""])[0]
    splitter = RecursiveCharacterTextSplitter(
        chunk_size=size,
        chunk_overlap=0,
        length_function=lambda text: model.count_tokens([text])[0] - special,
        add_start_index=True,
    )
    parts = [
        (part.page_content, (name, part.metadata["start_index"]))
        for name, text in corpora.items()
        for part in splitter.create_documents([text])
    ]
    vectors = model.embed_documents([text for text, _ in parts])
    spans = [(name, start, start + len(text)) for text, (name, start) in parts]
    seconds = time.perf_counter() - started

    def search(text: str) -> list[Span]:
        return [spans[row] for row in np.argsort(-(vectors @ model.embed_query(text)))[:k]]

    return _row(search, questions) | {"index s": seconds, "chunks": len(spans)}


def _row(search: Callable[[str], list[Span]], questions: Sequence[dict]) -> Row:
    search(questions[0]["question"])  # opens what is opened on first use
    scored, milliseconds = [], []
    for question in questions:
        started = time.perf_counter()
        found = search(question["question"])
        milliseconds.append((time.perf_counter() - started) * 1000)
        wanted = [
            (question["corpus"], one["start_index"], one["end_index"]) for one in question["references"]
        ]
        scored.append(figures(found, wanted))
    recall, precision, iou = (statistics.fmean(column) for column in zip(*scored, strict=True))
    return {"recall": recall, "precision": precision, "IoU": iou} | percentiles(milliseconds)
