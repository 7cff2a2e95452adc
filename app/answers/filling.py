"""What fills a schema from the passages of one document: by a model, or by rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from app.schemas import Chunk, FieldEvidence


@dataclass(frozen=True, slots=True)
class Filled:
    """One object, and what each of its values stands on.

    Attributes:
        data: of the schema's shape; null where nothing supports a value, even where the schema allows none.
        evidence: one for each leaf of the schema that was looked for, in the schema's order.
    """

    data: dict[str, Any]
    evidence: tuple[FieldEvidence, ...]


class Filler(Protocol):
    """Fills one schema. May be shared between threads."""

    def fill(self, chunks: Sequence[Chunk]) -> Sequence[Filled]:
        """The objects that a document holds: one, or several of a schema with `many`.

        Args:
            chunks: all of one document, in its order.
        """
        ...
