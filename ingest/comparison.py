"""Hold the indexes of a collection against its catalogue, and against those that served before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.errors import CollectionError
from ingest.batches import batches
from vectorstore import open_index
from vectorstore.base import KeywordIndex, VectorIndex, Vectors
from vectorstore.keywords import open_keywords

if TYPE_CHECKING:
    from app.schemas import Chunk
    from ingest.catalog import Catalog
    from ingest.collection.store import Store

SEARCHES, K = 100, 10
# An approximate index is asked for more than is wanted, as a question does it (`ingest.indexes`).
_SURE = 4
# What engines of stated lower precision may differ by: neighbours, words, and a cosine.
ENOUGH_NEIGHBOURS, ENOUGH_WORDS, FAR = 0.95, 0.9, 1e-3
_AT_ONCE = 2_000
# Words of a passage that are searched for, after those that it has in common with its neighbour in a cut.
_WORDS, _SKIPPED = 8, 5


@dataclass(frozen=True, slots=True)
class Compared:
    """Attributes:
    chunks: that the catalogue has.
    missing, foreign: ids that the vector index lacks, and those it should not have.
    words_missing, words_foreign: the same of the keyword index.
    searches: how many samples were searched by vector and by word.
    neighbours: the share of hits by vector that are as near as the nearest that there are.
    words: the share of hits by word that the former index has as well; without one, of passages that their
        own words find.
    filtered_wrong: searches with a filter whose hits are others than those that fit.
    vectors: that were read back.
    off: the largest difference between a number of a vector and the catalogue's.
    bent: the largest of 1 - cosine between a vector that is held and the catalogue's.
    """

    chunks: int
    missing: int
    foreign: int
    words_missing: int
    words_foreign: int
    searches: int
    neighbours: float
    words: float
    filtered_wrong: int
    vectors: int
    off: float
    bent: float

    def problems(self) -> list[str]:
        """What does not agree, in words."""
        counted = {
            "chunks are missing in the vector index": self.missing,
            "ids in the vector index are of no chunk": self.foreign,
            "chunks are missing in the keyword index": self.words_missing,
            "ids in the keyword index are of no chunk": self.words_foreign,
            "searches with a filter find something else": self.filtered_wrong,
        }
        said = [f"{count:,} {what}" for what, count in counted.items() if count]
        if self.neighbours < ENOUGH_NEIGHBOURS:
            said.append(f"only {self.neighbours:.1%} of the nearest neighbours are found")
        if self.words < ENOUGH_WORDS:
            said.append(f"only {self.words:.1%} of the hits by words are the same")
        if self.bent > FAR:
            said.append(f"vectors differ from the catalogue's by up to {self.bent:.4f} of a cosine")
        return said

    def check(self, name: str, backend: str) -> None:
        """Raise a CollectionError that says what does not agree."""
        if problems := self.problems():
            raise CollectionError(
                f"The copy of the collection {name!r} in {backend} does not agree with what serves: "
                f"{'; '.join(problems)}. Nothing was switched. Try again: docent migrate --to {backend} "
                f"--collection {name}",
                collection=name,
            )


class Sample:
    """Passages with a vector and words to search for, and what comparing with every vector finds.

    `look` must see all vectors.
    """

    def __init__(self, chunks: Sequence[Chunk], vectors: Mapping[str, Vectors]) -> None:
        self.chunks = [chunk for chunk in chunks if chunk.id in vectors]
        held = [vectors[chunk.id] for chunk in self.chunks]
        # Between two passages, so that no passage is the answer by itself.
        mixed = [one + 0.6 * other for one, other in zip(held, held[1:] + held[:1], strict=True)]
        self.queries = [np.asarray(each / np.linalg.norm(each), dtype=np.float32) for each in mixed]
        self._matrix = np.stack(self.queries) if self.queries else np.zeros((0, 1), dtype=np.float32)
        self._best = np.full((len(held), K), -2, dtype=np.float32)

    def look(self, ids: Sequence[str], vectors: Vectors) -> None:
        if len(self.queries) and len(ids):
            scores = np.concatenate([self._best, self._matrix @ vectors.T], axis=1)
            self._best = -np.partition(-scores, K - 1, axis=1)[:, :K]

    def nearest(self) -> Iterator[tuple[Vectors, float, int]]:
        """Each query with the cosine of the last of its K nearest, and how many there are."""
        for query, best in zip(self.queries, self._best, strict=True):
            there = best[best > -2]
            yield query, float(there.min()) if len(there) else -1.0, len(there)

    def texts(self) -> list[str]:
        """Some words of each passage."""
        split = [chunk.text.split() for chunk in self.chunks]
        return [" ".join(words[_SKIPPED : _SKIPPED + _WORDS] or words[:_WORDS]) for words in split]


def draw(catalog: Catalog, identity: str) -> Sample:
    """Passages of a collection, always the same ones: ids are hashes."""
    chunks = catalog.chunks.sample(SEARCHES)
    return Sample(chunks, catalog.vectors.of_chunks([chunk.id for chunk in chunks], identity))


def compare(served: Store | None, made: Store, sample: Sample, *, thorough: bool) -> Compared:
    """What the indexes of `made` hold and find, beside its catalogue and the keyword index that `served`."""
    known = made.embedding or {}
    key, wanted = str(known["key"]), made.catalog.chunks.ids()
    with (
        closing(open_index(str(made.backend), made.place, int(known["dimension"]))) as vectors,
        closing(open_keywords(made.keywords, made.place, read_only=True)) as keywords,
    ):
        ids, word_ids = vectors.ids(), keywords.ids()
        read, off, bent = _held_against(vectors, made.catalog, key, None if thorough else sample)
        return Compared(
            len(wanted),
            len(wanted - ids),
            len(ids - wanted),
            len(wanted - word_ids),
            len(word_ids - wanted),
            len(sample.queries),
            _neighbours(vectors, made.catalog, key, sample),
            _words(served, keywords, sample),
            _filtered_wrong(vectors, made.catalog, sample),
            read,
            off,
            bent,
        )


def _held_against(
    index: VectorIndex, catalog: Catalog, key: str, sample: Sample | None
) -> tuple[int, float, float]:
    """How many vectors were read back, and how far off they are."""
    read, off, bent = 0, 0.0, 0.0
    for wanted in _truth(catalog, key, sample):
        held = index.get(list(wanted))
        read += len(held)
        if not held:
            continue
        one = np.stack([held[id_] for id_ in held])
        other = np.stack([wanted[id_] for id_ in held])
        off = max(off, float(np.abs(one - other).max()))
        lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
        bent = max(bent, float((1 - (one * other).sum(axis=1) / np.maximum(lengths, 1e-9)).max()))
    return read, off, bent


def _truth(catalog: Catalog, key: str, sample: Sample | None) -> Iterator[Mapping[str, Vectors]]:
    if sample is not None:
        yield catalog.vectors.of_chunks([chunk.id for chunk in sample.chunks], key)
        return
    for ids, vectors, _ in catalog.vectors.in_order(key, _AT_ONCE):
        yield dict(zip(ids, vectors, strict=True))


def _neighbours(index: VectorIndex, catalog: Catalog, key: str, sample: Sample) -> float:
    """Hits that tie with the last are as good as that one."""
    right = wanted = 0
    for query, last, count in sample.nearest():
        hits = [hit.id for hit in index.search(query, _SURE * K)[:count]]
        truth = catalog.vectors.of_chunks(hits, key)
        right += sum(float(truth[id_] @ query) >= last - 1e-5 for id_ in hits if id_ in truth)
        wanted += count
    return right / wanted if wanted else 1.0


def _words(served: Store | None, keywords: KeywordIndex, sample: Sample) -> float:
    texts = sample.texts()
    found = [[hit.id for hit in keywords.search(text, K)] for text in texts]
    if served is None:
        own = [chunk.id in hits for chunk, hits in zip(sample.chunks, found, strict=True) if hits]
        return float(np.mean(own)) if own else 1.0
    with closing(open_keywords(served.keywords, served.place, read_only=True)) as former:
        before = [former.search(text, 2 * K) for text in texts]
    shares = []
    for hits, former_hits in zip(found, before, strict=True):
        count = min(K, len(former_hits))
        last = former_hits[count - 1].score if count else 0.0
        as_good = {hit.id for hit in former_hits if hit.score >= last * (1 - 1e-4)}
        shares.append(len(as_good & set(hits)) / count if count else float(not hits))
    return float(np.mean(shares)) if shares else 1.0


def _filtered_wrong(index: VectorIndex, catalog: Catalog, sample: Sample) -> int:
    """Of a tenth of the samples, within the document that each is of."""
    wrong = 0
    for part in batches(zip(sample.chunks, sample.queries, strict=True), 10):
        chunk, query = part[0]
        others = catalog.chunks.of_documents([chunk.document_id])[chunk.document_id]
        fit = {other.id for other in others}
        hits = [hit.id for hit in index.search(query, K, {"document_id": chunk.document_id})]
        wrong += not (set(hits) <= fit and len(hits) == min(K, len(fit)))
    return wrong
