"""Texts that are longer than a model reads: split into windows, and their vectors joined again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from vectorstore.base import Vectors

Count = Callable[[Sequence[str]], list[int]]
Embed = Callable[[Sequence[str]], Vectors]


def unit(vectors: Vectors) -> Vectors:
    """The same directions with length 1; zero stays zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)


def embed_whole(texts: Sequence[str], limit: int, count: Count, embed: Embed) -> Vectors:
    """Embed texts of any length: what exceeds `limit` tokens is the mean of its windows by their tokens."""
    counts = count(texts)
    windows = [split(text, size, limit, count) for text, size in zip(texts, counts, strict=True)]
    owners = [owner for owner, parts in enumerate(windows) for _ in parts]
    parts = [part for parts in windows for part in parts]
    vectors = embed(parts)
    if len(parts) == len(texts):
        return vectors
    joined = np.zeros((len(texts), vectors.shape[1]), dtype=np.float32)
    np.add.at(joined, owners, vectors * np.array(count(parts), dtype=np.float32)[:, None])
    return unit(joined)


def split(text: str, tokens: int, limit: int, count: Count) -> list[str]:
    """Windows of about equal length, each of at most `limit` tokens, cut between words if it can be."""
    if tokens <= limit or len(text) < 2:
        return [text]
    parts = _cut(text, -(-tokens // limit) + (tokens > 4 * limit))
    return [
        window
        for part, size in zip(parts, count(parts), strict=True)
        for window in split(part, size, limit, count)
    ]


def _cut(text: str, pieces: int) -> list[str]:
    parts, start = [], 0
    for piece in range(1, min(pieces, len(text))):
        goal = max(piece * len(text) // pieces, start + 1)
        space = text.rfind(" ", (start + goal) // 2, goal)
        end = space + 1 if space > start else goal
        parts.append(text[start:end])
        start = end
    return [*parts, text[start:]]
