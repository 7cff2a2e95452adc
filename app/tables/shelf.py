"""`Tables`: all tables of an installation, one file each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import NotFoundError, StorageError
from app.tables.lock import filling, is_being_filled
from app.tables.naming import TABLE_NAME, table_name
from app.tables.table import Table

if TYPE_CHECKING:
    from app.schemas import Citation
    from app.tables.model import Plan

_SUFFIX = ".sqlite"


class Tables:
    """The tables below a folder.

    Args:
        folder: made when the first table is.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """Of all tables, sorted."""
        return sorted(path.stem for path in self._folder.glob(f"*{_SUFFIX}"))

    def open(self, name: str) -> Table:
        """A table to be read and edited; close it.

        Raises:
            NotFoundError: there is none of this name, which may come from anywhere.
        """
        if not TABLE_NAME.fullmatch(name) or not self.path(name).is_file():
            raise NotFoundError(f"There is no table {name!r}. List them: docent extract", table=name)
        return Table(self.path(name))

    def each(self) -> Iterator[Table]:
        """All of them, open while one looks at them; a file that cannot be read is left out."""
        for name in self.names():
            with ExitStack() as stack:
                try:
                    table = stack.enter_context(self.open(name))
                    _ = table.plan
                except (NotFoundError, StorageError, KeyError, ValueError):
                    continue
                yield table

    def make(self, plan: Plan) -> Table:
        """The table of this plan, with what it holds already; hold `filling` of its path meanwhile.

        Raises:
            StorageError: the folder cannot be written.
        """
        path = self.place(plan)
        if not path.exists():  # whoever looks meanwhile sees a whole table or none
            beside = path.with_name(f".{path.name}.part")
            Table.make(beside, plan).close()
            beside.replace(path)
        return Table.make(path, plan)

    def place(self, plan: Plan) -> Path:
        """Where the table of this plan lies, or will; the folder is there afterwards."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"The folder {self._folder} cannot be made ({error.strerror or error}). Set DOCENT_DATA_DIR "
                "to a folder that may be written."
            ) from error
        return self.path(table_name(plan.schema, plan.collection, plan.where))

    def path(self, name: str) -> Path:
        return self._folder / f"{name}{_SUFFIX}"

    def version(self, name: str) -> tuple[int, int]:
        """Another one whenever something was written to a table; (0, 0) where there is none."""
        path = self.path(name)
        log = path.with_name(f"{path.name}-wal")
        found = [one.stat() for one in (path, log) if one.exists()]
        return max((one.st_mtime_ns for one in found), default=0), sum(one.st_size for one in found)

    def is_being_filled(self, name: str) -> bool:
        """Whether a run of any process is filling it at this moment."""
        return is_being_filled(self.path(name))

    def delete(self, name: str) -> None:
        """Delete a table with everything in it.

        Raises:
            NotFoundError: there is none of this name.
            TableBusyError: it is being filled.
        """
        self.open(name).close()
        path = self.path(name)
        with filling(path):
            for one in (path, *(path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm"))):
                one.unlink(missing_ok=True)
        path.with_suffix(".lock").unlink(missing_ok=True)

    def citation(self, name: str, cell: int) -> tuple[Citation, str]:
        """What a cell of a table cites, and the collection that it is from.

        Raises:
            NotFoundError: there is no such table or cell, or it cites nothing.
        """
        with self.open(name) as table:
            return table.citation(cell), table.plan.collection
