"""What is open of a collection's generation: its catalogue, its indexes, and what was noted of all of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

from app.errors import EmbeddingMismatchError
from ingest.catalog import INDEX_FIELDS
from ingest.collection.home import Home
from ingest.indexes import Indexes
from vectorstore.base import Place
from vectorstore.keywords import EMBEDDED

if TYPE_CHECKING:
    from app.config import Settings
    from vectorstore.embeddings.base import EmbeddingIdentity

T = TypeVar("T")

REBUILD = "python -m ingest --rebuild"


class Store:
    """What reading and writing share.

    Args:
        generation: its name; None for the one that serves.

    Attributes:
        home: the collection's.
        generation: that is open.
        indexes: None before the first embedding model was used.
        guard: held while `indexes` are closed and others take their place.
    """

    def __init__(self, home: Home, *, write: bool = False, generation: str | None = None) -> None:
        self.home = home
        self.generation = home.generations().current if generation is None else generation
        self.catalog = home.catalog(self.generation, write=write)
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

    @property
    def name(self) -> str:
        return self.home.name

    @property
    def settings(self) -> Settings:
        return self.home.settings

    @property
    def folder(self) -> Path:
        """Where embedded indexes lie."""
        return self.home.folder(self.generation)

    @property
    def place(self) -> Place:
        return Place(self.folder, self._noted.get("place", ""), self.settings)

    def load(self) -> None:
        """Take the catalogue's word for everything; the indexes are opened anew when they are next used.

        Threads that search meanwhile keep the same `Indexes`, so that nothing stays open behind their backs.
        """
        with self.guard:
            self._noted = self.catalog.meta()
            self._kept = {}
            self.close_indexes()
            known = self.embedding
            if known is not None and self.indexes is None:
                self.indexes = Indexes(
                    self.place,
                    self.catalog,
                    self.backend or self.settings.vector_backend,
                    self.keywords,
                    str(known["key"]),
                    int(known["dimension"]),
                    write=self._write,
                )

    def refresh(self) -> bool:
        """Load again if something was written since; whether that was so."""
        with self.guard:
            if (generation := self.home.generations().current) != self.generation:
                self._follow(generation)
            moved = str(self.catalog.generation()) != self._noted.get("generation", "0")
            if moved:
                self.load()
            return moved

    def _follow(self, generation: str) -> None:
        """Go on with another generation if its vectors are of the same model: questions under way fit it."""
        catalog = self.home.catalog(generation)
        theirs, own = catalog.meta().get("embedding"), self.embedding
        if theirs is None or own is None or json.loads(theirs)["key"] != own["key"]:
            catalog.close()
            return
        self.close()
        self.catalog, self.generation, self.indexes = catalog, generation, None
        self.load()

    @property
    def is_current(self) -> bool:
        """Whether no other generation has taken its place."""
        return self.home.generations().current == self.generation

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
    def embedding_name(self) -> str:
        """What DOCENT_EMBEDDING_MODEL was when the vectors were made; "" before the first chunk."""
        return self._noted.get("embedding_name", "")

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
    def keywords(self) -> str:
        """The keyword index that was made; before there was a choice, the embedded one."""
        return self._noted.get("keywords", EMBEDDED)

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
            f"{wanted}. Set it back, or embed everything anew, while the old vectors go on serving: "
            f"{REBUILD} --collection {self.name}",
            collection=self.name,
            known=label,
            wanted=wanted,
        )
