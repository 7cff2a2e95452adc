"""Vector backends, the keyword index and embedding models."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from typing import Any

from app.errors import ConfigurationError
from vectorstore.base import Place, VectorIndex

# A new backend is a line here and a file; the class takes (place, dimension).
BACKENDS = {
    "chroma": "vectorstore.chroma:ChromaIndex",
    "faiss": "vectorstore.faiss:FaissIndex",
    "milvus": "vectorstore.milvus:MilvusIndex",
    "pgvector": "vectorstore.pgvector:PgvectorIndex",
    "pinecone": "vectorstore.pinecone:PineconeIndex",
    "qdrant": "vectorstore.qdrant:QdrantIndex",
}


def backends() -> tuple[str, ...]:
    """The names that `open_index` knows."""
    return tuple(BACKENDS)


def check_backend(backend: str) -> None:
    """Raise a ConfigurationError that names the choices if there is no such backend."""
    if backend not in BACKENDS:
        near = get_close_matches(backend, BACKENDS, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ConfigurationError(
            f"DOCENT_VECTOR_BACKEND={backend!r}: there is no such vector backend.{hint} "
            f"Set it to {' or '.join(map(repr, BACKENDS))}.",
            backend=backend,
        )


def open_index(backend: str, place: Place, dimension: int) -> VectorIndex:
    """Open the index of a place, or begin one.

    Args:
        backend: one of `backends()`; its library is imported only now.
        dimension: length of the vectors.

    Raises:
        ConfigurationError: there is no such backend.
        EmbeddingMismatchError: the index holds vectors of another dimension.
        CollectionDamagedError: a file of the index is broken.
        StorageError: the folder cannot be written.
    """
    index: VectorIndex = index_class(backend)(place, dimension)
    return index


def index_class(backend: str) -> Any:
    """The class behind a name, for what asks without opening; raises as `check_backend` does."""
    check_backend(backend)
    module, _, name = BACKENDS[backend].partition(":")
    return getattr(import_module(module), name)
