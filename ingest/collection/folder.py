"""`FolderHome`: a collection in a folder of the data folder, all of it in files.

The first generation lies in the collection's own folder, each later one in `generation-N` below it.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import CollectionDamagedError, StorageError
from app.schemas import Calibration
from ingest.catalog import Catalog
from ingest.catalog.sqlite import SqliteFile
from ingest.collection import calibration
from ingest.collection.generations import FIRST, NAME, Generations
from ingest.collection.lock import FileLock, writer

if TYPE_CHECKING:
    from app.config import Settings

CATALOG = "catalog.sqlite"
_NOTE = "generations.json"
# On Windows a file that is just being read cannot be replaced.
_TRIES, _PAUSE_SECONDS = 50, 0.02


def collections_dir(data_dir: Path) -> Path:
    return (data_dir / "collections").resolve()


def collection_dir(data_dir: Path, name: str) -> Path:
    return collections_dir(data_dir) / name


def names_in_folder(data_dir: Path) -> list[str]:
    """The names of all collections, sorted."""
    folders = collections_dir(data_dir)
    held = {path.parent.name for pattern in (CATALOG, _NOTE) for path in folders.glob(f"*/{pattern}")}
    return sorted(held)


class FolderHome:
    """See `Home`."""

    def __init__(self, name: str, settings: Settings) -> None:
        self.name = name
        self.settings = settings
        self.where = str(settings.data_dir)
        self.root = collection_dir(settings.data_dir, name)

    def exists(self) -> bool:
        return self.has(self.generations().current)

    def lock(self) -> FileLock:
        return FileLock(self.name, self.root)

    def writer(self) -> str | None:
        return writer(self.root)

    def generations(self) -> Generations:
        path = self.root / _NOTE
        try:
            return Generations.of(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return Generations()
        except (ValueError, TypeError) as error:
            raise CollectionDamagedError(
                f"{path} is damaged: it says which of the folders beside it serves. Delete the folder "
                f"{self.root} and index your documents anew: python -m ingest PATH"
            ) from error

    def note(self, state: Generations) -> Generations:
        values = state.values()
        part = self.root / f"{_NOTE}.part"
        with _explained(self.root):
            with part.open("w", encoding="utf-8") as file:
                file.write(json.dumps(values))
                file.flush()
                os.fsync(file.fileno())
            _replace(part, self.root / _NOTE)
        return Generations.of(values)

    def seconds_since_note(self) -> float:
        path = self.root / _NOTE
        return time.time() - path.stat().st_mtime if path.is_file() else float("inf")

    def names(self) -> set[str]:
        return {FIRST, *(path.name for path in self.root.iterdir() if NAME.fullmatch(path.name))}

    def folder(self, generation: str) -> Path:
        return self.root / generation

    def has(self, generation: str) -> bool:
        return (self.folder(generation) / CATALOG).is_file()

    def catalog(self, generation: str, *, write: bool = False) -> Catalog:
        if write:
            with _explained(self.folder(generation)):
                self.folder(generation).mkdir(parents=True, exist_ok=True)
        return Catalog(self.folder(generation) / CATALOG, write=write)

    def copy(self, source: Catalog, generation: str) -> None:
        folder = self.folder(generation)
        database = source.database
        if not isinstance(database, SqliteFile):
            raise TypeError(f"{database.where} is no catalogue of {self.root}")
        try:
            with _explained(folder):
                folder.mkdir()
                database.copy_to(folder / CATALOG)
        except BaseException:
            self.remove(generation)
            raise

    def remove(self, generation: str) -> None:
        for path in self._parts(generation):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                _unlink(path)

    def size(self, generation: str) -> int:
        return size_of(self._parts(generation))

    def calibration(self, generation: str) -> Calibration | None:
        return calibration.read(self.folder(generation))

    def calibrate(self, generation: str, measured: Calibration) -> None:
        calibration.write(self.folder(generation), measured)

    def _parts(self, generation: str) -> list[Path]:
        if generation != FIRST:
            return [self.root / generation]
        patterns = (f"{CATALOG}*", "keyword*", "vectors-*", f"{calibration.FILE}*")
        return [path for pattern in patterns for path in self.root.glob(pattern)]


def size_of(parts: list[Path]) -> int:
    """Bytes of files and folders."""
    files = (file for part in parts for file in [part, *part.rglob("*")])
    return sum(file.stat().st_size for file in files if file.is_file())


def _replace(part: Path, path: Path) -> None:
    for tries_left in range(_TRIES, -1, -1):
        try:
            part.replace(path)
            return
        except PermissionError:
            if not tries_left:
                raise
            time.sleep(_PAUSE_SECONDS)


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except PermissionError:  # open in another process, on Windows
        return


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"The folder {folder} cannot be written ({error.strerror or error}). Free space on the disk: "
            "what is made anew needs room beside what serves; or give this user the right to write."
        ) from error
