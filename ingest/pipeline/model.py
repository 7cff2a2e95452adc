"""The embedding model of a run: loaded when first needed, and held to the collection's vectors."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING

from ingest.collection import Writer

if TYPE_CHECKING:
    from vectorstore.embeddings.base import EmbeddingModel


class Model:
    """Used by many threads: called, it is the model.

    Raises (when called):
        EmbeddingMismatchError: the collection's vectors are of another.
    """

    def __init__(self, writer: Writer, source: EmbeddingModel | Callable[[], EmbeddingModel]) -> None:
        self._writer = writer
        self._source = source
        self._loaded: EmbeddingModel | None = None
        self._loading = Lock()

    def __call__(self) -> EmbeddingModel:
        with self._loading:
            if self._loaded is None:
                loaded = self._load()
                self._writer.use_model(loaded.identity)
                self._loaded = loaded
            return self._loaded

    def settle(self, *, rebuild: bool) -> None:
        """Begin what is to be built beside what serves: for another model or backend, or as `rebuild` says.

        Raises:
            EmbeddingMismatchError: another model is wanted than was used, and `rebuild` is not.
        """
        known = self._writer.embedding
        if known is None:
            return
        if rebuild:
            self._source = loaded = self._load()
            self._writer.catch_up()
            if known["key"] != loaded.identity.key:
                self._writer.turn_to(loaded.identity)
                return
        elif self._writer.embedding_renamed or self._writer.is_behind:
            self()
            self._writer.catch_up()
        if rebuild or self._writer.is_outdated:
            self._writer.rebuild(as_it_is=not rebuild)

    def _load(self) -> EmbeddingModel:
        return self._source() if callable(self._source) else self._source
