"""`Writer`: the one that changes a collection, in an order that the next run can heal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from types import TracebackType
from typing import TYPE_CHECKING, Self

from app.errors import CollectionError, DocentError
from ingest.catalog import INDEX_FIELDS, Catalog, FileContent, FileRecord
from ingest.collection.folder import collection_dir
from ingest.collection.lock import WriterLock
from ingest.collection.store import Store
from ingest.fit import SAMPLE, unread_share
from ingest.indexes import Fill, Indexes

if TYPE_CHECKING:
    from app.config import Settings
    from vectorstore.embeddings.base import EmbeddingIdentity, EmbeddingModel


class Writer:
    """A collection that is open for writing; see `Writer.open`; closed by `close` or `with`.

    The catalogue is marked dirty before the first change and clean by `finish`. For the threads of one run.
    """

    def __init__(self, store: Store, lock: WriterLock) -> None:
        self._store = store
        self._lock = lock

    @classmethod
    def open(cls, name: str, settings: Settings) -> Self:
        """Open a collection, make it if it is not there, and keep other writers out.

        Raises:
            CollectionBusyError: another process writes to it.
            CollectionError: it was made by a later version.
            StorageError: the folder cannot be made or used.
        """
        lock = WriterLock(name, collection_dir(settings.data_dir, name))
        try:
            return cls(Store(name, settings, write=True), lock)
        except BaseException:
            lock.release()
            raise

    def close(self) -> None:
        """Release files and the lock. May be called twice."""
        self._store.close()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def name(self) -> str:
        return self._store.name

    @property
    def catalog(self) -> Catalog:
        return self._store.catalog

    @property
    def is_dirty(self) -> bool:
        """Whether something was written, now or by a run that was interrupted, and not finished."""
        return self._store.is_dirty

    # -- files ----------------------------------------------------------------------------------------

    def mark(self, records: Sequence[FileRecord]) -> None:
        """Save the rows of files, such as pending or failed ones, without touching what they hold."""
        if records:
            self.catalog.files.save(records)

    def save(self, contents: Sequence[FileContent]) -> None:
        """Write files whose vectors are cached: pending, then vectors, then keywords, then indexed."""
        indexes = self._require_indexes()
        self._mark_dirty()
        old = self.catalog.chunks.ids(content.file.id for content in contents)
        indexes.upsert(entry for content in contents for entry in content.entries())
        self.catalog.documents.save(contents)
        new = {chunk.id for content in contents for chunk in content.chunks()}
        indexes.delete(sorted(old - new))

    def delete_files(self, ids: Sequence[str]) -> int:
        """Remove files with all their chunks from catalogue and indexes; returns how many there were.

        If one of them fails, all three keep the files. What cannot even be put back, such as on a disk that
        is full, and what a crash leaves, the next run mends.
        """
        known = {record.id for record in self.catalog.files.all()} & set(ids)
        chunk_ids = sorted(self.catalog.chunks.ids(known))
        indexes = self._store.indexes
        self._mark_dirty()
        try:
            self.catalog.files.delete(sorted(known), lambda: indexes.delete(chunk_ids) if indexes else None)
        except BaseException:
            if indexes is not None:
                with suppress(DocentError):
                    indexes.upsert(self.catalog.chunks.entries(chunk_ids))
            raise
        return len(known)

    def finish(self) -> None:
        """End a run: indexes and catalogue agree, and vectors that nobody needs are forgotten."""
        self.catalog.vectors.prune()
        if self.is_dirty:
            self._store.note(dirty="0")

    def _mark_dirty(self) -> None:
        if not self.is_dirty:
            self._store.note(dirty="1")

    # -- the embedding model --------------------------------------------------------------------------

    @property
    def embedding(self) -> dict[str, str | int] | None:
        """Identity of the embedding model: `key`, `label`, `dimension`, …; None before the first chunk."""
        return self._store.embedding

    @property
    def embedding_renamed(self) -> bool:
        """Whether the settings name another embedding model than was used; it may be the same one."""
        return self._store.embedding_renamed

    def use_model(self, identity: EmbeddingIdentity) -> None:
        """Note whose vectors these are, and open the indexes for them.

        Raises:
            EmbeddingMismatchError: there are vectors of another; `start_over` turns to this one.
        """
        self._store.check_identity(identity)
        if self.embedding != _description(identity) or self._store.embedding_renamed:
            self._adopt(identity)

    def start_over(self, identity: EmbeddingIdentity) -> None:
        """Turn to another embedding model: every file is to be cut and embedded anew."""
        self._mark_dirty()
        self.catalog.files.forget_recipes()
        self._wipe()
        self._adopt(identity)

    def _adopt(self, identity: EmbeddingIdentity) -> None:
        described = json.dumps(_description(identity))
        values = {"embedding": described, "embedding_name": self._store.settings.embedding_model}
        if self.embedding is None:
            values |= self._of_new_indexes()
        self._store.note(**values)
        self._store.load()

    @property
    def unread(self) -> float | None:
        """The share of the text that the embedding model cannot read; None where it was never measured."""
        return self._store.unread

    def measure_fit(self, model: EmbeddingModel) -> None:
        """Note how much of the text the model cannot read."""
        share = unread_share(self.catalog.chunks.sample_texts(SAMPLE), model)
        self._store.note(unread=f"{share:.3f}")

    # -- the indexes ----------------------------------------------------------------------------------

    def needs_healing(self) -> bool:
        """Whether a run was interrupted, an index is gone, or another backend is wanted than was used."""
        indexes = self._store.indexes
        return indexes is not None and (self.is_dirty or not indexes.exist() or self._are_outdated())

    def heal(self, fill: Fill, *, anew: bool = False) -> None:
        """Make the indexes equal to the catalogue; `anew` throws away what they hold.

        Args:
            fill: sees to it that the vectors of entries are cached.
        """
        indexes = self._require_indexes()
        self._mark_dirty()
        if anew or self._are_outdated():
            self._wipe()
        current = [record.id for record in self.catalog.files.all() if record.recipe]
        indexes.heal(self.catalog.chunks.ids(current), fill)
        self.catalog.bump()

    def _wipe(self) -> None:
        if self._store.indexes is not None:
            self._store.indexes.wipe()
        self._store.note(**self._of_new_indexes())

    def _of_new_indexes(self) -> dict[str, str]:
        return {"backend": self._store.settings.vector_backend, "fields": INDEX_FIELDS}

    def _are_outdated(self) -> bool:
        store = self._store
        return store.backend != store.settings.vector_backend or store.lacks_fields

    def _require_indexes(self) -> Indexes:
        if self._store.indexes is None:
            raise CollectionError(
                f"The collection {self.name!r} has no embedding model yet: call use_model first."
            )
        return self._store.indexes


def _description(identity: EmbeddingIdentity) -> dict[str, str | int]:
    return asdict(identity) | {"key": identity.key, "label": str(identity)}
