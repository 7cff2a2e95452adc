"""What is open of a collection: its catalogue, its indexes, and what was noted of it as a whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

from app.errors import CollectionError, EmbeddingMismatchError
from ingest.catalog import INDEX_FIELDS, Catalog
from ingest.collection.folder import catalog_path
from ingest.indexes import Indexes

if TYPE_CHECKING:
    from app.config import Settings
    from vectorstore.embeddings.base import EmbeddingIdentity, EmbeddingModel

T = TypeVar("T")

REBUILD = "python -m ingest --rebuild"


class Store:
    """What reading and writing share.

    Attributes:
        indexes: None before the first embedding model was used.
        guard: held while `indexes` are closed and others take their place.
    """

    def __init__(self, name: str, settings: Settings, *, write: bool = False) -> None:
        path = catalog_path(settings.data_dir, name)
        self.name = name
        self.folder: Path = path.parent
        self.settings = settings
        self.catalog = Catalog(path, write=write)
        self.indexes: Indexes | None = None
        self.guard = RLock()
        self._write = write
        self._noted: dict[str, str] = {}
        self._kept: dict[str, Any] = {}
        try:
            self.load()
        except BaseException:
            self.catalog.close()
            raise

    def load(self) -> None:
        """Take the catalogue's word for everything; the indexes are opened anew when they are next used.

        Threads that search meanwhile keep the same `Indexes`, so that nothing stays open behind their backs.
        """
        with self.guard:
            self._noted = self.catalog.meta()
            self._kept = {}
            self.close_indexes()
            known = self.embedding
            if known is not None and (self.indexes is None or self.indexes.identity != known["key"]):
                self.indexes = Indexes(
                    self.folder,
                    self.catalog,
                    self.settings.vector_backend,
                    str(known["key"]),
                    int(known["dimension"]),
                    write=self._write,
                )

    def refresh(self) -> bool:
        """Load again if something was written since; whether that was so."""
        with self.guard:
            moved = str(self.catalog.generation()) != self._noted.get("generation", "0")
            if moved:
                self.load()
            return moved

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What `make` reads of the whole catalogue, kept until it is loaded again."""
        kept = self._kept
        if name not in kept:
            kept[name] = make()
        found: T = kept[name]
        return found

    def note(self, **values: str) -> None:
        """Keep values that stand for the whole collection."""
        self.catalog.set_meta(**values)
        self._noted |= values

    def close_indexes(self) -> None:
        if self.indexes is not None:
            self.indexes.close()

    def close(self) -> None:
        """May be called twice."""
        with self.guard:
            self.close_indexes()
            self.catalog.close()

    # -- what was noted -------------------------------------------------------------------------------

    @property
    def embedding(self) -> dict[str, str | int] | None:
        """Identity of the embedding model: `key`, `label`, `dimension`, …; None before the first chunk."""
        value = self._noted.get("embedding")
        return json.loads(value) if value else None

    @property
    def embedding_renamed(self) -> bool:
        """Whether the settings name another embedding model than was used; it may be the same one."""
        name = self._noted.get("embedding_name")
        return name is not None and name != self.settings.embedding_model

    @property
    def unread(self) -> float | None:
        """The share of the text that the embedding model cannot read; None where it was never measured."""
        value = self.catalog.meta().get("unread")
        return float(value) if value else None

    @property
    def backend(self) -> str | None:
        """The vector backend that the index was made for."""
        return self._noted.get("backend")

    @property
    def lacks_fields(self) -> bool:
        """Whether the indexes are of an earlier version, with less to filter by."""
        return self._noted.get("fields") != INDEX_FIELDS

    @property
    def is_dirty(self) -> bool:
        """Whether a run that wrote has not come to its end."""
        return self._noted.get("dirty") == "1"

    # -- whether it fits ------------------------------------------------------------------------------

    def check_identity(self, identity: EmbeddingIdentity) -> None:
        """Make sure that the vectors are of this embedding model.

        Raises:
            EmbeddingMismatchError: they are of another; the message names both and the command that mends it.
        """
        known = self.embedding
        if known is None or known["key"] == identity.key:
            return
        label, wanted = str(known["label"]), str(identity)
        raise EmbeddingMismatchError(
            f"The collection {self.name!r} holds vectors of {label}, but DOCENT_EMBEDDING_MODEL is now "
            f"{wanted}. Set it back, or embed everything anew: {REBUILD} --collection {self.name}",
            collection=self.name,
            known=label,
            wanted=wanted,
        )

    def check_settings(self, model: EmbeddingModel | None = None) -> None:
        """Make sure that it can be searched with these settings.

        Args:
            model: None loads one only if the settings name another than was used.

        Raises:
            EmbeddingMismatchError, CollectionError: it was made with others.
        """
        if self.indexes is None:
            return
        if model is not None:
            self.check_identity(model.identity)
        elif self.embedding_renamed:
            from vectorstore.embeddings import load_embedding_model

            self.check_identity(load_embedding_model(self.settings).identity)
        if self.backend != self.settings.vector_backend:
            raise CollectionError(
                f"The collection {self.name!r} was indexed for DOCENT_VECTOR_BACKEND={self.backend}; "
                f"now that is {self.settings.vector_backend}. Set it back, or make the other index from the "
                f"vectors that are kept: {REBUILD} --collection {self.name}",
                collection=self.name,
            )
