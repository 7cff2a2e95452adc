"""Vectors for what is to be indexed: made once for each text, and kept in the catalogue's cache."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from ingest.batches import batches
from ingest.catalog import Entry
from ingest.collection import Writer
from ingest.pipeline.engine import Engine
from ingest.pipeline.model import Model
from ingest.pipeline.progress import Watch
from vectorstore.embeddings.readability import Readability

# Texts between two steps of the bar, two looks at `cancelled`, and two entries in the vector cache.
EMBED_AT_ONCE = 128


class Embedder:
    def __init__(self, writer: Writer, model: Model, engine: Engine, watch: Watch) -> None:
        self._writer = writer
        self._model = model
        self._engine = engine
        self._watch = watch

    def embed(self, entries: Sequence[Entry]) -> bool:
        """See to it that these entries' vectors are cached; False when the run was cancelled meanwhile."""
        texts = {entry.content_hash: entry.text for entry in entries}
        cache, key = self._writer.catalog.vectors, str((self._writer.embedding or {})["key"])
        missing = sorted(texts.keys() - cache.known(texts, key), key=lambda one: len(texts[one]))
        self._watch.embedded(len(entries) - len(missing))
        parts = list(batches(missing, EMBED_AT_ONCE))
        told = ([self._readability.told(texts[one]) for one in part] for part in parts)
        for part, vectors in zip(parts, self._engine.vectors(told), strict=True):
            cache.save(part, vectors, key)
            self._watch.embedded(len(part))
            if self._watch.cancelled:
                return False
        return True

    @cached_property
    def _readability(self) -> Readability:
        return Readability(self._model())
