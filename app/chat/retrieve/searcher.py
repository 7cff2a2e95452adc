"""The search itself: candidates of both sides, fused, as hits with everything that was scored."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from app.chat.retrieve.diversity import Candidate, diverse, fold
from app.chat.retrieve.filters import resolve
from app.chat.retrieve.fusion import fuse
from app.chat.retrieve.query import Where, checked, joined, parse
from app.chat.retrieve.readability import Readability
from app.chat.retrieve.sides import Sides, look_up
from app.config import Settings
from app.errors import ModelError, NotFoundError
from app.schemas import Chunk, Hit, Notice
from vectorstore.base import Filter, Scored, Vectors
from vectorstore.embeddings.base import EmbeddingModel

if TYPE_CHECKING:
    from app.chat.retrieve.rerank import Reranker
    from app.llm import ChatModel
    from ingest.collection import Collection

# More hits need more candidates: what one side ranks low can still be lifted by the other.
_POOL_PER_HIT = 5
# The dense side's share where the model reads the query well. All from 0.2 to 0.5 give the same on English.
_DENSE_SHARE = 0.4
# Candidates of a side that are looked at before fewer hits are given than were asked for.
_DEEPEST = 10_000
# A text of which the model reads less than half is dark to it: what it does read there is names and numbers.
_DARK = 0.5
# What a vector is made of. A query that goes on is no longer one thing, and costs a second for so much text.
_EMBEDDED_CHARACTERS = 4000
# Further candidates that are read to see whether they say the same as a hit.
_LOOK_AHEAD = 8

Tell = Callable[[Notice], None]


@dataclass(frozen=True, slots=True)
class Found:
    """The outcome of a search.

    Attributes:
        hits: best first.
        text: what was looked for: the query without its filters.
        where: the filters of the query and of the caller.
        dense_weight: the share of the vectors in the score.
        notices: what the user should know.
        seconds: by step: "search", and "expand" and "rerank" where they were wanted.
    """

    hits: list[Hit] = field(default_factory=list)
    text: str = ""
    where: Where = field(default_factory=dict)
    dense_weight: float = 0.0
    notices: tuple[Notice, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Similar:
    """A passage near another one; both distances are between vectors of length 1."""

    chunk: Chunk
    cosine: float
    euclidean: float


class Searcher:
    """Finds the chunks that a text is about. May be shared between threads.

    Args:
        collection: open for reading.
        model: gives the embedding model that made the collection's vectors; called when it is first needed.
        settings: `dense_weight` overrides the weight that follows from how well the model reads the query;
            `search_pool`, `mmr` and `query_expansion` as they say.
        language_model: rewords queries where `query_expansion` wants it.
        reranker: decides the order of the best candidates.
    """

    def __init__(
        self,
        collection: Collection,
        model: Callable[[], EmbeddingModel],
        settings: Settings,
        language_model: Callable[[], ChatModel | None] | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        self._collection = collection
        self._load_model = model
        self._settings = settings
        self._language_model = language_model
        self._reranker = reranker

    def search(self, text: str, k: int, where: Filter | None = None, tell: Tell | None = None) -> list[Hit]:
        """The k best chunks, best first; fewer, or none, when fewer have anything to do with the text.

        Args:
            text: any text, with or without filters in it; one without a word finds nothing.
            where: only chunks that match; see `app.chat.retrieve.query`.
            tell: is told what the user should know, such as an expansion that could not be made.

        Raises:
            UsageError: `where` names a field that does not exist, or a value that it cannot have.
            CollectionBusyError: the collection is being filled for the first time.
        """
        found = self.find(text, k, where, matched=False)
        if tell is not None:
            for notice in found.notices:
                tell(notice)
        return found.hits

    def find(
        self,
        text: str,
        k: int,
        where: Filter | None = None,
        *,
        dense_weight: float | None = None,
        matched: bool = True,
    ) -> Found:
        """The same with all that can be told about it.

        Args:
            dense_weight: 0 searches by word alone, 1 by vector alone; None as the settings have it.
            matched: name the terms that each hit shares with the query.
        """
        query = parse(text, self._fields)
        wanted = joined(checked(where, self._fields), query.where) if where else query.where
        found = Found(text=query.text, where=wanted)
        if k < 1 or not any(map(str.isalnum, query.text)):
            return found
        pushed = resolve(wanted, self._collection) if wanted else {}
        if pushed is not None:
            found = self._found(found, k, pushed, dense_weight)
        if not found.hits:
            self._collection.check_filled()
        return replace(found, hits=self._matched(found.hits, query.text)) if matched else found

    def similar(self, chunk_id: str, k: int) -> list[Similar]:
        """The k passages whose vectors are nearest to that of a chunk, without itself.

        Raises:
            NotFoundError: there is no such chunk, or not any more.
        """
        vector = self._collection.vectors([chunk_id]).get(chunk_id)
        if vector is None:
            raise NotFoundError(f"There is no passage {chunk_id!r} any more: it was changed or removed.")
        near = [one for one in self._collection.dense(vector, k + 1) if one.id != chunk_id][:k]
        chunks = self._collection.chunks([one.id for one in near])
        return [
            Similar(chunks[one.id], one.score, math.sqrt(max(0.0, 2 - 2 * one.score)))
            for one in near
            if one.id in chunks
        ]

    def dense_weight(self, text: str) -> float:
        """The share of the vectors in the score, in [0, 1]: what the model cannot read does not vote."""
        if self._settings.dense_weight is not None:
            return self._settings.dense_weight
        return _DENSE_SHARE * max(0.0, (self._readability.share(text) - _DARK) / (1 - _DARK))

    # -- steps ----------------------------------------------------------------------------------------

    def _found(self, found: Found, k: int, where: Filter, dense_weight: float | None) -> Found:
        notices: list[Notice] = []
        seconds: dict[str, float] = {}
        began = time.perf_counter()
        wordings, passage = self._expanded(found.text, notices.append)
        if self._settings.query_expansion != "none":
            seconds["expand"] = time.perf_counter() - began
        began = time.perf_counter()
        weight = self.dense_weight(found.text) if dense_weight is None else dense_weight
        judges = dense_weight is None and self._settings.dense_weight is None
        texts, embed = (found.text, *wordings), partial(self._vector, passage=passage)
        for pool in self._pools(k):
            sides = look_up(self._collection, texts, embed, pool, weight, where or None)
            candidates = self._candidates(sides, weight, k, judges)
            if len(candidates) >= k or not sides.reach(pool):
                break
        seconds["search"] = time.perf_counter() - began
        if self._reranker is not None and candidates:
            began = time.perf_counter()
            candidates = _reranked(self._reranker, found.text, candidates)
            seconds["rerank"] = time.perf_counter() - began
        if self._settings.mmr is not None:
            vectors = self._collection.vectors([one.chunk.id for one in candidates])
            candidates = diverse(candidates, vectors, self._settings.mmr, k)
        hits = [sides.hit(rank, one, weight) for rank, one in enumerate(candidates[:k], 1)]
        return replace(found, hits=hits, dense_weight=weight, notices=tuple(notices), seconds=seconds)

    def _pools(self, k: int) -> Iterator[int]:
        """How deep to look: further where too few of what was found may be shown.

        Passages that say the same are shown once, and an interrupted run leaves some in an index that the
        catalogue does not know until the next one.
        """
        pool = max(self._settings.search_pool, _POOL_PER_HIT * k)
        yield pool
        while pool < _DEEPEST:
            pool = min(_DEEPEST, 4 * pool)
            yield pool

    def _candidates(self, sides: Sides, weight: float, k: int, judges: bool) -> list[Candidate]:
        """The best by fused score: k of them, or as many as are to be put into another order."""
        several = self._reranker is not None or self._settings.mmr is not None
        count = max(k, self._settings.search_pool) if several else k
        kept = self._best(sides, weight, count)
        if judges and self._is_dark(one.chunk for one in kept[:k] if one.scored.id in sides.votes):
            readable = self._collection.chunks(list(sides.votes))
            sides.keep_votes({id_ for id_, chunk in readable.items() if self._readability.reads(chunk.text)})
            kept = self._best(sides, weight, count)
        return kept

    def _best(self, sides: Sides, weight: float, count: int) -> list[Candidate]:
        ranked = fuse(sides.votes, sides.words, weight)
        ahead = count + _LOOK_AHEAD
        return list(islice(fold(self._read(ranked, ahead)), ahead))[:count]

    def _read(self, ranked: Sequence[Scored], count: int) -> Iterable[Candidate]:
        """Chunks in this order, read some at a time; a writer may have deleted one in between."""
        for start in range(0, len(ranked), count):
            part = ranked[start : start + count]
            chunks = self._collection.chunks([one.id for one in part])
            yield from (Candidate(one, chunks[one.id]) for one in part if one.id in chunks)

    def _expanded(self, text: str, tell: Tell) -> tuple[list[str], str]:
        """Other wordings, and a passage that might answer; nothing where none are wanted or can be had."""
        kind = self._settings.query_expansion
        if kind == "none":
            return [], ""
        model = self._language_model() if self._language_model is not None else None
        if model is None:
            tell(Notice(code="expansion_ignored", values={"kind": kind}))
            return [], ""
        from app.chat.retrieve.expansion import imagined, wordings

        try:
            return (wordings(text, model), "") if kind == "multi" else ([], imagined(text, model))
        except ModelError as error:
            tell(Notice(code="expansion_failed", values={"kind": kind, "reason": str(error)}))
            return [], ""

    def _vector(self, text: str, passage: str) -> Vectors:
        """The vector to search by: the query's own, or, with an imagined passage, the one between both."""
        own = self._model.embed_query(text[:_EMBEDDED_CHARACTERS])
        if not passage:
            return own
        between = own + self._model.embed_documents([passage])[0]
        return np.asarray(between / np.linalg.norm(between), dtype=np.float32)

    def _is_dark(self, chunks: Iterable[Chunk]) -> bool:
        """Whether the model cannot read some of these, and its votes for such chunks must not count."""
        return not self._readability.reads_everything and any(
            not self._readability.reads(chunk.text) for chunk in chunks
        )

    def _matched(self, hits: Sequence[Hit], text: str) -> list[Hit]:
        return [
            replace(hit, explain=replace(hit.explain, matched=self._collection.matched(text, hit.chunk.text)))
            for hit in hits
            if hit.explain is not None
        ]

    def _fields(self) -> Mapping[str, object]:
        return self._collection.fields()

    @cached_property
    def _model(self) -> EmbeddingModel:
        return self._load_model()

    @cached_property
    def _readability(self) -> Readability:
        return Readability(self._model)


def _reranked(reranker: Reranker, text: str, candidates: Sequence[Candidate]) -> list[Candidate]:
    scores = reranker.scores(text, [_as_read(one.chunk) for one in candidates])
    for candidate, score in zip(candidates, scores, strict=True):
        candidate.rerank = score
    return sorted(candidates, key=lambda one: -one.relevance)


def _as_read(chunk: Chunk) -> str:
    place = " > ".join(dict.fromkeys(part for part in (chunk.title, *chunk.headings) if part))
    return f"{place}\n{chunk.text}"
