"""A collection: a folder with a catalogue, a vector index, a keyword index and a lock for its writer."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import TYPE_CHECKING, Self

from app.errors import (
    CollectionBusyError,
    CollectionDamagedError,
    CollectionError,
    EmbeddingMismatchError,
    NotFoundError,
    StorageError,
)
from app.schemas import Chunk, FileInfo
from ingest.catalog import INDEX_FIELDS, Catalog, FileContent, FileRecord
from ingest.fit import SAMPLE, unread_share
from ingest.indexes import Fill, Indexes
from vectorstore.base import Filter, Scored, Vectors

if TYPE_CHECKING:
    from filelock import FileLock

    from app.config import Settings
    from vectorstore.embeddings.base import EmbeddingIdentity, EmbeddingModel

CATALOG = "catalog.sqlite"
_LOCK = "lock"
_WRITER = "writer.pid"
_REBUILD = "python -m ingest --rebuild"


def collections_dir(data_dir: Path) -> Path:
    return data_dir / "collections"


def list_collections(data_dir: Path) -> list[str]:
    """The names of all collections, sorted."""
    return sorted(path.parent.name for path in collections_dir(data_dir).glob(f"*/{CATALOG}"))


class Collection:
    """Chunks that can be searched by vector and by word; see `Collection.open`; closed by `close` or `with`.

    Open for reading, it may be shared by many threads and goes on while another process writes; `refresh`
    shows what was written since. A search may name a chunk that was just replaced: `chunks` leaves it out.
    """

    def __init__(
        self, name: str, folder: Path, settings: Settings, catalog: Catalog, lock: FileLock | None
    ) -> None:
        self.name = name
        self.folder = folder
        self.catalog = catalog
        self._settings = settings
        self._writer_lock = lock
        self._state = RLock()
        self._meta: dict[str, str] = {}
        self._indexes: Indexes | None = None
        self._load()

    @classmethod
    def open(
        cls, name: str, settings: Settings, model: EmbeddingModel | None = None, *, write: bool = False
    ) -> Self:
        """Open a collection; with `write`, make it if it is not there, and keep other writers out.

        Args:
            model: checked against the vectors; None loads one only if `settings` name another than the index.

        Raises:
            NotFoundError: nothing was indexed under this name.
            CollectionBusyError: another process writes to it.
            EmbeddingMismatchError: it holds vectors of another model.
            CollectionError: it was made for another vector backend.
            StorageError: the folder cannot be made or used.
        """
        folder = collections_dir(settings.data_dir).resolve() / name
        if write:
            return cls._open_to_write(name, folder, settings)
        if not (folder / CATALOG).is_file():
            raise NotFoundError(
                f"There is no collection {name!r} in {settings.data_dir}. Make it with: "
                f"python -m ingest PATH --collection {name}",
                collection=name,
            )
        collection = cls(name, folder, settings, Catalog(folder / CATALOG), None)
        try:
            collection._check_settings(model)
        except BaseException:
            collection.close()
            raise
        return collection

    @classmethod
    def _open_to_write(cls, name: str, folder: Path, settings: Settings) -> Self:
        lock = _acquire(name, folder)
        try:
            return cls(name, folder, settings, Catalog(folder / CATALOG, write=True), lock)
        except BaseException:
            _release(lock, folder)
            raise

    def close(self) -> None:
        """Release files and the writer's lock. May be called twice."""
        with self._state:
            if self._indexes is not None:
                self._indexes.close()
            self.catalog.close()
            if self._writer_lock is not None:
                _release(self._writer_lock, self.folder)
                self._writer_lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- reading --------------------------------------------------------------------------------------

    def dense(self, vector: Vectors, k: int, where: Filter | None = None) -> list[Scored]:
        """The k nearest chunks by cosine, best first.

        Args:
            where: may name `file_id`, `source`, `document_id` and `page`.

        Raises:
            CollectionBusyError: the index is just being made.
        """
        with self._explained(where):
            return self._indexes.dense(vector, k, where) if self._indexes else []

    def keyword(self, text: str, k: int, where: Filter | None = None) -> list[Scored]:
        """The k best chunks by BM25, best first; filters and errors as in `dense`."""
        with self._explained(where):
            return self._indexes.keyword(text, k, where) if self._indexes else []

    def weights(self, text: str) -> dict[str, float]:
        """The query's terms and what each is worth; see `KeywordIndex.weights`."""
        with self._explained(None):
            return self._indexes.weights(text) if self._indexes else {}

    def matched(self, text: str, chunk_text: str) -> tuple[str, ...]:
        """The terms of the query `text` that `chunk_text` contains."""
        return self._indexes.matched(text, chunk_text) if self._indexes else ()

    def chunks(self, ids: Sequence[str]) -> dict[str, Chunk]:
        """The chunks with these ids; those that are gone are left out."""
        return self.catalog.chunks.get(ids)

    def neighbours(self, chunk: Chunk, before: int, after: int) -> list[Chunk]:
        """What stands around `chunk` in its document, itself included, in reading order."""
        return self.catalog.chunks.between(chunk.document_id, chunk.ordinal - before, chunk.ordinal + after)

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """The vectors of these chunks, of length 1; those that are gone are left out."""
        known = self.embedding
        return self.catalog.vectors.of_chunks(ids, str(known["key"])) if known else {}

    def files(self) -> list[FileInfo]:
        return self.catalog.files.infos()

    def records(self) -> list[FileRecord]:
        """The files as they were found: what filters by name, folder, type and date look at."""
        return self.catalog.files.all()

    def document_names(self) -> list[tuple[str, str, str | None]]:
        """Id, title and record's id of every document."""
        return self.catalog.documents.names()

    def check_filled(self) -> None:
        """Make sure that an empty collection is not one that is only just being filled.

        Raises:
            CollectionBusyError: its first run has not stored anything yet.
        """
        if self.counts()[1] == 0 and self._is_being_written():
            raise self._being_made()

    def headings(self, limit: int) -> list[str]:
        """Different headings of a sample of the documents: what one could ask about."""
        return self.catalog.chunks.headings(limit)

    def counts(self) -> tuple[int, int]:
        """How many documents and chunks are held."""
        return self.catalog.counts()

    def refresh(self) -> None:
        """Show what was written since the collection was opened or last refreshed; cheap when nothing was.

        Raises:
            EmbeddingMismatchError, CollectionError: it was rebuilt with other settings than these.
        """
        with self._state:
            if str(self.catalog.generation()) != self._meta.get("generation", "0"):
                self._load()
                self._check_settings(None)

    def check_model(self, model: EmbeddingModel) -> None:
        """Make sure that the vectors are of this model.

        Raises:
            EmbeddingMismatchError: they are of another; the message names both and the command that mends it.
        """
        known = self.embedding
        if known is not None and known["key"] != model.identity.key:
            raise _mismatch(self.name, str(known["label"]), str(model.identity))

    @property
    def embedding_renamed(self) -> bool:
        """Whether the settings name another embedding model than was used; it may be the same one."""
        name = self._meta.get("embedding_name")
        return name is not None and name != self._settings.embedding_model

    @property
    def embedding(self) -> dict[str, str | int] | None:
        """Identity of the embedding model: `key`, `label`, `dimension`, …; None before the first chunk."""
        value = self._meta.get("embedding")
        return json.loads(value) if value else None

    @property
    def unread(self) -> float | None:
        """The share of the text that the embedding model cannot read; None where it was never measured."""
        value = self.catalog.meta().get("unread")
        return float(value) if value else None

    # -- writing (only when opened with `write`) ------------------------------------------------------

    def delete_files(self, ids: Sequence[str]) -> int:
        """Remove files with all their chunks from catalogue and indexes; returns how many there were.

        Called on a collection that is open for reading, it becomes the writer for that moment.

        Raises:
            CollectionBusyError: another process writes to it.
        """
        if self._writer_lock is None:
            with self._state:
                if self._indexes is not None:
                    self._indexes.close()
                with Collection.open(self.name, self._settings, write=True) as writer:
                    count = writer.delete_files(ids)
                    writer.finish()
            self.refresh()
            return count
        known = {record.id for record in self.catalog.files.all()} & set(ids)
        chunk_ids = sorted(self.catalog.chunks.ids(known))
        self._mark_dirty()
        self.catalog.files.delete(sorted(known))
        if self._indexes is not None:
            self._indexes.delete(chunk_ids)
        return len(known)

    def save(self, contents: Sequence[FileContent]) -> None:
        """Write files whose vectors are cached: pending, then vectors, then keywords, then indexed."""
        indexes = self._require_indexes()
        self._mark_dirty()
        old = self.catalog.chunks.ids(content.file.id for content in contents)
        indexes.upsert(entry for content in contents for entry in content.entries())
        self.catalog.documents.save(contents)
        new = {chunk.id for content in contents for chunk in content.chunks()}
        indexes.delete(sorted(old - new))

    def mark(self, records: Sequence[FileRecord]) -> None:
        """Save the rows of files, such as pending or failed ones, without touching what they hold."""
        if records:
            self.catalog.files.save(records)

    def use_model(self, identity: EmbeddingIdentity) -> None:
        """Note whose vectors these are, and open the indexes for them."""
        value = json.dumps(asdict(identity) | {"key": identity.key, "label": str(identity)})
        if self._meta.get("embedding") == value and not self.embedding_renamed:
            return
        new = {"embedding": value, "embedding_name": self._settings.embedding_model}
        if self.embedding is None:
            new["fields"] = INDEX_FIELDS
        self.catalog.set_meta(**{"backend": self._settings.vector_backend} | self._meta | new)
        self._load()

    def start_over(self, identity: EmbeddingIdentity) -> None:
        """Turn to another embedding model: every file is to be cut and embedded anew."""
        self._mark_dirty()
        self.catalog.files.forget_recipes()
        if self._indexes is not None:
            self._indexes.wipe()
        self.catalog.set_meta(backend=self._settings.vector_backend, fields=INDEX_FIELDS)
        self._meta["fields"] = INDEX_FIELDS
        self.use_model(identity)

    def needs_healing(self) -> bool:
        """Whether a run was interrupted, an index is gone, or another backend is wanted than was used."""
        if self._indexes is None:
            return False
        outdated = self._foreign_backend() or self._lacks_fields()
        return self.is_dirty or not self._indexes.exist() or outdated

    def heal(self, fill: Fill, *, anew: bool = False) -> None:
        """Make the indexes equal to the catalogue; `anew` throws away what they hold.

        Args:
            fill: sees to it that the vectors of entries are cached.
        """
        indexes = self._require_indexes()
        self._mark_dirty()
        if self._foreign_backend() or self._lacks_fields():
            anew = True
        if anew:
            indexes.wipe()
            self.catalog.set_meta(backend=self._settings.vector_backend, fields=INDEX_FIELDS)
            self._meta["fields"] = INDEX_FIELDS
        current = [record.id for record in self.catalog.files.all() if record.recipe]
        indexes.heal(self.catalog.chunks.ids(current), fill)
        self.catalog.bump()

    def measure_fit(self, model: EmbeddingModel) -> None:
        """Note how much of the text the model cannot read."""
        share = unread_share(self.catalog.chunks.sample_texts(SAMPLE), model)
        self.catalog.set_meta(unread=f"{share:.3f}")

    def finish(self) -> None:
        """End a run: indexes and catalogue agree, and vectors that nobody needs are forgotten."""
        self.catalog.vectors.prune()
        if self.is_dirty:
            self.catalog.set_meta(dirty="0")
            self._meta["dirty"] = "0"

    @property
    def is_dirty(self) -> bool:
        return self._meta.get("dirty") == "1"

    def _mark_dirty(self) -> None:
        if not self.is_dirty:
            self.catalog.set_meta(dirty="1")
            self._meta["dirty"] = "1"

    def _foreign_backend(self) -> bool:
        return self._meta.get("backend") != self._settings.vector_backend

    def _lacks_fields(self) -> bool:
        return self._meta.get("fields") != INDEX_FIELDS

    @contextmanager
    def _explained(self, where: Filter | None) -> Iterator[None]:
        """An index that is not there may be under way; one of an older version has fewer fields."""
        if where and self._lacks_fields() and self._indexes is not None:
            raise CollectionError(
                f"The collection {self.name!r} was indexed by an earlier version, which kept less to filter "
                f"by. Make its indexes anew from the vectors that are kept: {_REBUILD} "
                f"--collection {self.name}",
                collection=self.name,
            )
        try:
            yield
        except (CollectionDamagedError, StorageError) as error:
            if self._is_being_written():
                raise self._being_made() from error
            raise

    def _is_being_written(self) -> bool:
        """Whether another process or object holds the writer's lock at this moment."""
        from filelock import FileLock, Timeout

        if self._writer_lock is not None or not (self.folder / _WRITER).is_file():
            return False
        try:
            with FileLock(self.folder / _LOCK, thread_local=False).acquire(timeout=0):
                return False
        except (Timeout, OSError):
            return True

    def _being_made(self) -> CollectionBusyError:
        return CollectionBusyError(
            f"The collection {self.name!r} is just being indexed ({_writer(self.folder)}) and cannot be "
            "searched yet. Try again when that has finished.",
            collection=self.name,
        )

    def _require_indexes(self) -> Indexes:
        if self._indexes is None:
            raise CollectionError(
                f"The collection {self.name!r} has no embedding model yet: call use_model first."
            )
        return self._indexes

    # -- state ----------------------------------------------------------------------------------------

    def _load(self) -> None:
        """Take the catalogue's word for everything; the indexes are opened anew when they are next used.

        Threads that search meanwhile keep the same `Indexes`, so that nothing stays open behind their backs.
        """
        with self._state:
            before, self._meta = self._meta, self.catalog.meta()
            if self._indexes is not None:
                self._indexes.close()
            known = self.embedding
            if known is not None and (
                self._indexes is None or before["embedding"] != self._meta["embedding"]
            ):
                self._indexes = Indexes(
                    self.folder,
                    self.catalog,
                    self._settings.vector_backend,
                    str(known["key"]),
                    int(known["dimension"]),
                    write=self._writer_lock is not None,
                )

    def _check_settings(self, model: EmbeddingModel | None) -> None:
        if self._indexes is None:
            return
        if model is not None:
            self.check_model(model)
        elif self.embedding_renamed:
            from vectorstore.embeddings import load_embedding_model

            self.check_model(load_embedding_model(self._settings))
        if self._foreign_backend():
            backend = self._meta.get("backend")
            raise CollectionError(
                f"The collection {self.name!r} was indexed for DOCENT_VECTOR_BACKEND={backend}; "
                f"now that is {self._settings.vector_backend}. Set it back, or make the other index from the "
                f"vectors that are kept: {_REBUILD} --collection {self.name}",
                collection=self.name,
            )


