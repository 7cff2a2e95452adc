"""An index in one collection of an engine that is on a server, or in a folder of its own without one."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import closing
from typing import ClassVar, Protocol

from vectorstore.base import Place


class Engine(Protocol):
    """An engine, open."""

    def __init__(self, place: Place, folder: str) -> None: ...

    @staticmethod
    def is_remote(place: Place) -> bool:
        """Whether the settings name a server."""
        ...

    def has(self, collection: str) -> bool: ...

    def remove(self, collection: str) -> None:
        """Does nothing where there is none."""
        ...

    def close(self) -> None: ...


class Held(Protocol):
    """A collection, open; as the methods of an index of these names."""

    def delete(self, ids: Sequence[str]) -> None: ...

    def ids(self) -> set[str]: ...

    def count(self) -> int: ...

    def close(self) -> None: ...


class EngineIndex:
    """What all such indexes share.

    Attributes:
        engine: of which there is one for each index.
        folder: its name, where there is no server.
        suffix: follows the place's name in that of the collection.
    """

    engine: ClassVar[type[Engine]]
    folder: ClassVar[str]
    suffix: ClassVar[str] = ""
    _held: Held

    @classmethod
    def name(cls, place: Place) -> str:
        """Of the collection."""
        return f"{place.name}{cls.suffix}"

    @classmethod
    def many_writers(cls, place: Place) -> bool:
        return cls.engine.is_remote(place)

    @classmethod
    def exists(cls, place: Place) -> bool:
        if not cls.engine.is_remote(place):
            return (place.folder / cls.folder).is_dir()
        with closing(cls.engine(place, cls.folder)) as engine:
            return engine.has(cls.name(place))

    @classmethod
    def drop(cls, place: Place) -> None:
        if not cls.engine.is_remote(place):
            shutil.rmtree(place.folder / cls.folder, ignore_errors=True)
            return
        with closing(cls.engine(place, cls.folder)) as engine:
            engine.remove(cls.name(place))

    def delete(self, ids: Sequence[str]) -> None:
        self._held.delete(ids)

    def ids(self) -> set[str]:
        return self._held.ids()

    def count(self) -> int:
        return self._held.count()

    def close(self) -> None:
        self._held.close()
