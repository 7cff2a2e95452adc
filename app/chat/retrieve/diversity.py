"""Less of the same: a passage that several files have is shown once, and MMR keeps near-duplicates apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.schemas import Chunk
from vectorstore.base import Scored, Vectors


@dataclass(slots=True)
class Candidate:
    """A chunk on its way to a hit.

    Attributes:
        also_in: sources of files that have the same text.
        rerank: score of a cross-encoder.
    """

    scored: Scored
    chunk: Chunk
    also_in: tuple[str, ...] = ()
    rerank: float | None = None

    @property
    def relevance(self) -> float:
        """In [0, 1]: what decides its place."""
        return self.scored.score if self.rerank is None else self.rerank


def fold(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """The candidates without those whose very words an earlier one of another file has, which names them.

    What a file says twice stays: the two places have different neighbours.
    """
    first: dict[str, Candidate] = {}
    for candidate in candidates:
        words = " ".join(candidate.chunk.text.split())
        known = first.setdefault(words, candidate)
        source = candidate.chunk.source
        if known is candidate or source == known.chunk.source:
            yield candidate
        elif source not in known.also_in:
            known.also_in = (*known.also_in, source)


def diverse(
    candidates: Sequence[Candidate], vectors: Mapping[str, Vectors], balance: float, k: int
) -> list[Candidate]:
    """Maximal marginal relevance (Carbonell and Goldstein, 1998): the k that are relevant and unlike.

    Args:
        vectors: of the chunks, length 1; a chunk without one is like no other.
        balance: λ in [0, 1]; 1 ranks by relevance alone.
    """
    if not candidates:
        return []
    blank = np.zeros_like(next(iter(vectors.values()), np.zeros(1, np.float32)))
    matrix = np.stack([vectors.get(one.chunk.id, blank) for one in candidates])
    relevance = np.array([one.relevance for one in candidates])
    alike = np.zeros(len(candidates))
    chosen: list[int] = []
    left = np.ones(len(candidates), dtype=bool)
    while len(chosen) < min(k, len(candidates)):
        worth = np.where(left, balance * relevance - (1 - balance) * alike, -np.inf)
        best = int(worth.argmax())
        chosen.append(best)
        left[best] = False
        alike = np.maximum(alike, matrix @ matrix[best])
    return [candidates[number] for number in chosen]
