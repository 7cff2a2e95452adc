"""What chunking needs and gives: a counter of tokens, and passages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class TokenCounter(Protocol):
    """The part of an embedding model that chunking needs."""

    @property
    def max_tokens(self) -> int: ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]: ...


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk before it has an id.

    Attributes:
        text: as it stands in the document, without title and headings (those inside a joined passage stay).
        page: on which it begins.
        headings: outermost first.
        context: title and headings as far as they fit; see `embedding_text`.
    """

    text: str
    page: int | None
    headings: tuple[str, ...]
    context: str

    @property
    def embedding_text(self) -> str:
        return embedding_text(self.context, self.text)


def embedding_text(context: str, text: str) -> str:
    """What the embedding model and the keyword index see of a passage."""
    return f"{context}\n\n{text}" if context else text
