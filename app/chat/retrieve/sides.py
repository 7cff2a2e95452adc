"""The two sides of a search, vectors and words: what each one found, and what it is worth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.chat.retrieve.diversity import Candidate
from app.chat.retrieve.fusion import dense_shares, keyword_shares
from app.schemas import Explanation, Hit
from vectorstore.base import Filter, Scored, Vectors

if TYPE_CHECKING:
    from ingest.collection import Collection

# Of a query that was reworded, how much its own words count beside all other wordings.
_OWN_SHARE = 0.5


@dataclass(slots=True)
class Sides:
    """What was found for a query.

    Attributes:
        dense: id -> rank and cosine, for the query's own words.
        keyword: id -> rank and BM25, for the query's own words.
        votes: id -> the dense share in [0, 1], over all wordings.
        words: id -> the keyword share in [0, 1], over all wordings.
    """

    dense: Mapping[str, tuple[int, float]]
    keyword: Mapping[str, tuple[int, float]]
    votes: Mapping[str, float]
    words: Mapping[str, float]

    def reach(self, pool: int) -> bool:
        """Whether a side brought as many as it was to, and may have more."""
        return max(len(self.dense), len(self.keyword)) >= pool

    def keep_votes(self, ids: AbstractSet[str]) -> None:
        """Let the vectors of these chunks alone count."""
        self.votes = {id_: share for id_, share in self.votes.items() if id_ in ids}

    def hit(self, rank: int, candidate: Candidate, weight: float) -> Hit:
        """A candidate with all that is known of it; `weight` is that of the votes."""
        id_ = candidate.scored.id
        dense_rank, cosine = self.dense.get(id_, (None, None)) if id_ in self.votes else (None, None)
        keyword_rank, bm25 = self.keyword.get(id_, (None, None))
        why = Explanation(
            dense_rank,
            keyword_rank,
            dense_share=weight * self.votes.get(id_, 0.0),
            keyword_share=(1 - weight) * self.words.get(id_, 0.0),
            rerank=candidate.rerank,
        )
        return Hit(rank, candidate.scored.score, cosine, bm25, candidate.chunk, why, candidate.also_in)


def look_up(
    collection: Collection,
    texts: Sequence[str],
    embed: Callable[[str], Vectors],
    pool: int,
    weight: float,
    where: Filter | None,
) -> Sides:
    """Search both sides, or the one that has all the weight.

    Args:
        texts: the query, and other wordings of it.
        embed: gives the vector to search by.
        pool: how many each side brings.
        weight: that of the vectors, in [0, 1].
    """
    dense = [collection.dense(embed(text), pool, where) if weight > 0 else [] for text in texts]
    keyword = [collection.keyword(text, pool, where) if weight < 1 else [] for text in texts]
    words = [
        keyword_shares(hits, collection.weights(text)) if hits else {}
        for text, hits in zip(texts, keyword, strict=True)
    ]
    return Sides(_ranks(dense[0]), _ranks(keyword[0]), _blended(map(dense_shares, dense)), _blended(words))


def _ranks(hits: Sequence[Scored]) -> dict[str, tuple[int, float]]:
    return {hit.id: (rank, hit.score) for rank, hit in enumerate(hits, 1)}


def _blended(shares: Iterable[Mapping[str, float]]) -> Mapping[str, float]:
    """The query's own shares, and the mean of those of its other wordings."""
    own, *others = shares
    if not others:
        return own
    ids = {id_ for each in (own, *others) for id_ in each}
    mean = {id_: sum(each.get(id_, 0.0) for each in others) / len(others) for id_ in ids}
    return {id_: _OWN_SHARE * own.get(id_, 0.0) + (1 - _OWN_SHARE) * mean[id_] for id_ in ids}
