"""Which answers are being written, and the signs of life of who writes them: servers share one database."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Connection, ForeignKey, Integer, String, Table, delete, select, update

from app.history.database import Database
from app.history.records import Status, messages, metadata
from app.history.writers import has_ended
from app.schemas import Frozen

answering = Table(
    "answering",
    metadata,
    Column("message_id", ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
    Column("writer", String(300), nullable=False),
    # Counted, not timed: the clocks of two machines differ.
    Column("beats", Integer, nullable=False, default=0),
    Column("stop", Boolean, nullable=False, default=False),
)


class UnderWay(Frozen):
    """An answer that is being written.

    Attributes:
        asked_id: the message of the question.
        text: what there is of it.
        beats: grows as long as its writer lives.
    """

    message_id: str
    conversation_id: str
    asked_id: str | None
    text: str
    beats: int


class Answering:
    """What the processes on one database tell each other of the answers that they write.

    An answer is entered with its message, and taken out with its last status.
    """

    def __init__(self, database: Database) -> None:
        self._transaction = database.transaction

    def beat(self, writer: str) -> frozenset[str]:
        """A sign of life for all answers of this writer; those that somebody asked to stop."""
        mine = answering.c.writer == writer
        with self._transaction() as connection:
            connection.execute(update(answering).where(mine).values(beats=answering.c.beats + 1))
            wanted = select(answering.c.message_id).where(mine, answering.c.stop)
            return frozenset(connection.execute(wanted).scalars())

    def of_others(self, writer: str) -> list[UnderWay]:
        """The answers that others write."""
        query = select(
            messages.c.id.label("message_id"),
            messages.c.conversation_id,
            messages.c.parent_id.label("asked_id"),
            messages.c.content.label("text"),
            answering.c.beats,
        ).join(answering, answering.c.message_id == messages.c.id)
        with self._transaction() as connection:
            rows = connection.execute(query.where(answering.c.writer != writer)).mappings().all()
        return [UnderWay.model_validate(dict(row)) for row in rows]

    def ask_to_stop(self, message_id: str) -> None:
        """Its writer reads it with its next sign of life."""
        with self._transaction() as connection:
            connection.execute(
                update(answering).where(answering.c.message_id == message_id).values(stop=True)
            )

    def give_up(self, message_id: str) -> None:
        """Mark an answer as interrupted whose writer shows no life; if it lives, its last word counts."""
        change = update(messages).where(messages.c.id == message_id, messages.c.status == Status.STREAMING)
        with self._transaction() as connection:
            take_out(connection, message_id)
            connection.execute(change.values(status=Status.INTERRUPTED))


def take_out(connection: Connection, message_id: str) -> None:
    """Within a transaction that writes the message's status as well."""
    connection.execute(delete(answering).where(answering.c.message_id == message_id))


def interrupt(connection: Connection) -> int:
    """Mark the answers as interrupted that nobody can be writing any more; how many there were."""
    for message_id, writer in connection.execute(select(answering.c.message_id, answering.c.writer)).all():
        if has_ended(writer):
            take_out(connection, message_id)
    left = messages.c.id.not_in(select(answering.c.message_id))
    change = update(messages).where(messages.c.status == Status.STREAMING, left)
    return connection.execute(change.values(status=Status.INTERRUPTED)).rowcount
