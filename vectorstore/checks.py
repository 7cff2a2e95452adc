"""What every vector backend checks before it stores or searches, and how it says what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from app.errors import CollectionDamagedError, EmbeddingMismatchError, MissingExtraError, StorageError
from vectorstore.base import Metadata, Value, Vectors


def check_batch(
    ids: Sequence[str], vectors: Vectors, metadata: Sequence[Metadata], dimension: int
) -> Vectors:
    """The vectors as a contiguous float32 array.

    Raises:
        ValueError: the lengths differ, an id is empty or comes twice, a vector is not finite, or a field of
            the metadata is no plain value.
        EmbeddingMismatchError: the vectors have another dimension.
    """
    if not len(ids) == len(vectors) == len(metadata):
        raise ValueError(f"{len(ids)} ids, {len(vectors)} vectors, {len(metadata)} metadata: must be equal")
    if len(set(ids)) != len(ids):
        raise ValueError("an id comes twice in one upsert")
    if not all(ids):
        raise ValueError("an id is empty")
    for each in metadata:
        if wrong := {key: value for key, value in each.items() if not isinstance(value, str | int | float)}:
            raise ValueError(f"metadata {wrong!r}: a value must be str, int, float or bool")
    if not len(ids):
        return np.zeros((0, dimension), dtype=np.float32)
    return _finite(np.atleast_2d(vectors), dimension)


def check_vector(vector: Vectors, dimension: int) -> Vectors:
    """The query vector as contiguous float32. Raises as `check_batch` does."""
    return _finite(vector, dimension)


def check_dimension(held: int, wanted: int, folder: Path) -> None:
    """Raises EmbeddingMismatchError if the index in `folder` was made for another model."""
    if held != wanted:
        raise EmbeddingMismatchError(
            f"The index {folder} holds vectors of {held} dimensions, the embedding model makes {wanted}. "
            f"Set DOCENT_EMBEDDING_MODEL back, or run: {rebuild(folder)}",
            held=held,
            wanted=wanted,
        )


def damaged(folder: Path, why: str) -> CollectionDamagedError:
    """The error for an index that cannot be read."""
    return CollectionDamagedError(
        f"The index {folder} is damaged ({why}). The documents are safe; run: {rebuild(folder)}",
        path=str(folder),
    )


def not_writable(folder: Path, why: Exception) -> StorageError:
    """The error for a full disk, a missing permission and the like."""
    return StorageError(
        f"The index {folder} cannot be written ({why}). Check the free space and the permissions.",
        path=str(folder),
    )


def rebuild(folder: Path) -> str:
    """The command that makes the index in a collection's folder anew."""
    parts = folder.parent.parts
    # A later generation of a collection lies in a folder of its own within it.
    above = max((n for n, part in enumerate(parts[:-1]) if part == "collections"), default=len(parts) - 2)
    name = parts[above + 1]
    return f"python -m ingest --collection {name} --rebuild"


def members(wanted: Value | Sequence[Value]) -> list[Value]:
    """The values that a field of a filter accepts."""
    return [wanted] if isinstance(wanted, str | int | float) else list(wanted)


def _finite(vectors: Vectors, dimension: int) -> Vectors:
    if vectors.shape[-1] != dimension:
        raise EmbeddingMismatchError(
            f"A vector has {vectors.shape[-1]} dimensions, the index holds {dimension}.",
            held=dimension,
            wanted=vectors.shape[-1],
        )
    if not np.isfinite(vectors).all():
        raise ValueError("a vector holds NaN or infinity")
    return np.ascontiguousarray(vectors, dtype=np.float32)


@contextmanager
def installed(engine: str, extra: str, *packages: str) -> Iterator[None]:
    """Around what imports them.

    Raises:
        MissingExtraError: one of these is not installed; the message names the extra that brings it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in packages:
            raise
        raise MissingExtraError(
            f"{engine} needs the package {error.name}: pip install 'docent[{extra}]'", extra=extra
        ) from error
