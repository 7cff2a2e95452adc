"""Summaries of what a conversation began with, each for the path from its first message to one of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import Field
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)

from app.errors import NotFoundError
from app.history.cleaning import clean, parts
from app.history.database import Database
from app.history.records import metadata
from app.schemas import Frozen


class Summary(Frozen):
    """What stands for all messages up to one of them.

    Branches that share that message share the summary.

    Attributes:
        message_id: the last message that it covers.
        free: whether it holds what a model said in free chat; a question to the documents never sees it then.
        covers: how many messages it stands for.
        automatic: as it was written without the user.
        words: what the user wrote instead, or as its beginning; None for an automatic one.
        rest: what was added to the user's words since.
        model: "provider:model" that wrote it; None for one of sentences that were picked.
    """

    message_id: str
    free: bool = False
    covers: int = Field(ge=1)
    automatic: str
    words: str | None = None
    rest: str = ""
    model: str | None = None
    created: datetime = Field(default_factory=lambda: datetime.now(UTC))

    @property
    def text(self) -> str:
        """What the model is shown; "" where the user has left it out."""
        if self.words is None:
            return self.automatic
        return "\n".join(part for part in (self.words, self.rest) if part)

    @property
    def edited(self) -> bool:
        return self.words is not None


summaries = Table(
    "summaries",
    metadata,
    Column("message_id", ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
    Column("free", Boolean, primary_key=True),
    Column("covers", Integer, nullable=False),
    Column("automatic", Text, nullable=False),
    Column("words", Text),
    Column("rest", Text, nullable=False, default=""),
    Column("model", Text),
    Column("created", String(32), nullable=False),
)


class Summaries:
    """The summaries of one database. They are forgotten with their messages."""

    def __init__(self, database: Database) -> None:
        self._transaction = database.transaction

    def latest(self, path: Sequence[str], *, free: bool = False) -> Summary | None:
        """The one that covers most of a path.

        Args:
            path: ids of the messages of a branch, oldest first.
            free: whether it may hold what was said in free chat.
        """
        found: dict[str, Summary] = {}
        with self._transaction() as connection:
            for some in parts(path):
                query = select(summaries).where(summaries.c.message_id.in_(some)).order_by(summaries.c.free)
                query = query if free else query.where(summaries.c.free.is_(False))
                rows = connection.execute(query).mappings()
                found |= {row["message_id"]: Summary.model_validate(dict(row)) for row in rows}
        return next((found[id] for id in reversed(path) if id in found), None)

    def keep(self, summary: Summary, basis: Summary | None = None) -> bool:
        """Keep an automatic summary in place of an earlier one of the same message.

        Not if the user has changed something meanwhile: that one, or the `basis` from which this was written.
        """
        with self._transaction() as connection:
            if _words(connection, summary) is not None:
                return False
            if basis is not None and _words(connection, basis) != basis.words:
                return False
            connection.execute(delete(summaries).where(*_key(summary)))
            values = summary.model_dump() | {
                "automatic": clean(summary.automatic),
                "created": summary.created.isoformat(timespec="microseconds"),
            }
            connection.execute(insert(summaries).values(values))
        return True

    def edit(self, message_id: str, words: str | None, *, free: bool = False) -> None:
        """Let the user's words stand; "" leaves the messages out, None brings the automatic ones back.

        Raises:
            NotFoundError: the message has no summary.
        """
        values: dict[str, Any] = {"words": None if words is None else clean(words).strip(), "rest": ""}
        change = update(summaries).where(summaries.c.message_id == message_id, summaries.c.free.is_(free))
        with self._transaction() as connection:
            if connection.execute(change.values(**values)).rowcount == 0:
                raise NotFoundError(
                    f"The message {message_id!r} has no summary; its conversation may have been deleted."
                )


def _words(connection: Connection, summary: Summary) -> str | None:
    """What the user has written in its place by now."""
    return connection.execute(select(summaries.c.words).where(*_key(summary))).scalar()


def _key(summary: Summary) -> tuple[Any, Any]:
    return summaries.c.message_id == summary.message_id, summaries.c.free.is_(summary.free)
