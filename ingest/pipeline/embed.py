"""The embedding model of a run: loaded when first needed, held to the collection's vectors, asked once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from ingest.batches import batches
from ingest.catalog import Entry
from ingest.collection import Writer
from ingest.pipeline.progress import Watch
from vectorstore.embeddings.readability import Readability

if TYPE_CHECKING:
    from vectorstore.embeddings.base import EmbeddingModel

# Texts between two steps of the bar, two looks at `cancelled`, and two entries in the vector cache.
EMBED_AT_ONCE = 128


class Embedder:
    """Used by two threads: one counts tokens, one embeds."""

    def __init__(
        self, writer: Writer, source: EmbeddingModel | Callable[[], EmbeddingModel], watch: Watch
    ) -> None:
        self._writer = writer
        self._source = source
        self._watch = watch
        self._loaded: EmbeddingModel | None = None
        self._loading = Lock()

    def model(self) -> EmbeddingModel:
        """The model, loaded once, whose vectors the collection's are made sure to be.

        Raises:
            EmbeddingMismatchError: they are of another.
        """
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
            self.model()
            self._writer.catch_up()
        if rebuild or self._writer.is_outdated:
            self._writer.rebuild(as_it_is=not rebuild)

    def embed(self, entries: Sequence[Entry]) -> bool:
        """See to it that these entries' vectors are cached; False when the run was cancelled meanwhile."""
        texts = {entry.content_hash: entry.text for entry in entries}
        cache, key = self._writer.catalog.vectors, str((self._writer.embedding or {})["key"])
        missing = sorted(texts.keys() - cache.known(texts, key), key=lambda one: len(texts[one]))
        self._watch.embedded(len(entries) - len(missing))
        for part in batches(missing, EMBED_AT_ONCE):
            if self._watch.cancelled:
                return False
            told = [self._readability.told(texts[one]) for one in part]
            cache.save(part, self.model().embed_documents(told), key)
            self._watch.embedded(len(part))
        return True

    @cached_property
    def _readability(self) -> Readability:
        return Readability(self.model())

    def _load(self) -> EmbeddingModel:
        return self._source() if callable(self._source) else self._source
