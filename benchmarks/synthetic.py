"""Collections that are made up, the same in every process: words by Zipf's law, vectors in clusters."""

from __future__ import annotations

import hashlib
import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from ingest.catalog import ChunkRecord, DocumentRecord, FileContent, FileRecord
from vectorstore.base import Vectors
from vectorstore.embeddings.base import EmbeddingIdentity
from vectorstore.tokens import STOP_WORDS

DIMENSION = 384
_VOCABULARY, _CLUSTERS = 60_000, 1_000
_WORDS, _CHUNKS_PER_FILE, _BATCH = 140, 50, 5_000
# How far a vector lies from its cluster's middle, as a share of both.
_SPREAD = 0.6
_SYLLABLES = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ha",
    "je",
    "ki",
    "lo",
    "mu",
    "na",
    "pe",
    "qui",
    "ro",
    "su",
    "ta",
    "ve",
    "wi",
    "xo",
    "zu",
    "sta",
    "gre",
    "pli",
    "cho",
    "dru",
]


@dataclass(frozen=True)
class Batch:
    """Files with chunks, and their chunks' vectors, shape (n, 384)."""

    contents: Sequence[FileContent]
    hashes: Sequence[str]
    vectors: Vectors


@dataclass(frozen=True)
class Question:
    """Words of one chunk among others, and a vector near its own."""

    text: str
    vector: Vectors


class Model:
    """In place of an embedding model: knows the vectors of its questions."""

    dimension = DIMENSION
    max_tokens = 256
    identity = EmbeddingIdentity("synthetic", "", DIMENSION)

    def __init__(self, questions: Sequence[Question] = ()) -> None:
        self._vectors = {question.text: question.vector for question in questions}

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text) // 4 for text in texts]

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._vectors[text] for text in texts])

    def embed_query(self, text: str) -> Vectors:
        return self._vectors[text]


def batches(size: int, texts: bool = True) -> Iterator[Batch]:
    """`size` chunks; without `texts`, vectors alone."""
    for number, start in enumerate(range(0, size, _BATCH)):
        count = min(_BATCH, size - start)
        vectors = _vectors(number, count)
        if not texts:
            yield Batch([], [], vectors)
            continue
        chunks = _texts(number, count)
        hashes = [hashlib.sha256(text.encode()).hexdigest()[:32] for text in chunks]
        files = range(0, count, _CHUNKS_PER_FILE)
        contents = [_file(start + first, chunks[first : first + _CHUNKS_PER_FILE]) for first in files]
        yield Batch(contents, hashes, vectors)


def questions(size: int, count: int) -> list[Question]:
    """About chunks of the first batch: nine of a chunk's words in order, as a sentence would have them."""
    rng = np.random.default_rng(1)
    held = min(size, _BATCH)
    vectors, texts = _vectors(0, held), _texts(0, held)
    made = []
    for row in rng.choice(held, count, replace=held < count):
        words = texts[row].split()
        first = rng.integers(len(words) - 9)
        noise = rng.standard_normal(DIMENSION).astype(np.float32)
        made.append(Question(" ".join(words[first : first + 9]), _unit(vectors[row] + noise / 30)))
    return made


def _file(number: int, texts: Sequence[str]) -> FileContent:
    id_ = uuid.UUID(int=number + 1)
    path = f"/made-up/{number}.txt"
    record = FileRecord(str(id_), path, "/made-up", f"{number}.txt", 1, 0, 0, "scale")
    chunks = [
        ChunkRecord(
            str(uuid.uuid5(id_, str(row))),
            text,
            None,
            (),
            "",
            hashlib.sha256(text.encode()).hexdigest()[:32],
        )
        for row, text in enumerate(texts)
    ]
    return FileContent(record, path, None, [DocumentRecord(str(id_), None, path, chunks)])


def _vectors(batch: int, count: int) -> Vectors:
    rng = np.random.default_rng([2, batch])
    noise = rng.standard_normal((count, DIMENSION), dtype=np.float32) / np.sqrt(DIMENSION)
    middles = _middles()[rng.integers(_CLUSTERS, size=count)]
    return _unit((1 - _SPREAD) * middles + _SPREAD * noise)


def _texts(batch: int, count: int) -> list[str]:
    """A third of all words are function words, as in English."""
    rng = np.random.default_rng([3, batch])
    words = rng.choice(_words(), (count, _WORDS), p=_frequencies())
    common = rng.choice(sorted(STOP_WORDS), (count, _WORDS))
    mixed = np.where(rng.random((count, _WORDS)) < 1 / 3, common, words)
    return [" ".join(row) for row in mixed]


@cache
def _words() -> np.ndarray:
    chance = random.Random(4)
    made = {"".join(chance.choices(_SYLLABLES, k=chance.randint(2, 5))) for _ in range(2 * _VOCABULARY)}
    return np.array(chance.sample(sorted(made), _VOCABULARY))


@cache
def _frequencies() -> np.ndarray:
    shares = 1 / (np.arange(len(_words())) + 20)  # what is left of Zipf's law without function words
    return np.asarray(shares / shares.sum())


@cache
def _middles() -> Vectors:
    return _unit(np.random.default_rng(5).standard_normal((_CLUSTERS, DIMENSION), dtype=np.float32))


def _unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), dtype=np.float32)
