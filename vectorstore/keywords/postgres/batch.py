"""What a write of chunks brings: the chunks' own terms, and for each term the chunks that have it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from vectorstore.keywords.fields import AROUND, PAIRS, SHARES, TEXT

K1, B = 1.2, 0.75
SCALE = 10_000
"""What a term counts in a chunk lies below k1 + 1 and is kept as a whole number of ten-thousandths."""

Ints = NDArray[np.int32]
Shorts = NDArray[np.int16]


class Averages(NamedTuple):
    """Tokens a chunk has in each field."""

    text: float
    around: float
    pairs: float


class Posting(NamedTuple):
    """A term in one batch: places of chunks in it, best first, and what the term counts in them."""

    term: str
    in_text: int
    places: Ints
    texts: Shorts
    arounds: Shorts


class Chunk(NamedTuple):
    """Hashes of the words around a chunk and of its pairs; what each counts in the text, and around it.

    Sorted by the hashes.
    """

    terms: Ints
    texts: Shorts
    arounds: Shorts


class Batch:
    """Attributes: `lengths`, shape (n, 3): each chunk's tokens of text, around it, and its pairs."""

    def __init__(self, cut: Iterable[dict[str, Sequence[str]]]) -> None:
        self._names: dict[str, int] = {}
        terms: list[int] = []
        starts, words, lengths = [0], [], []
        in_text: list[int] = []
        around: list[int] = []
        for fields in cut:
            text, near, pairs = (Counter(fields[field]) for field in (TEXT, AROUND, PAIRS))
            terms += [self._number(term) for term in (*near, *pairs)]
            in_text += [*(text[term] for term in near), *pairs.values()]
            around += [*near.values(), *[0] * len(pairs)]
            lengths.append([text.total(), near.total(), pairs.total()])
            words.append(len(near))
            starts.append(len(terms))
        self.lengths = np.array(lengths, dtype=np.int64).reshape(-1, 3)
        self._terms = np.array(terms, dtype=np.int32)
        self._counts = np.array([in_text, around], dtype=np.float64)
        self._starts, self._words = np.array(starts), np.array(words, dtype=np.int64)

    def impacts(self, averages: Averages) -> None:
        """Work out what each term counts; to be called before what follows."""
        places = np.repeat(np.arange(len(self._words)), np.diff(self._starts))
        self._places = places.astype(np.int32)
        self._is_word = np.arange(len(places)) - self._starts[places] < self._words[places]
        length = np.where(self._is_word, self.lengths[places, 0], self.lengths[places, 2])
        average = np.where(self._is_word, averages.text, averages.pairs)
        self._texts = impact(self._counts[0], length, average)
        self._arounds = impact(self._counts[1], self.lengths[places, 1], averages.around)

    def chunks(self) -> Iterator[Chunk]:
        hashes = np.array([hashed(term) for term in self._names], dtype=np.int32)
        for start, end in zip(self._starts, self._starts[1:], strict=False):
            found = hashes[self._terms[start:end]]
            order = np.argsort(found)
            yield Chunk(found[order], self._texts[start:end][order], self._arounds[start:end][order])

    def postings(self) -> Iterator[Posting]:
        """Of words only: a pair is looked for in chunks that its words have found."""
        which = np.flatnonzero(self._is_word)
        worth = SHARES[TEXT] * self._texts[which] + SHARES[AROUND] * self._arounds[which]
        which = which[np.lexsort((-worth, self._terms[which]))]
        numbers, starts = np.unique(self._terms[which], return_index=True)
        names = list(self._names)
        for number, found in zip(numbers, np.split(which, starts[1:]), strict=True):
            texts = self._texts[found]
            in_text = int(np.count_nonzero(texts))
            yield Posting(names[number], in_text, self._places[found], texts, self._arounds[found])

    def _number(self, term: str) -> int:
        return self._names.setdefault(term, len(self._names))


def impact(
    count: NDArray[np.float64], length: NDArray[np.int64], average: NDArray[np.float64] | float
) -> Shorts:
    """BM25 of a term without the weight of the term, in units of 1 / SCALE."""
    norm = K1 * (1 - B + B * length / np.maximum(average, 1e-9))
    counted = np.round(SCALE * count * (K1 + 1) / (count + norm))
    # What occurs counts, however little: it is how a chunk is known to have it.
    return np.where(count > 0, np.maximum(counted, 1), 0).astype(np.int16)


def hashed(term: str) -> int:
    """32 bits, signed, the same everywhere."""
    value = crc32(term.encode())
    return value - (1 << 32) if value >= 1 << 31 else value
