"""Two rankings as one: each score as a share of what it could be at best, added by weight.

Both shares have a meaning that does not depend on the query, so fused scores of different queries can be
compared, and a side with few or poor hits does not blow them up to 1, as scaling by the best hit would:

- keyword: BM25 over the most that BM25 could give this query (all its terms, in a short chunk that repeats
  them). Terms that nothing contains count as missed.
- dense: how far the cosine rises from the query's own background, the cosine of the 50th hit, towards 1.
  Models differ widely in their background (all-MiniLM about 0.2, E5 about 0.75), not in what rises from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vectorstore.base import Scored

# BM25 gives a term at most k1 + 1 times its inverse document frequency.
_BM25_CEILING = 2.2
_BACKGROUND_RANK = 50


def fuse(dense: Mapping[str, float], keyword: Mapping[str, float], dense_weight: float) -> list[Scored]:
    """The weighted sum of both shares, best first, ties by id; an id that one side lacks has 0 there."""
    ids = {**dense, **keyword}
    total = (
        Scored(id_, dense_weight * dense.get(id_, 0.0) + (1 - dense_weight) * keyword.get(id_, 0.0))
        for id_ in ids
    )
    return sorted(total, key=lambda one: (-one.score, one.id))


def dense_shares(hits: Sequence[Scored]) -> dict[str, float]:
    """Cosines, best first, as shares of the way from the background to 1."""
    background = _background([hit.score for hit in hits])
    return {hit.id: min(1.0, max(0.0, (hit.score - background) / (1 - background))) for hit in hits}


def keyword_shares(hits: Sequence[Scored], weights: Mapping[str, float]) -> dict[str, float]:
    """BM25 scores as shares of the query's ceiling; `weights` are its terms' inverse document frequencies."""
    ceiling = _BM25_CEILING * sum(weights.values())
    return {hit.id: min(1.0, hit.score / ceiling) for hit in hits} if ceiling else {}


def _background(cosines: Sequence[float]) -> float:
    """The cosine at rank 50; among fewer hits, which may all be good, a part of the last one's."""
    if not cosines:
        return 0.0
    rank = min(_BACKGROUND_RANK, len(cosines))
    return min(0.99, max(0.0, cosines[rank - 1]) * rank / _BACKGROUND_RANK)
