"""Where a collection is at home: in a folder of files, or in PostgreSQL; everything else asks its `Home`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from app.errors import NotFoundError
from app.schemas import Calibration
from ingest.catalog import Catalog
from ingest.collection.generations import Generations

if TYPE_CHECKING:
    from app.config import Settings


class Lock(Protocol):
    """The right to write to a collection, held from its making to `release`, or the end of the process."""

    def check(self) -> None:
        """Make sure that it is still held, before what is written becomes final.

        Raises:
            BackendUnavailableError: it was lost with the connection; another process may write by now.
        """
        ...

    def release(self) -> None:
        """May be called twice."""
        ...


class Home(Protocol):
    """Where one collection is kept; cheap to make, and nothing is open in it.

    Raises (every method):
        StorageError: the disk is full or may not be used.
        BackendError: the server cannot be reached, or refuses.

    Attributes:
        name: of the collection.
        where: all collections are, for messages.
    """

    name: str
    settings: Settings
    where: str

    def exists(self) -> bool:
        """Whether the collection was begun."""
        ...

    def lock(self) -> Lock:
        """Keep other writers out; the home is made if it is not there.

        Raises:
            CollectionBusyError: another process, or another object of this one, writes.
        """
        ...

    def writer(self) -> str | None:
        """Who writes at this moment, for messages; None if nobody does."""
        ...

    def generations(self) -> Generations:
        """What is noted of them.

        Raises:
            CollectionDamagedError: the note is not what `note` wrote.
        """
        ...

    def note(self, state: Generations) -> Generations:
        """Make this so, all at once and durably; returns what was noted."""
        ...

    def seconds_since_note(self) -> float:
        """How long ago the last one was made; large where there is none."""
        ...

    def names(self) -> set[str]:
        """The generations that are there, whether they are noted or not."""
        ...

    def folder(self, generation: str) -> Path:
        """Where embedded indexes of a generation lie."""
        ...

    def has(self, generation: str) -> bool:
        """Whether a catalogue was begun there."""
        ...

    def catalog(self, generation: str, *, write: bool = False) -> Catalog:
        """Its catalogue; see `Catalog` for what is raised."""
        ...

    def copy(self, source: Catalog, generation: str) -> None:
        """Make a generation with the catalogue of another one of this home, whole or not at all."""
        ...

    def remove(self, generation: str) -> None:
        """Delete its catalogue and embedded indexes; what others have open may be left for the next time."""
        ...

    def size(self, generation: str) -> int:
        """Bytes of catalogue and embedded indexes."""
        ...

    def calibration(self, generation: str) -> Calibration | None:
        """What `calibrate` kept last; None where there is nothing that can be read."""
        ...

    def calibrate(self, generation: str, measured: Calibration) -> None:
        """Keep this; any process may, none must. Where it cannot be kept, it is left out."""
        ...


def home_of(name: str, settings: Settings) -> Home:
    """The home of a collection, whether it is there or not."""
    if settings.database_url is not None:
        from ingest.collection.database import DatabaseHome

        return DatabaseHome(name, settings)
    from ingest.collection.folder import FolderHome

    return FolderHome(name, settings)


def list_collections(settings: Settings) -> list[str]:
    """The names of all collections, sorted.

    Raises:
        BackendError: the server cannot be reached, or refuses.
    """
    if settings.database_url is not None:
        from ingest.collection.database import names_in_database

        return names_in_database(settings)
    from ingest.collection.folder import names_in_folder

    return names_in_folder(settings.data_dir)


def existing_home(name: str, settings: Settings) -> Home:
    """The home of a collection that is there.

    Raises:
        NotFoundError: nothing was indexed under this name.
    """
    home = home_of(name, settings)
    if not home.exists():
        raise no_collection(home)
    return home


def no_collection(home: Home, to: str = "") -> NotFoundError:
    """There is none of this name; `to` says what for."""
    return NotFoundError(
        f"There is no collection {home.name!r} in {home.where}{to}. Make it with: "
        f"python -m ingest PATH --collection {home.name}",
        collection=home.name,
    )
