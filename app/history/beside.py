"""What is kept beside messages: files that came with a question, and what may be asked after an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Column, ForeignKey, Table, delete, insert, select

from app.history.records import metadata
from app.schemas import Frozen

if TYPE_CHECKING:
    from app.history.database import Database


class Attachment(Frozen):
    """A file that came with a question.

    Attributes:
        name: as it was sent.
        file_id: its id in the collection; "" where it was not even kept.
        error: why it cannot be read; "" for one that can, or is not indexed yet.
    """

    name: str
    file_id: str = ""
    error: str = ""

    @property
    def told(self) -> str:
        """The error with the file's name."""
        return self.error if self.name in self.error else f"{self.name}: {self.error}"


def _beside(name: str, column: str) -> Table:
    owner = ForeignKey("messages.id", ondelete="CASCADE")
    return Table(
        name, metadata, Column("message_id", owner, primary_key=True), Column(column, JSON, nullable=False)
    )


attachments = _beside("attachments", "files")
follow_ups = _beside("follow_ups", "questions")


class _Kept:
    """One JSON value a message."""

    def __init__(self, database: Database, table: Table, column: str) -> None:
        self._transaction = database.transaction
        self._table = table
        self._column = table.c[column]

    def _keep(self, message_id: str, value: list[Any]) -> None:
        with self._transaction() as connection:
            connection.execute(delete(self._table).where(self._table.c.message_id == message_id))
            connection.execute(
                insert(self._table).values({"message_id": message_id, self._column.name: value})
            )

    def _of(self, ids: Sequence[str]) -> dict[str, list[Any]]:
        query = select(self._table.c.message_id, self._column).where(self._table.c.message_id.in_(ids))
        with self._transaction() as connection:
            return {id_: value for id_, value in connection.execute(query)}


class Attachments(_Kept):
    """The files of questions."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, attachments, "files")

    def keep(self, message_id: str, files: Sequence[Attachment]) -> None:
        self._keep(message_id, [file.model_dump() for file in files])

    def of(self, ids: Sequence[str]) -> dict[str, tuple[Attachment, ...]]:
        """By message; those without any are left out."""
        return {
            id_: tuple(map(Attachment.model_validate, files)) for id_, files in self._of(ids).items() if files
        }


class FollowUps(_Kept):
    """Questions that were suggested after answers."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, follow_ups, "questions")

    def keep(self, message_id: str, questions: Sequence[str]) -> None:
        self._keep(message_id, list(questions))

    def of(self, message_id: str) -> tuple[str, ...] | None:
        """None where none were made yet; none may be worth showing."""
        found = self._of([message_id]).get(message_id)
        return None if found is None else tuple(map(str, found))
