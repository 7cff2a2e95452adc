"""Kinds of FAISS index: which one for how many vectors, how each is made, and how it is searched."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.config import Settings
from vectorstore.base import Vectors

Allowed = NDArray[np.bool_]
"""For each place in an index whether it may be found."""

FLAT, SQ8, IVF, HNSW = "flat", "sq8", "ivf", "hnsw"
# From here on looking at every vector takes longer than anybody should wait for.
MANY = 100_000
# What is trained on so few vectors is trained anew when there are several times as many.
OUTGROWN = 4
# A list for so many vectors is learnt from so many of them.
_TRAINED_EACH, _LEAST_EACH, _ROUNDS = 32, 16, 6
_SAMPLE = 20_000
# The share of lists that are searched at least, and the recall among vectors of its own that is aimed at.
_LEAST_SHARE, _RECALL, _BEST = 1 / 32, 0.985, 10
ASKED = 64
"""Vectors of its own that an index is asked for to measure that."""
# A graph: links of a vector, candidates while it is made and while it is searched.
_LINKS, _MAKING, _SEARCHING = 32, 80, 256
# Where a filter leaves a smaller share, all that it leaves is looked at.
_FEW = 0.1
# Neighbours that an index in eight bits is asked for beyond those that are wanted.
_SPARE = 16


def kind_for(settings: Settings, count: int) -> str:
    """The kind of index for so many vectors."""
    if settings.faiss_kind != "auto":
        return settings.faiss_kind
    return FLAT if count < MANY else IVF


def is_exact(kind: str) -> bool:
    """Whether the scores of an index are those of the vectors themselves."""
    return kind == FLAT


def outgrown(kind: str, trained: int, count: int) -> bool:
    """Whether what was learnt from so many vectors is too coarse for so many."""
    return kind == IVF and lists_for(count) > 1 and count > OUTGROWN * max(1, trained)


def lists_for(count: int) -> int:
    return int(max(1, min(2 * count**0.5, count // _LEAST_EACH)))


def sample_size(kind: str, count: int) -> int:
    """How many vectors a new index of a kind is to be trained on."""
    if kind == FLAT:
        return 0
    return min(count, _TRAINED_EACH * lists_for(count)) if kind == IVF else min(count, _SAMPLE)


def made(kind: str, dimension: int, count: int, sample: Vectors) -> Any:
    """An empty index for `count` vectors, trained on some of them."""
    faiss = _library()
    specs = {FLAT: "Flat", SQ8: "SQ8", IVF: f"IVF{lists_for(count)},SQ8", HNSW: f"HNSW{_LINKS}_SQ8"}
    index = faiss.index_factory(dimension, specs[kind], faiss.METRIC_INNER_PRODUCT)
    if kind == IVF:
        index.cp.niter, index.cp.max_points_per_centroid, index.cp.min_points_per_centroid = (
            _ROUNDS,
            _TRAINED_EACH,
            1,
        )
    if kind == HNSW:
        index.hnsw.efConstruction = _MAKING
    if kind != FLAT:
        index.train(_with_room(sample))
    return index


def _with_room(sample: Vectors) -> Vectors:
    """Eight bits reach as far as the numbers that were seen: of few vectors, that is not far enough."""
    if len(sample) >= _SAMPLE // 10:
        return sample
    far = np.abs(sample).max(initial=0.1) * np.ones((1, sample.shape[1]), dtype=np.float32)
    return np.concatenate([sample, far, -far])


def probes_for(index: Any, asked: Vectors) -> int:
    """How many lists must be searched to find the neighbours of these vectors, which the index holds.

    How vectors lie is a matter of the model and the documents: it is measured, not guessed.
    """
    faiss = _library()
    index = faiss.downcast_index(index)
    k = _BEST + 1
    right = index.search(asked, k, params=faiss.SearchParametersIVF(nprobe=index.nlist))[1]
    probes = max(1, round(_LEAST_SHARE * index.nlist), min(index.nlist, 16))
    while probes < index.nlist:
        found = index.search(asked, k, params=faiss.SearchParametersIVF(nprobe=probes))[1]
        same = [len(np.intersect1d(one, other)) for one, other in zip(found, right, strict=True)]
        if np.mean(same) - 1 >= _RECALL * (min(k, index.ntotal) - 1):
            break
        probes *= 2
    return int(min(probes, index.nlist))


def nearest(
    index: Any, kind: str, probes: int, vector: Vectors, k: int, allowed: Allowed | None
) -> tuple[Sequence[int], Sequence[float]]:
    """Places in the index and scores of the k nearest; of those that are not exact some more."""
    faiss = _library()
    left = index.ntotal if allowed is None else int(allowed.sum())
    k = min(left, k if is_exact(kind) else k + k // 2 + _SPARE)
    if k < 1:
        return [], []
    keep_to_one_thread()
    options: dict[str, Any] = {} if allowed is None else {"sel": _selector(allowed)}
    share = left / index.ntotal
    if kind == IVF:
        wanted = index.nlist if share < _FEW else min(index.nlist, round(probes / share))
        params = faiss.SearchParametersIVF(nprobe=int(wanted), **options)
    elif kind == HNSW and share < _FEW:
        index = faiss.downcast_index(index.storage)
        params = faiss.SearchParameters(**options)
    elif kind == HNSW:
        params = faiss.SearchParametersHNSW(efSearch=int(max(_SEARCHING, 2 * k) / share), **options)
    else:
        params = faiss.SearchParameters(**options) if options else None
    scores, places = index.search(vector[None], k, params=params)
    found = places[0] >= 0
    return places[0][found].tolist(), scores[0][found].tolist()


def keep_to_one_thread() -> None:
    """A single question gives FAISS's threads nothing to share; on a busy machine they wait for each other,
    40 ms instead of 2 for 20,000 vectors. The setting is the calling thread's own."""
    faiss = _library()
    faiss.omp_set_num_threads(1)


def use_all_threads() -> None:
    """For what takes long."""
    faiss = _library()
    faiss.omp_set_num_threads(os.cpu_count() or 1)


def _selector(allowed: Allowed) -> Any:
    faiss = _library()
    return faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))


def _library() -> Any:
    """Its stubs know only a part of it."""
    return import_module("faiss")
