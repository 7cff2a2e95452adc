"""What people would use instead: LangChain's usual pipelines, on the same weights as Docent.

PDFs are read by pypdf and cut by RecursiveCharacterTextSplitter(1000, 200); other texts are embedded whole,
of which sentence-transformers reads the model's first tokens (256) only. The retrievers do what LangChain's
do: Chroma and FAISS by distance, BM25Retriever as rank-bm25 over words between blanks, EnsembleRetriever by
reciprocal ranks (k = 60, half and half) of Chroma and BM25.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, TypeVar

import numpy as np

from benchmarks.scores import Search
from benchmarks.sets import Judged
from vectorstore.base import Vectors
from vectorstore.embeddings import EmbeddingModel
from vectorstore.embeddings.hub import locate

T = TypeVar("T")

_RRF = 60


@contextmanager
def pipelines(judged: Judged, model: EmbeddingModel, depth: int) -> Iterator[dict[str, tuple[Search, float]]]:
    """By name, each pipeline's search for `depth` chunks and the seconds that its index took."""
    started = perf_counter()
    keys, texts = _chunks(judged)
    read = perf_counter() - started
    vectors = model.embed_documents(first_tokens(texts, model))
    embedded = perf_counter() - started
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        chroma, chroma_seconds = _timed(lambda: _Chroma(Path(folder), vectors))
        faiss, faiss_seconds = _timed(lambda: _Faiss(vectors))
        bm25, bm25_seconds = _timed(lambda: Okapi(texts))

        def dense(index: _Chroma | _Faiss) -> Callable[[str], list[int]]:
            return lambda text: index.search(model.embed_query(text), depth)

        def words(text: str) -> list[int]:
            return bm25.search(text, depth)

        def ensemble(text: str) -> list[int]:
            return reciprocal_ranks([dense(chroma)(text), words(text)])[:depth]

        def found(search: Callable[[str], list[int]]) -> Search:
            return lambda text: [keys[row] for row in search(text)]

        yield {
            "LangChain Chroma": (found(dense(chroma)), embedded + chroma_seconds),
            "LangChain FAISS": (found(dense(faiss)), embedded + faiss_seconds),
            "LangChain BM25": (found(words), read + bm25_seconds),
            "LangChain Ensemble": (found(ensemble), embedded + chroma_seconds + bm25_seconds),
        }


def first_tokens(texts: Sequence[str], model: EmbeddingModel) -> list[str]:
    """Texts as far as the model reads them; sentence-transformers drops the rest."""
    from tokenizers import Tokenizer

    folder, _ = locate("all-MiniLM-L6-v2")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(model.max_tokens)
    ends = [max(end for _, end in one.offsets) for one in tokenizer.encode_batch(list(texts))]
    return [text[:end] for text, end in zip(texts, ends, strict=True)]


def _chunks(judged: Judged) -> tuple[list[str], list[str]]:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    pairs = judged.texts()
    if judged.split:
        splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
        pairs = [(key, part) for key, text in pairs for part in splitter.split_text(text)]
    return [key for key, _ in pairs], [text for _, text in pairs]


class _Chroma:
    """As langchain-chroma sets it up: squared Euclidean distance, texts kept with their vectors."""

    def __init__(self, folder: Path, vectors: Vectors) -> None:
        import chromadb

        client = chromadb.PersistentClient(str(folder), chromadb.Settings(anonymized_telemetry=False))
        self._collection = client.create_collection("stock", embedding_function=None)
        for start in range(0, len(vectors), 5000):
            part = vectors[start : start + 5000]
            ids = [str(row) for row in range(start, start + len(part))]
            self._collection.add(ids=ids, embeddings=part)

    def search(self, vector: Vectors, k: int) -> list[int]:
        found: Any = self._collection.query(query_embeddings=vector[None], n_results=k)
        return [int(id_) for id_ in found["ids"][0]]


class _Faiss:
    def __init__(self, vectors: Vectors) -> None:
        import faiss

        self._index = faiss.IndexFlatL2(vectors.shape[1])
        self._index.add(vectors)

    def search(self, vector: Vectors, k: int) -> list[int]:
        return [int(row) for row in self._index.search(vector[None], k)[1][0] if row >= 0]


class Okapi:
    """BM25 as rank-bm25 has it: k1 1.5, b .75; negative inverse frequencies are a quarter of the mean."""

    def __init__(self, texts: Sequence[str], k1: float = 1.5, b: float = 0.75, epsilon: float = 0.25) -> None:
        counts = [Counter(text.split()) for text in texts]
        lengths = np.array([count.total() for count in counts], dtype=np.float64)
        norms = k1 * (1 - b + b * lengths / lengths.mean())
        rows: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for row, count in enumerate(counts):
            for word, times in count.items():
                rows[word].append((row, times))
        idf = {word: math.log((len(texts) - len(at) + 0.5) / (len(at) + 0.5)) for word, at in rows.items()}
        floor = epsilon * sum(idf.values()) / len(idf)
        self._size = len(texts)
        self._scores = {}
        for word, at in rows.items():
            held, times = (np.array(one) for one in zip(*at, strict=True))
            weight = idf[word] if idf[word] >= 0 else floor
            self._scores[word] = held, weight * times * (k1 + 1) / (times + norms[held])

    def search(self, text: str, k: int) -> list[int]:
        scores = np.zeros(self._size)
        for word in text.split():
            if word in self._scores:
                rows, gains = self._scores[word]
                scores[rows] += gains
        return [int(row) for row in np.argsort(-scores, kind="stable")[:k]]


def reciprocal_ranks(rankings: Sequence[Sequence[int]]) -> list[int]:
    """Rows by the sum of 1 / (60 + rank) over the rankings (Cormack and others, 2009)."""
    scores: dict[int, float] = defaultdict(float)
    for ranking in rankings:
        for rank, row in enumerate(ranking, 1):
            scores[row] += 1 / (_RRF + rank)
    return sorted(scores, key=lambda row: -scores[row])


def _timed(make: Callable[[], T]) -> tuple[T, float]:
    started = perf_counter()
    return make(), perf_counter() - started
