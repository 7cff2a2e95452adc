"""`Table`: rows with the evidence of each value, in a file of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import delete, func, insert, select, update

from app.errors import NotFoundError
from app.tables import editing, reading, saving
from app.tables.database import Database, cells, documents, meta, rows
from app.tables.model import Document, DocumentStatus, Held, Plan, Ready, Row
from app.tables.reading import document_of

if TYPE_CHECKING:
    from app.answers.filling import Filled
    from app.schemas import Citation

_PLAN = "plan"


class Table:
    """One table; see `app.tables.shelf.Tables.open`. Safe for many threads; close it, or use it by `with`.

    Whoever adds documents holds `app.tables.lock.filling`; reading and editing need no lock.

    Raises (every method):
        StorageError: the disk is full, or the file may not be written, or is no database.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.stem
        self._database = Database(path)

    @classmethod
    def make(cls, path: Path, plan: Plan) -> Self:
        """A table that is there afterwards, with this plan; what it holds already stays."""
        table = cls(path)
        try:
            table._database.create()
            table.note(**{_PLAN: plan.as_json()})
        except BaseException:
            table.close()
            raise
        return table

    def close(self) -> None:
        """Release the file. May be called twice."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- what it is --------------------------------------------------------------------------------------

    @property
    def plan(self) -> Plan:
        return Plan.from_json(self.notes()[_PLAN])

    def notes(self) -> dict[str, str]:
        """Values that stand for the whole table."""
        with self._database.reading() as connection:
            return {row.key: row.value for row in connection.execute(select(meta))}

    def note(self, **values: str) -> None:
        """Keep such values; one that was there is replaced."""
        with self._database.writing() as connection:
            connection.execute(delete(meta).where(meta.c.key.in_(list(values))))
            connection.execute(insert(meta), [{"key": key, "value": value} for key, value in values.items()])

    # -- reading -----------------------------------------------------------------------------------------

    def counts(self) -> dict[str, int]:
        """How many `rows` there are, and documents by their status."""
        by_status = select(documents.c.status, func.count()).group_by(documents.c.status)
        with self._database.reading() as connection:
            found = {status.value: 0 for status in DocumentStatus}
            found |= {status: count for status, count in connection.execute(by_status)}
            found["rows"] = connection.execute(select(func.count()).select_from(rows)).scalar_one()
            return found

    def documents(self, status: DocumentStatus | None = None) -> list[Document]:
        """Those with this status, or all, in the order of their files."""
        query = select(documents).order_by(documents.c.source, documents.c.place)
        if status is not None:
            query = query.where(documents.c.status == status)
        with self._database.reading() as connection:
            return [document_of(row) for row in connection.execute(query)]

    def rows(self, offset: int = 0, limit: int | None = None) -> list[Row]:
        """Rows in the order of their documents, with what was edited in them."""
        with self._database.reading() as connection:
            return reading.rows_of(connection, offset, limit)

    def each_row(self, batch: int = 500) -> Iterator[Row]:
        """All rows, some at a time."""
        offset = 0
        while found := self.rows(offset, batch):
            yield from found
            offset += len(found)

    def objects(self) -> dict[int, Held]:
        """Row -> its object, without evidence; in the order of the rows."""
        with self._database.reading() as connection:
            return reading.objects_of(connection)

    def row(self, id_: int) -> Row:
        """Raises NotFoundError where there is no such row, or no longer."""
        with self._database.reading() as connection:
            if found := reading.rows_of(connection, 0, 1, id_):
                return found[0]
        raise NotFoundError(f"The table {self.name!r} has no row {id_}, or no longer.", table=self.name)

    def citation(self, cell: int) -> Citation:
        """What a cell cites; raises NotFoundError where there is no such cell, or it cites nothing."""
        from app.schemas import FieldEvidence

        with self._database.reading() as connection:
            text = connection.execute(select(cells.c.evidence).where(cells.c.id == cell)).scalar()
        found: FieldEvidence | None = FieldEvidence.model_validate_json(text) if text else None
        if found is None or found.citation is None:
            raise NotFoundError(f"The table {self.name!r} has no citation {cell}.", table=self.name)
        return found.citation.model_copy(update={"n": cell})

    def mean_seconds(self) -> float | None:
        """That a document took; None where none was asked."""
        query = select(func.avg(documents.c.seconds)).where(documents.c.status == DocumentStatus.DONE)
        with self._database.reading() as connection:
            found: float | None = connection.execute(query).scalar()
            return found

    # -- writing -----------------------------------------------------------------------------------------

    def save(self, document: Document, filled: Sequence[Filled | Ready], key: Sequence[str] = ()) -> int:
        """Replace what a document gave, all at once; returns how many rows it has now.

        A row keeps its id, and what was edited in it, if it has the same key as before, or else the same
        place. An edited row that the document no longer has is kept, and says so.

        Args:
            key: names of the fields that rows are told apart by.
        """
        ready = [one if isinstance(one, Ready) else Ready.of(one) for one in filled]
        with self._database.writing() as connection:
            return saving.save(connection, document, ready, key)

    def save_failure(self, document: Document) -> None:
        """Keep why a document failed; the rows that it had stay."""
        with self._database.writing() as connection:
            saving.put_document(connection, document)

    def remove(self, ids: Sequence[str]) -> int:
        """Drop documents that are gone, with their rows; edited rows stay. Returns how many were dropped."""
        with self._database.writing() as connection:
            return saving.remove(connection, ids)

    def forget(self) -> None:
        """Let no document pass for done; what it gave stays until it is asked again."""
        with self._database.writing() as connection:
            connection.execute(update(documents).values(basis=""))

    def edit(self, row: int, path: str, value: Any) -> None:
        """Put this value in place of the one that the documents give.

        Raises:
            NotFoundError: there is no such row.
        """
        with self._database.writing() as connection:
            editing.edit(connection, self.name, row, path, value)

    def undo_edit(self, row: int, path: str) -> None:
        """Let the documents speak again; does nothing where nothing was edited."""
        with self._database.writing() as connection:
            editing.undo(connection, row, path)

    def keep_edit(self, row: int, path: str) -> None:
        """Stand by an edited value although the document changed."""
        with self._database.writing() as connection:
            editing.keep(connection, row, path)

    def delete_row(self, row: int) -> None:
        """Drop a row that was only kept because it was edited."""
        with self._database.writing() as connection:
            connection.execute(delete(rows).where(rows.c.id == row, rows.c.kept))
