"""What backends are: indexes of vectors, which all score by cosine in [-1, 1], and indexes of words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from app.config import Settings

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


@dataclass(frozen=True, slots=True)
class Place:
    """Where the indexes of one generation of a collection live.

    Attributes:
        folder: of the generation; an embedded engine makes one of its own in it.
        name: what a server knows them by: a letter, then letters, digits and "_", at most 48 characters. No
            other generation of any collection has it.
        settings: addresses, keys and options of the engines.
    """

    folder: Path
    name: str = "docent"
    settings: Settings = field(default_factory=Settings)


class VectorIndex(Protocol):
    """Ids with vectors and the metadata that filters need; text stays in the catalogue.

    Readers reopen an index when the collection's generation moves.

    Attributes:
        filters_fast: whether a search with a filter takes hardly longer than one without.
    """

    filters_fast: ClassVar[bool]

    @staticmethod
    def many_writers(place: Place) -> bool:
        """Whether several processes may write there at the same time."""
        ...

    @staticmethod
    def exists(place: Place) -> bool:
        """Whether an index was begun there; not whether it is complete."""
        ...

    @staticmethod
    def drop(place: Place) -> None:
        """Remove the index that is there, if there is one; nobody has it open."""
        ...

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

    def get(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """The vectors of these, as exactly as the engine keeps them; ids that are not there are left out."""
        ...

    def ids(self) -> set[str]:
        """All ids that are held; for checking against the catalogue."""
        ...

    def count(self) -> int: ...

    def close(self) -> None:
        """May be called twice."""
        ...


@runtime_checkable
class Settling(Protocol):
    """A `VectorIndex` that makes something of what was written, so that it is searched faster."""

    def settle(self) -> None:
        """Called at the end of a run. It may take long, may be killed, and then goes on the next time."""
        ...


class KeywordIndex(Protocol):
    """Ids with the tokens of their text and the metadata that filters need; the text itself is not kept."""

    @staticmethod
    def many_writers(place: Place) -> bool:
        """Whether several processes may write there at the same time."""
        ...

    @staticmethod
    def exists(place: Place) -> bool:
        """Whether an index was begun there; not whether it is complete."""
        ...

    @staticmethod
    def drop(place: Place) -> None:
        """Remove the index that is there, if there is one; nobody has it open."""
        ...

    def upsert(
        self,
        ids: Sequence[str],
        texts: Sequence[str],
        metadata: Sequence[Metadata],
        beside: Sequence[Sequence[str]] | None = None,
    ) -> None:
        """Add, or replace what has the same id. Durable, and visible to this object, when it returns.

        Args:
            ids: n different ids.
            texts: n texts, with whatever context (title, headings) should be found.
            metadata: n mappings of what `where` may name.
            beside: for each text those that stand before and after it in its document.
        """
        ...

    def delete(self, ids: Sequence[str]) -> None:
        """Remove these; ids that are not there are ignored. Durable when it returns."""
        ...

    def search(self, text: str, k: int, where: Filter | None = None) -> list[Scored]:
        """The k best by BM25, best first; nothing when no token of the text is known.

        Any text is sound: it is cut into tokens and never parsed as a query language.

        Args:
            where: may name `id` besides what the metadata have.
        """
        ...

    def weights(self, text: str) -> dict[str, float]:
        """What each term of the text is worth for telling chunks apart, in order of appearance.

        Its inverse document frequency ln(1 + (N - n + ½) / (n + ½)), for a term in n of N chunks
        (Robertson and Zaragoza, 2009), as often as the text has it. A term that no chunk has is worth most.
        """
        ...

    def ids(self) -> set[str]:
        """All ids that are held; for checking against the catalogue."""
        ...

    def count(self) -> int: ...

    def close(self) -> None:
        """May be called twice."""
        ...
