"""Move a collection into another backend: copied beside what serves, compared, and only then switched to."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from app.errors import CollectionError
from ingest.batches import batches
from ingest.collection import Writer
from ingest.collection.home import existing_home
from ingest.comparison import Compared, Sample, compare, draw
from vectorstore import check_backend, open_index
from vectorstore.base import Place, Settling, VectorIndex
from vectorstore.keywords import EMBEDDED, keyword_class, open_keywords

if TYPE_CHECKING:
    from app.config import Settings
    from ingest.collection.store import Store

T = TypeVar("T")

# Chunks that are read and written at once; vectors of the next ones are read meanwhile.
_VECTORS_AT_ONCE, _TEXTS_AT_ONCE = 5_000, 2_000

OnProgress = Callable[[str, int, int], None]
"""What is being done, how many chunks of it are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """Attributes: the backend `before` and after; `chunks` in all, and those `copied` by this call."""

    before: str
    backend: str
    chunks: int
    copied: int
    compared: Compared


def migrate(
    name: str,
    settings: Settings,
    backend: str,
    *,
    thorough: bool = False,
    on_progress: OnProgress | None = None,
) -> Migrated:
    """Copy a collection's vectors and words into another backend, and let that serve if it answers alike.

    Nothing is embedded: vectors come from the catalogue's cache. Whatever interrupts it, what serves goes on
    serving, and the same call goes on where it was, as long as the collection did not change meanwhile.

    Args:
        backend: one of `vectorstore.backends()`.
        thorough: read every vector back, not those of a sample.

    Raises:
        ConfigurationError: there is no such backend.
        NotFoundError: there is no such collection.
        CollectionBusyError: another process writes to it.
        CollectionError: it is in that backend already, vectors are missing, or the copy answers otherwise.
        BackendError, StorageError: of the backend.
    """
    check_backend(backend)
    existing_home(name, settings)
    tell = on_progress or (lambda *_: None)
    with Writer.open(name, settings.model_copy(update={"vector_backend": backend})) as writer:
        before = _check(writer, backend)
        served, made = writer.move()
        copying = _Copying(served, made, tell)
        sample = draw(served.catalog, copying.identity)
        copied = copying.run(sample)
        tell("compare", 0, 0)
        compared = compare(served, made, sample, thorough=thorough)
        compared.check(name, backend)
        writer.moved()
        kept = served.home.calibration(served.generation)
        if kept is not None:
            made.home.calibrate(made.generation, kept)
        writer.switch()
        return Migrated(before, backend, compared.chunks, copied, compared)


def _check(writer: Writer, backend: str) -> str:
    """Where the collection is now."""
    before = writer.backend
    if before is None:
        raise CollectionError(
            f"The collection {writer.name!r} holds nothing yet. Set DOCENT_VECTOR_BACKEND={backend} and "
            f"fill it: python -m ingest PATH --collection {writer.name}"
        )
    if before == backend:
        raise CollectionError(
            f"The collection {writer.name!r} is in {backend} already. To look whether all is well there: "
            f"docent migrate --verify --collection {writer.name}"
        )
    return before


class _Copying:
    """Attributes: `identity`, the key of the embedding model."""

    def __init__(self, served: Store, made: Store, tell: OnProgress) -> None:
        known = made.embedding or {}
        self.identity, self._dimension = str(known["key"]), int(known["dimension"])
        self._served, self._made = served, made
        self._tell = tell
        self._catalog = made.catalog
        self._place = made.place
        self._wanted = self._catalog.chunks.ids()

    def run(self, sample: Sample) -> int:
        """Fill both indexes; returns how many vectors were written."""
        with ThreadPoolExecutor(1, "docent-words") as other:
            words = other.submit(self._copy_words)
            copied = self._copy_vectors(sample)
            self._tell("words", 0, 0)
            words.result()
        return copied

    def _copy_vectors(self, sample: Sample) -> int:
        with closing(open_index(str(self._made.backend), self._place, self._dimension)) as index:
            held = index.ids()
            if stale := held - self._wanted:
                index.delete(sorted(stale))
            copied, done = 0, 0
            parts = _ahead(self._catalog.vectors.in_order(self.identity, _VECTORS_AT_ONCE))
            for ids, vectors, metadata in parts:
                sample.look(ids, vectors)
                new = [n for n, id_ in enumerate(ids) if id_ not in held]
                if new:
                    index.upsert([ids[n] for n in new], vectors[new], [metadata[n] for n in new])
                copied, done = copied + len(new), done + len(ids)
                self._tell("vectors", done, len(self._wanted))
            _settle(index)
        if done < len(self._wanted):
            raise CollectionError(
                f"The vectors of {len(self._wanted) - done} chunks are not cached. Make them: "
                f"python -m ingest --rebuild --collection {self._made.name}"
            )
        return copied

    def _copy_words(self) -> None:
        """As they are, where both are folders of the same kind; else the text is cut into tokens anew."""
        kind = self._made.keywords
        if kind == self._served.keywords == EMBEDDED and keyword_class(kind).exists(self._served.place):
            _copy_folder(self._served.place, self._place)
            return
        with closing(open_keywords(kind, self._place)) as index:
            held = index.ids()
            if stale := held - self._wanted:
                index.delete(sorted(stale))
            for part in batches(sorted(self._wanted - held), _TEXTS_AT_ONCE):
                entries = self._catalog.chunks.entries(part)
                index.upsert(
                    [entry.id for entry in entries],
                    [entry.text for entry in entries],
                    [entry.metadata for entry in entries],
                    [[cut.text for cut in entry.beside] for entry in entries],
                )


def _settle(index: VectorIndex) -> None:
    if isinstance(index, Settling):
        index.settle()


def _copy_folder(source: Place, target: Place) -> None:
    """Whoever reads goes on; nobody writes, for the lock of the collection is held here."""
    from vectorstore.keywords.tantivy import FOLDER

    shutil.rmtree(target.folder / FOLDER, ignore_errors=True)
    shutil.copytree(
        source.folder / FOLDER, target.folder / FOLDER, ignore=shutil.ignore_patterns(".*.lock", "*.lock")
    )


def _ahead(items: Iterator[T]) -> Iterator[T]:
    """The same, each one made while the one before is used."""
    with ThreadPoolExecutor(1, "docent-read") as reader:
        coming = reader.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = reader.submit(next, items, None)
            yield item


def verify(name: str, settings: Settings, *, on_progress: OnProgress | None = None) -> Compared:
    """Hold what serves against the catalogue: counts, ids, every vector, and sample searches.

    Raises:
        NotFoundError: there is no such collection.
        CollectionError: it holds nothing yet.
    """
    from ingest.collection.store import Store

    tell = on_progress or (lambda *_: None)
    with closing(Store(existing_home(name, settings))) as store:
        if store.embedding is None:
            raise CollectionError(
                f"The collection {name!r} holds nothing yet. Fill it: "
                f"python -m ingest PATH --collection {name}"
            )
        key = str(store.embedding["key"])
        sample = draw(store.catalog, key)
        total, done = store.catalog.counts()[1], 0
        for ids, vectors, _ in store.catalog.vectors.in_order(key, _VECTORS_AT_ONCE):
            sample.look(ids, vectors)
            done += len(ids)
            tell("vectors", done, total)
        return compare(None, store, sample, thorough=True)
