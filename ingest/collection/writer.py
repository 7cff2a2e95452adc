"""`Writer`: the one that changes a collection, in an order that the next run can heal."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from app.errors import CollectionError, DocentError
from ingest.catalog import Catalog, FileContent, FileRecord
from ingest.collection.generations import Generations
from ingest.collection.home import Home, Lock, home_of
from ingest.collection.removal import remove, sweep
from ingest.collection.store import Store
from ingest.collection.switching import (
    copy,
    described,
    is_for,
    is_moving,
    kept,
    of_model,
    of_new_indexes,
    own_backends,
)
from ingest.fit import SAMPLE, unread_share
from ingest.indexes import Fill, Indexes

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from app.config import Settings
    from vectorstore.embeddings.base import EmbeddingIdentity, EmbeddingModel


_logger = logging.getLogger(__name__)


class Writer:
    """A collection that is open for writing; see `Writer.open`; closed by `close` or `with`.

    The catalogue is marked dirty before the first change and clean by `finish`. For the threads of one run.
    Between `rebuild` or `turn_to` and `switch` all that is read and written here is of a generation that is
    being built, while another one serves.
    """

    def __init__(self, store: Store, lock: Lock, *, is_alone: bool = True) -> None:
        self._store = store
        self._lock = lock
        self._known = store.home.generations()
        # While something is built: what serves, and the name of what is built.
        self._served: Store | None = None
        self._building = self._known.current
        self._is_alone = is_alone

    @classmethod
    def open(cls, name: str, settings: Settings) -> Self:
        """Open a collection, make it if it is not there, and keep other writers out.

        Raises:
            CollectionBusyError: another process writes to it.
            CollectionError: it was made by a later version.
            StorageError: the folder cannot be made or used.
            BackendError: the server cannot be reached, or refuses.
        """
        home = home_of(name, settings)
        lock = home.lock()
        try:
            sweep(home, home.generations())
            return cls(Store(home, write=True), lock)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def join(cls, name: str, settings: Settings, share: Lock) -> Self:
        """Open a collection in PostgreSQL beside other workers, which agree on who does what.

        Args:
            share: this worker's right to write; released by `close`.
        """
        return cls(Store(home_of(name, settings), write=True), share, is_alone=False)

    def enter(self, generation: str) -> None:
        """Write in the generation that the other workers write in."""
        self._known = self._home.generations()
        if generation == self._store.generation:
            self._store.load()
        else:
            self._build(generation)

    @property
    def generation(self) -> str:
        """The name of the one that is written."""
        return self._building

    def begin_together(self) -> None:
        """Make ready for other workers to write, too."""
        self._require_indexes().begin()
        self._mark_dirty()
        self.catalog.bump()

    def sweep(self) -> None:
        """Delete generations that a run left which came to no end."""
        sweep(self._home, self._known)

    def close(self) -> None:
        """Release files and the lock. May be called twice."""
        self._store.close()
        if self._served is not None:
            self._served.close()
            if self._is_alone and self._building not in self._known.named:
                remove(self._home, self._building)
            self._served = None
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
    def _home(self) -> Home:
        return self._store.home

    @property
    def catalog(self) -> Catalog:
        return self._store.catalog

    @property
    def backend(self) -> str | None:
        """The vector backend that the index was made for; None before the first chunk."""
        return self._store.backend

    @property
    def is_dirty(self) -> bool:
        """Whether something was written, now or by a run that was interrupted, and not finished."""
        return self._store.is_dirty

    # -- files ----------------------------------------------------------------------------------------

    def mark(self, records: Sequence[FileRecord]) -> None:
        """Save the rows of files, such as pending or failed ones, without touching what they hold."""
        if records:
            self._lock.check()
            self.catalog.files.save(records)

    def save(
        self, contents: Sequence[FileContent], meanwhile: Callable[[Connection], None] = lambda _: None
    ) -> None:
        """Write files whose vectors are cached: pending, then vectors, then keywords, then indexed.

        Args:
            meanwhile: called before they are indexed; if it raises, they are not.
        """
        indexes = self._require_indexes()
        self._lock.check()
        self._mark_dirty()
        old = self.catalog.chunks.ids(content.file.id for content in contents)
        indexes.upsert(entry for content in contents for entry in content.entries())
        self.catalog.documents.save(contents, meanwhile)
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
        self._lock.check()
        self._mark_dirty()
        try:
            self.catalog.files.delete(sorted(known), lambda: indexes.delete(chunk_ids) if indexes else None)
        except BaseException:
            if indexes is not None:
                with suppress(DocentError):
                    indexes.upsert(self.catalog.chunks.entries(chunk_ids))
            raise
        self._delete_elsewhere(sorted(known))
        return len(known)

    def _delete_elsewhere(self, ids: Sequence[str]) -> None:
        """What is deleted does not come back with another generation."""
        for name in sorted(self._known.named - {self._known.current, self._building}) if ids else ():
            try:
                with closing(self._home.catalog(name, write=True)) as other:
                    other.files.delete(ids)
                    other.set_meta(dirty="1")
            except DocentError as error:
                _logger.warning("Nothing was deleted in %s: %s", self._home.folder(name), error)

    def finish(self) -> None:
        """End a run: indexes and catalogue agree, and vectors that nobody needs are forgotten."""
        self._lock.check()
        self.catalog.vectors.prune()
        if self._store.indexes is not None:
            self._store.indexes.settle()
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
            EmbeddingMismatchError: there are vectors of another; `turn_to` turns to this one.
        """
        self._store.check_identity(identity)
        if self.embedding != described(identity) or self._store.embedding_renamed:
            self._adopt(identity)

    def _adopt(self, identity: EmbeddingIdentity) -> None:
        settings = self._store.settings
        values = of_model(identity, settings)
        if self.embedding is None:
            values |= of_new_indexes(self.name, settings)
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

    @property
    def is_outdated(self) -> bool:
        """Whether the indexes are of an earlier version.

        Those of another backend than the settings want are not: several servers may have several settings.
        """
        return self._store.indexes is not None and self._store.lacks_fields

    def needs_healing(self) -> bool:
        """Whether a run was interrupted, an index is gone or yet to be made, or is outdated."""
        indexes = self._store.indexes
        return indexes is not None and (self.is_dirty or not indexes.exist() or self.is_outdated)

    def heal(self, fill: Fill) -> None:
        """Make the indexes equal to the catalogue.

        Args:
            fill: sees to it that the vectors of entries are cached.
        """
        self._require_indexes()
        self._mark_dirty()
        if self.is_outdated:
            self._wipe()
        current = [record.id for record in self.catalog.files.all() if record.recipe]
        self._require_indexes().heal(self.catalog.chunks.ids(current), fill)
        self.catalog.bump()

    def _wipe(self) -> None:
        self._require_indexes().wipe()
        store = self._store
        store.note(**of_new_indexes(self.name, store.settings) | own_backends(store))
        self._store.indexes = None
        self._store.load()

    def _require_indexes(self) -> Indexes:
        if self._store.indexes is None:
            raise CollectionError(
                f"The collection {self.name!r} has no embedding model yet: call use_model first."
            )
        return self._store.indexes

    # -- generations ----------------------------------------------------------------------------------

    @property
    def is_behind(self) -> bool:
        """Whether an earlier generation was restored that has yet to catch up."""
        return self._known.behind

    @property
    def half_built(self) -> str:
        """Name of the embedding model that a generation is being built for; "" if there is none."""
        found = kept(self._home, self._known.next)
        return found.embedding_name if found and not found.moving else ""

    def rebuild(self, *, as_it_is: bool = False) -> None:
        """Build both indexes anew beside those that serve: in the backend of the settings, or their own."""
        self._build(copy(self._store, self._known, as_it_is=as_it_is))

    def move(self) -> tuple[Store, Store]:
        """Begin a copy in the backends of the settings, or go on with the one of the same state.

        Returns:
            What serves, and the copy, whose indexes are to be filled; then comes `moved`, then `switch`.

        Raises:
            CollectionError: vectors of another model are half made, which would be lost.
        """
        if self.half_built:
            raise CollectionError(
                f"The collection {self.name!r} is being embedded anew for DOCENT_EMBEDDING_MODEL="
                f"{self.half_built}, and what was made of that would be lost. Set that and end it first: "
                f"python -m ingest --rebuild --collection {self.name}"
            )
        known, served = self._known, self._store
        state = f"{known.current}/{self.catalog.generation()}"
        begun = known.next if is_moving(self._home, known.next, state, served.settings) else None
        name = begun or copy(served, known)
        self._know(replace(known, next=name))
        if known.next not in (None, name):
            remove(self._home, str(known.next))
        self._build(name)
        self._store.note(moved=state)
        return served, self._store

    def moved(self) -> None:
        """The copy holds all that serves."""
        if self._served is not None:
            self._store.note(moved="", dirty="1" if self._served.is_dirty else "0")

    def turn_to(self, identity: EmbeddingIdentity) -> None:
        """Build for another embedding model beside what serves, or go on with what there is of that."""
        known, home = self._known, self._home
        candidates = (name for name in (known.next, known.previous) if name is not None)
        begun = next((name for name in candidates if is_for(home, name, identity.key)), None)
        name = copy(self._store, known, identity) if begun is None else begun
        previous = None if name == known.previous else known.previous
        self._know(replace(known, next=name, previous=previous))
        if known.next is not None and known.next != name:
            remove(home, known.next)
        self._build(name)
        if begun is not None and self._served is not None:
            self._take_over(self._served.catalog)
            self._store.note(dirty="1", embedding_name=self._store.settings.embedding_model)

    def switch(self) -> None:
        """Let what was built serve from now on, all at once; without effect where nothing was built."""
        if self._served is None:
            return
        known, name = self._known, self._building
        if name == known.next:
            self._know(replace(known, current=name, previous=known.current, next=None, behind=False))
        else:  # the same vectors: what is kept goes on being what can be restored
            self._know(replace(known, current=name))
        self._served.close()
        self._served = None
        if known.previous is not None and known.previous not in self._known.named:
            remove(self._home, known.previous)

    def catch_up(self) -> None:
        """Take up what changed while another generation served, after one was restored."""
        if not self.is_behind:
            return
        other = self._known.previous
        if other is not None and self._home.has(other):
            with closing(self._home.catalog(other, write=True)) as catalog:
                self._take_over(catalog)
        self._know(replace(self._known, behind=False))

    def _build(self, name: str) -> None:
        store = self._store
        self._building = name
        self._store = Store(store.home, write=True, generation=name)
        self._served = store

    def _know(self, state: Generations) -> None:
        self._lock.check()
        self._known = self._home.note(state)

    def _take_over(self, source: Catalog) -> None:
        """Files that another generation holds alone, or with another content; they are to be cut anew."""
        own = {record.id: record for record in self.catalog.files.all()}
        theirs = source.files.all()
        if gone := own.keys() - {record.id for record in theirs}:
            self.delete_files(sorted(gone))
        for record in theirs:
            known = own.get(record.id)
            if known is None or known.sha256 != record.sha256:
                self._take(record, source)

    def _take(self, record: FileRecord, source: Catalog) -> None:
        if not record.sha256:
            self.mark([record])
            return
        self._mark_dirty()
        content = source.documents.content(record.id)
        # The digest comes last: without it, what was stopped here is taken again.
        self.mark([replace(record, sha256="", recipe="")])
        self.catalog.documents.save([replace(content, file=replace(record, recipe=""))])
