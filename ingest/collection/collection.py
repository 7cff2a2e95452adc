"""`Collection`: chunks that can be searched by vector and by word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

from app.errors import (
    CollectionBusyError,
    CollectionDamagedError,
    CollectionError,
    DocentError,
    StorageError,
)
from app.schemas import Calibration, Chunk, FileInfo, FileVersion
from ingest.catalog import Catalog, DocumentName, DocumentState, FileRecord
from ingest.collection.home import existing_home
from ingest.collection.store import REBUILD, Store
from ingest.collection.writer import Writer
from vectorstore.base import Filter, Place, Scored, Vectors
from vectorstore.keywords.fields import matched

if TYPE_CHECKING:
    from pathlib import Path

    from app.config import Settings
    from vectorstore.embeddings.base import EmbeddingModel


class Collection:
    """A collection that is open for reading; see `Collection.open`; closed by `close` or `with`.

    It may be shared by many threads and goes on while another process writes; `refresh` shows what was
    written since. A search may name a chunk that was just replaced: `chunks` leaves it out.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    @classmethod
    def open(cls, name: str, settings: Settings, model: EmbeddingModel | None = None) -> Self:
        """Open a collection that was indexed before; `Writer.open` makes one.

        It serves what was indexed, with the vector backend and the vectors of that time, whatever `settings`
        say now: see `embedding` and `backend`.

        Args:
            model: checked against the vectors.

        Raises:
            NotFoundError: nothing was indexed under this name.
            EmbeddingMismatchError: it holds vectors of another model than the given one.
        """
        store = Store(existing_home(name, settings))
        try:
            if model is not None:
                store.check_identity(model.identity)
        except BaseException:
            store.close()
            raise
        return cls(store)

    def close(self) -> None:
        """Release files. May be called twice."""
        self._store.close()

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
    def folder(self) -> Path:
        """Where embedded indexes of the generation lie that is open."""
        return self._store.folder

    @property
    def place(self) -> Place:
        """Where the indexes of the generation live that is open."""
        return self._store.place

    @property
    def catalog(self) -> Catalog:
        return self._store.catalog

    # -- searching ------------------------------------------------------------------------------------

    def dense(self, vector: Vectors, k: int, where: Filter | None = None) -> list[Scored]:
        """The k nearest chunks by cosine, best first.

        Args:
            where: may name `file_id`, `source`, `document_id`, `page`, and `heading` (see `heading_paths`).

        Raises:
            CollectionBusyError: the index is just being made.
        """
        indexes = self._store.indexes
        with self._explained(where):
            return indexes.dense(vector, k, where) if indexes else []

    def keyword(self, text: str, k: int, where: Filter | None = None) -> list[Scored]:
        """The k best chunks by BM25, best first; filters and errors as in `dense`."""
        indexes = self._store.indexes
        with self._explained(where):
            return indexes.keyword(text, k, where) if indexes else []

    def weights(self, text: str) -> dict[str, float]:
        """The query's terms and what each is worth; see `KeywordIndex.weights`."""
        indexes = self._store.indexes
        with self._explained(None):
            return indexes.weights(text) if indexes else {}

    def matched(self, text: str, chunk_text: str) -> tuple[str, ...]:
        """The terms of the query `text` that `chunk_text` contains."""
        return matched(text, chunk_text)

    def check_filled(self) -> None:
        """Make sure that an empty collection is not one that is only just being filled.

        Raises:
            CollectionBusyError: its first run has not stored anything yet.
        """
        if self.counts()[1] == 0 and (writer := self._store.home.writer()):
            raise self._being_made(writer)

    @contextmanager
    def _explained(self, where: Filter | None) -> Iterator[None]:
        """An index that is not there may be under way; one of an older version has fewer fields."""
        if where and self._store.lacks_fields and self._store.indexes is not None:
            raise CollectionError(
                f"The collection {self.name!r} was indexed by an earlier version, which kept less to filter "
                f"by. Make its indexes anew from the vectors that are kept: {REBUILD} "
                f"--collection {self.name}",
                collection=self.name,
            )
        try:
            yield
        except (CollectionDamagedError, StorageError) as error:
            if writer := self._writer():
                raise self._being_made(writer) from error
            raise

    def _writer(self) -> str | None:
        """Who writes, where that can be asked."""
        try:
            return self._store.home.writer()
        except DocentError:
            return None

    def _being_made(self, writer: str) -> CollectionBusyError:
        return CollectionBusyError(
            f"The collection {self.name!r} is just being indexed ({writer}) and cannot be searched yet. "
            "Try again when that has finished.",
            collection=self.name,
        )

    # -- looking up -----------------------------------------------------------------------------------

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
        return self._store.once("records", self.catalog.files.all)

    def document_names(self) -> list[DocumentName]:
        """What every document is called and dated, and its file."""
        return self._store.once("names", self.catalog.documents.names)

    def document_states(self) -> list[DocumentState]:
        """All documents in the order of their files, each with a hash of what it holds."""
        return self._store.once("states", self.catalog.documents.states)

    def document_chunks(self, ids: Sequence[str]) -> dict[str, list[Chunk]]:
        """Document -> its chunks, in reading order; documents that are gone are left out."""
        return self.catalog.chunks.of_documents(ids)

    def fields(self) -> Mapping[str, Mapping[str, int]]:
        """What documents say of themselves, to filter by.

        Returns:
            Names (author, tags, …) -> their values, the most frequent first, with how many documents have
            each. Read once, then kept until `refresh` shows something new.
        """
        return self._store.once("fields", self.catalog.documents.fields)

    def documents_with(self, field: str, values: Sequence[str]) -> list[str]:
        """Ids of the documents that have one of these values of this field."""
        return self.catalog.documents.ids_tagged(field, values)

    def heading_paths(self) -> Sequence[str]:
        """All different paths of headings, each as a filter by `heading` takes it: a JSON list."""
        return self._store.once("headings", self.catalog.chunks.heading_paths)

    def versions(self, file_id: str) -> list[FileVersion]:
        """What a file was each time that it was indexed with another content, the newest first."""
        return self.catalog.files.versions(file_id)

    def openings(self, count: int, each: int, file_ids: Sequence[str] = ()) -> list[Chunk]:
        """The first `each` chunks of `count` documents, always the same ones; of these files, or of any."""
        return self.catalog.chunks.openings(count, each, file_ids)

    def headings(self, limit: int) -> list[str]:
        """Different headings of a sample of the documents: what one could ask about."""
        return self.catalog.chunks.headings(limit)

    def counts(self) -> tuple[int, int]:
        """How many documents and chunks are held."""
        return self.catalog.counts()

    @property
    def embedding(self) -> dict[str, str | int] | None:
        """Identity of the embedding model: `key`, `label`, `dimension`, …; None before the first chunk."""
        return self._store.embedding

    @property
    def embedding_name(self) -> str:
        """What DOCENT_EMBEDDING_MODEL was when the vectors were made; "" before the first chunk."""
        return self._store.embedding_name

    @property
    def backend(self) -> str | None:
        """The vector backend that the index was made for; None before the first chunk."""
        return self._store.backend

    @property
    def unread(self) -> float | None:
        """The share of the text that the embedding model cannot read; None where it was never measured."""
        return self._store.unread

    # -- what is worth an answer ----------------------------------------------------------------------

    @property
    def generation(self) -> int:
        """A number that moves whenever chunks change."""
        return self.catalog.generation()

    def sample(self, limit: int) -> list[Chunk]:
        """Some chunks, always the same ones of the same collection."""
        return self.catalog.chunks.sample(limit)

    def calibration(self) -> Calibration | None:
        """What `keep_calibration` kept last, perhaps of an earlier state; None where there is nothing."""
        return self._store.home.calibration(self._store.generation)

    def keep_calibration(self, measured: Calibration) -> None:
        """Keep this beside the indexes; it needs no lock, and is left out where nothing may be written."""
        self._store.home.calibrate(self._store.generation, measured)

    # -- keeping up -----------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show what was written since the collection was opened or last refreshed; cheap when nothing was.

        Vectors of another model than those it was opened with are not taken up: it goes on with what it has,
        and `is_current` is False from then on.
        """
        self._store.refresh()

    @property
    def is_current(self) -> bool:
        """False when it was rebuilt for another embedding model meanwhile; open it anew to see that."""
        return self._store.is_current

    def check_model(self, model: EmbeddingModel) -> None:
        """Make sure that the vectors are of this model.

        Raises:
            EmbeddingMismatchError: they are of another; the message names both and the command that mends it.
        """
        self._store.check_identity(model.identity)

    def delete_files(self, ids: Sequence[str]) -> int:
        """Remove files with all their chunks, as the writer for that moment; returns how many there were.

        Raises:
            CollectionBusyError: another process writes to it.
        """
        with self._store.guard:
            self._store.close_indexes()
            with Writer.open(self.name, self._store.settings) as writing:
                count = writing.delete_files(ids)
                writing.finish()
        self.refresh()
        return count
