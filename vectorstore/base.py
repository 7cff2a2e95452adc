"""What a vector backend is, and the one score that all of them give: cosine in [-1, 1]."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Shape (n, dimension) or (dimension,); rows of length 1."""

Value = str | int | float | bool
Metadata = Mapping[str, Value]

Filter = Mapping[str, Value | Sequence[Value]]
"""All named fields must match: a value by equality, a sequence by membership."""


@dataclass(frozen=True, slots=True)
class Scored:
    """An id with its score: a cosine from a vector index, BM25 from the keyword index."""

    id: str
    score: float


class VectorIndex(Protocol):
    """Ids with vectors and the metadata that filters need; text stays in the catalogue.

    An index is open in one process for writing; readers reopen it when the collection's generation moves.

    Attributes:
        filters_fast: whether a search with a filter takes hardly longer than one without.
    """

    filters_fast: ClassVar[bool]

    def upsert(self, ids: Sequence[str], vectors: Vectors, metadata: Sequence[Metadata]) -> None:
        """Add, or replace what has the same id. Durable when it returns.

        Args:
            ids: n different ids.
            vectors: shape (n, dimension), rows of length 1.
            metadata: n mappings; the same keys everywhere.
        """
        ...

    def delete(self, ids: Sequence[str]) -> None:
        """Remove these; ids that are not there are ignored. Durable when it returns."""
        ...

    def search(self, vector: Vectors, k: int, where: Filter | None = None) -> list[Scored]:
        """The k nearest by cosine, best first; fewer when fewer match.

        Args:
            vector: shape (dimension,), length 1.
        """
        ...

    def ids(self) -> set[str]:
        """All ids that are held; for checking against the catalogue."""
        ...

    def count(self) -> int: ...

    def close(self) -> None: ...
