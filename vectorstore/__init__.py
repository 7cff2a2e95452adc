"""Vector backends, the keyword index and embedding models."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from pathlib import Path

from app.errors import ConfigurationError
from vectorstore.base import VectorIndex

# A new backend is a line here and a file; the class takes (folder, dimension).
BACKENDS = {
    "chroma": "vectorstore.chroma:ChromaIndex",
    "faiss": "vectorstore.faiss:FaissIndex",
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


def open_index(backend: str, folder: Path, dimension: int) -> VectorIndex:
    """Open the index in `folder`, or begin one.

    Args:
        backend: one of `backends()`; its library is imported only now.
        folder: the backend's own; made if it is not there.
        dimension: length of the vectors.

    Raises:
        ConfigurationError: there is no such backend.
        EmbeddingMismatchError: the index holds vectors of another dimension.
        CollectionDamagedError: a file of the index is broken.
        StorageError: the folder cannot be written.
    """
    check_backend(backend)
    module, _, name = BACKENDS[backend].partition(":")
    index: VectorIndex = getattr(import_module(module), name)(folder, dimension)
    return index
