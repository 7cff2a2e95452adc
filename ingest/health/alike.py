"""Groups of documents that are nearly the same, from their sketches alone."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from ingest.sketch import Sketches, likeness

ALIKE = 0.8
"""From this share of common text on, two documents are nearly the same.

Measured with words replaced at random: one in twenty leaves .83 of scientific abstracts in English, and .80
of paragraphs of a Korean encyclopaedia. Of 1.6 million pairs of different abstracts none has more than .11.
"""

# Values of a band: documents that agree in all four are compared. Of pairs with a likeness of .8 hardly any
# agrees in none of the 32 bands ((1 - .8**4) ** 32), of those with .3 three of four.
_BAND = 4
_COMPARED = 20_000


def groups(sketches: Sketches) -> list[list[int]]:
    """Rows of documents that are alike, directly or by way of others; the largest groups first.

    Locality-sensitive hashing by bands (Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, 3.4).
    In a bucket each document is compared with the first and with the one before it, so that a thousand copies
    of one form cost a thousand comparisons and not a million.
    """
    labels = _labels(len(sketches), _alike(sketches))
    found: defaultdict[int, list[int]] = defaultdict(list)
    for row, label in enumerate(labels.tolist()):
        found[label].append(row)
    return sorted((rows for rows in found.values() if len(rows) > 1), key=lambda rows: (-len(rows), rows))


def _labels(count: int, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """The least row that each row is connected with, itself if with none."""
    labels = np.arange(count)
    while True:
        near = labels[pairs].min(axis=1)
        moved = labels.copy()
        for side in pairs.T:
            np.minimum.at(moved, labels[side], near)
        moved = moved[moved]
        if np.array_equal(moved, labels):
            return labels
        labels = moved


def _alike(sketches: Sketches) -> NDArray[np.int64]:
    """Pairs of rows that are alike, of shape (n, 2)."""
    pairs = _candidates(sketches)
    near = [
        part[likeness(sketches[part[:, 0]], sketches[part[:, 1]]) >= ALIKE]
        for part in np.array_split(pairs, len(pairs) // _COMPARED + 1)
    ]
    return np.concatenate(near)


def _candidates(sketches: Sketches) -> NDArray[np.int64]:
    """Different pairs of rows that agree in a band, of shape (n, 2)."""
    bands = np.ascontiguousarray(sketches).view(np.uint64)
    count = len(sketches)
    found = [np.empty(0, np.int64)]
    for band in bands.T:
        rows = np.flatnonzero(band)
        ordered = rows[np.argsort(band[rows], kind="stable")]
        again = band[ordered[1:]] == band[ordered[:-1]]
        firsts = np.maximum.accumulate(np.where(np.append(False, again), 0, np.arange(len(ordered))))
        for before in (ordered[firsts[1:]], ordered[:-1]):
            found.append(before[again] * count + ordered[1:][again])
    return np.stack(np.divmod(np.unique(np.concatenate(found)), max(count, 1)), axis=1)
