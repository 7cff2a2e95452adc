"""Generations of a collection: whole ones side by side, and a small file that says which one serves.

The first lies in the collection's own folder, each later one in `generation-N` below it. The file is replaced
at once, so every reader sees the one or the other; folders that it does not name are left-overs.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

from app.errors import CollectionDamagedError
from ingest.collection.folder import CALIBRATION, CATALOG, collection_dir, collections_dir

_STATE = "generations.json"
_NAME = re.compile(r"generation-(\d{1,9})")
# The folder of the collection itself, as a generation.
_FIRST = ""
# What was just left may be in use by an answer under way.
_GRACE_SECONDS = 60.0
# On Windows a file that is just being read cannot be replaced.
_TRIES, _PAUSE_SECONDS = 50, 0.02


@dataclass(frozen=True, slots=True)
class Generations:
    """Names of folders below a collection's own; "" is that one.

    Attributes:
        current: the one that serves.
        previous: the one before the last switch; None where it was forgotten or there was none.
        next: one that is being built for another embedding model.
        behind: the current one was restored, and does not yet know what changed since it was left.
        made: the highest number that was given; no name is given twice, for somebody may have it open.
    """

    current: str = _FIRST
    previous: str | None = None
    next: str | None = None
    behind: bool = False
    made: int = 1

    @classmethod
    def read(cls, root: Path) -> Self:
        """What is noted in a collection's folder.

        Raises:
            CollectionDamagedError: the file is not what `write` wrote.
        """
        path = root / _STATE
        try:
            found = cls(**json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return cls()
        except (ValueError, TypeError) as error:
            raise _damaged(path) from error
        names = [name for name in (found.current, found.previous, found.next) if name is not None]
        if not all(isinstance(name, str) and (name == _FIRST or _NAME.fullmatch(name)) for name in names):
            raise _damaged(path)
        return found

    def write(self, root: Path) -> Self:
        """Make this so, all at once; returns what was written.

        Raises:
            OSError: the disk is full or may not be written.
        """
        state = replace(self, made=max([self.made, *_numbers(self.named)]))
        part = root / f"{_STATE}.part"
        with part.open("w", encoding="utf-8") as file:
            file.write(json.dumps(asdict(state)))
            file.flush()
            os.fsync(file.fileno())
        for tries_left in range(_TRIES, -1, -1):
            try:
                part.replace(root / _STATE)
                break
            except PermissionError:
                if not tries_left:
                    raise
                time.sleep(_PAUSE_SECONDS)
        return state

    @property
    def named(self) -> set[str]:
        return {name for name in (self.current, self.previous, self.next) if name is not None}


def current_folder(root: Path) -> Path:
    """Where catalogue and indexes lie that serve."""
    return root / Generations.read(root).current


def catalog_path(data_dir: Path, name: str) -> Path:
    """The file whose being there makes a folder a collection: the catalogue that serves."""
    return current_folder(collection_dir(data_dir, name)) / CATALOG


def list_collections(data_dir: Path) -> list[str]:
    """The names of all collections, sorted."""
    folders = collections_dir(data_dir)
    held = {path.parent.name for pattern in (CATALOG, _STATE) for path in folders.glob(f"*/{pattern}")}
    return sorted(held)


def new_name(root: Path, known: Generations) -> str:
    """A name that no folder has or had."""
    return f"generation-{max([known.made, *_numbers({*known.named, *_folders(root)})]) + 1}"


def remove(root: Path, name: str) -> None:
    """Delete a generation; what another process has open on Windows is left for the next time."""
    for path in _parts(root, name):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            _unlink(path)


def sweep(root: Path, known: Generations) -> None:
    """Delete what is not named, unless it was left only just now."""
    state = root / _STATE
    if state.is_file() and time.time() - state.stat().st_mtime < _GRACE_SECONDS:
        return
    for name in {_FIRST, *_folders(root)} - known.named:
        remove(root, name)


def size(root: Path, name: str) -> int:
    """Bytes on the disk."""
    files = (file for part in _parts(root, name) for file in [part, *part.rglob("*")])
    return sum(file.stat().st_size for file in files if file.is_file())


def _numbers(names: Iterable[str]) -> list[int]:
    return [int(match[1]) for name in names if (match := _NAME.fullmatch(name))]


def _folders(root: Path) -> Iterator[str]:
    return (path.name for path in root.iterdir() if _NAME.fullmatch(path.name))


def _parts(root: Path, name: str) -> list[Path]:
    if name != _FIRST:
        return [root / name]
    return [
        path
        for pattern in (f"{CATALOG}*", "keyword", "vectors-*", f"{CALIBRATION}*")
        for path in root.glob(pattern)
    ]


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except PermissionError:  # open in another process, on Windows
        return


def _damaged(path: Path) -> CollectionDamagedError:
    return CollectionDamagedError(
        f"{path} is damaged: it says which of the folders beside it serves. Delete the folder {path.parent} "
        "and index your documents anew: python -m ingest PATH"
    )
