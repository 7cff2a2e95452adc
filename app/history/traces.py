"""The records of answers, apart from the messages: a long conversation is opened without them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import (
    JSON,
    Column,
    Connection,
    ForeignKey,
    Select,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from app.history.database import Database
from app.history.records import messages, metadata
from app.schemas import Trace

traces = Table(
    "traces",
    metadata,
    Column("message_id", ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
    Column("trace", JSON, nullable=False),
    # What the marks of a text stand for that is still being written: number in it -> passage.
    Column("marks", JSON, nullable=False),
    Column("repeats", String(36)),
)


class Traces:
    """What is known of how each answer came about; goes when its message goes."""

    def __init__(self, database: Database) -> None:
        self._transaction = database.transaction

    def of(self, message_id: str) -> Trace | None:
        """The record of an answer; None for one of before records were kept, or of another version."""
        found = self._found(message_id)
        return found[0] if found else None

    def marks(self, message_id: str) -> dict[int, int]:
        """What the marks of a text stand for as it was written: number in it -> number of the passage."""
        found = self._found(message_id)
        return found[1] if found else {}

    def keep(self, message_id: str, trace: Trace) -> None:
        """Keep the record of an answer, in place of an earlier one."""
        with self._transaction() as connection:
            write(connection, message_id, trace)

    def cite(self, message_id: str, marks: Mapping[int, int]) -> None:
        """Keep what the marks of a text stand for that is being written: all of them so far."""
        change = update(traces).where(traces.c.message_id == message_id)
        with self._transaction() as connection:
            connection.execute(change.values(marks={str(n): passage for n, passage in marks.items()}))

    def repeating(self, message_ids: Sequence[str]) -> frozenset[str]:
        """Those of some messages whose answers are others made again."""
        query = select(traces.c.message_id).where(
            traces.c.message_id.in_(message_ids), traces.c.repeats.is_not(None)
        )
        if not message_ids:
            return frozenset()
        with self._transaction() as connection:
            return frozenset(connection.execute(query).scalars())

    def newest(self, limit: int) -> list[str]:
        """The messages of the newest answers with a record."""
        query = _answered().order_by(messages.c.seq.desc()).limit(limit)
        with self._transaction() as connection:
            return list(connection.execute(query).scalars())

    def beginning_with(self, start: str) -> list[str]:
        """The messages with a record whose ids begin like this."""
        query = _answered().where(traces.c.message_id.startswith(start, autoescape=True))
        with self._transaction() as connection:
            return list(connection.execute(query.order_by(messages.c.seq)).scalars())

    def _found(self, message_id: str) -> tuple[Trace, dict[int, int]] | None:
        query = select(traces.c.trace, traces.c.marks).where(traces.c.message_id == message_id)
        with self._transaction() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        try:
            return Trace.model_validate(row.trace), {int(n): int(m) for n, m in row.marks.items()}
        except (ValidationError, ValueError, AttributeError):
            return None


def _answered() -> Select[Any]:
    return (
        select(traces.c.message_id)
        .join(messages, messages.c.id == traces.c.message_id)
        .where(messages.c.record.is_not(None))
    )


def write(connection: Connection, message_id: str, trace: Trace) -> None:
    """Within a transaction that writes the message as well."""
    connection.execute(delete(traces).where(traces.c.message_id == message_id))
    values: dict[str, Any] = {"trace": trace.model_dump(mode="json"), "repeats": trace.repeats}
    connection.execute(insert(traces).values(message_id=message_id, marks=_marks(trace), **values))


def _marks(trace: Trace) -> dict[str, int]:
    return {str(one.cited): one.n for one in trace.chunks if one.cited is not None}
