"""What an embedding model is, the identity that is kept with its vectors, and how well it reads a text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Protocol

from vectorstore.base import Vectors


@dataclass(frozen=True)
class EmbeddingIdentity:
    """What must be equal for two vectors to be comparable.

    Attributes:
        model: the name that people know it by, such as "all-MiniLM-L6-v2" or "openai:text-embedding-3-small".
        weights: the first 16 hex digits of the weights' sha256, or a revision; "" where nobody can know it.
        dimension: length of a vector.
        pooling: how tokens become one vector: "mean", "cls", or "" where the library or server decides.
        normalised: the model itself asks for length 1 (Docent's vectors have it in any case).
        query_prompt: put before a question.
        document_prompt: put before a passage.
        precision: what the model computes passages in, "float32" or "int8"; questions are always float32.
    """

    model: str
    weights: str
    dimension: int
    pooling: str = ""
    normalised: bool = True
    query_prompt: str = ""
    document_prompt: str = ""
    precision: str = "float32"

    @cached_property
    def key(self) -> str:
        """16 hex digits, the same for the same identity in every process; the name of cached vectors.

        The name is left out where the weights are known: the same folder under another name makes the
        same vectors.
        """
        parts = asdict(self)
        if self.weights:
            del parts["model"]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]

    def __str__(self) -> str:
        weights = f", weights {self.weights}" if self.weights else ""
        precision = f", {self.precision}" if self.precision != "float32" else ""
        return f"{self.model} ({self.dimension} dimensions{weights}{precision}, key {self.key})"


class EmbeddingModel(Protocol):
    """Texts to vectors. Safe to share between threads.

    Nothing is ever cut: a text that is longer than `max_tokens` is embedded in windows, whose vectors
    are averaged by their share of the tokens.
    """

    @property
    def identity(self) -> EmbeddingIdentity: ...

    @property
    def dimension(self) -> int: ...

    @property
    def max_tokens(self) -> int:
        """The longest text that is read in one piece; special tokens and the document prompt included."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text as a document; special tokens and the document prompt included."""
        ...

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, in their order: shape (n, dimension), rows of length 1."""
        ...

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question: shape (dimension,), length 1."""
        ...


def characters_per_token(model: EmbeddingModel, texts: Sequence[str]) -> float:
    """How well the model reads these texts: about 4 for a language it knows, below 1 for one it spells out.

    The mean over all characters; special tokens and prompts are not counted. 0 for no text.
    """
    overhead = model.count_tokens([""])[0]
    tokens = sum(count - overhead for count in model.count_tokens(texts))
    return sum(map(len, texts)) / tokens if tokens > 0 else 0.0