def _mismatch(name: str, known: str, wanted: str) -> EmbeddingMismatchError:
    return EmbeddingMismatchError(
        f"The collection {name!r} holds vectors of {known}, but DOCENT_EMBEDDING_MODEL is now {wanted}. "
        f"Set it back, or embed everything anew: {_REBUILD} --collection {name}",
        collection=name,
        known=known,
        wanted=wanted,
    )


def _acquire(name: str, folder: Path) -> FileLock:
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / _LOCK, thread_local=False)
        lock.acquire(timeout=0)
        (folder / _WRITER).write_text(str(os.getpid()), encoding="ascii")
    except Timeout:
        raise CollectionBusyError(
            f"Another process ({_writer(folder)}) is writing to the collection {name!r}. "
            "Wait until it is done, or stop it, and start again.",
            collection=name,
        ) from None
    except OSError as error:
        raise StorageError(
            f"The folder {folder} cannot be written ({error.strerror or error}). Free space on the disk, "
            "give this user the right to write, or set DOCENT_DATA_DIR to another folder."
        ) from error
    return lock


def _writer(folder: Path) -> str:
    try:
        return f"pid {int((folder / _WRITER).read_text(encoding='ascii'))}"
    except (OSError, ValueError):
        return "pid unknown"


def _release(lock: FileLock, folder: Path) -> None:
    (folder / _WRITER).unlink(missing_ok=True)
    lock.release()
