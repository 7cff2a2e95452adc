"""What people think of answers: a thumb, why, and how they would have answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import Column, Connection, ForeignKey, String, Table, Text, delete, insert, select, update

from app.errors import NotFoundError, UsageError
from app.history.cleaning import clean, iso, parts
from app.history.database import Database
from app.history.records import conversations, messages, metadata
from app.schemas import Frozen

REASONS = ("wrong", "unsourced", "incomplete", "misunderstood", "too_long", "other")
"""Why an answer may be bad: wrong, not in its sources, incomplete, the question not understood, too long."""

LONGEST_WORDS = 5_000
LONGEST_CORRECTION = 50_000
"""Characters."""


class Verdict(StrEnum):
    GOOD = "good"
    BAD = "bad"


class Rating(Frozen):
    """What was said of one answer.

    Attributes:
        verdict: None where the thumb was taken back and a correction is left.
        reason: one of `REASONS`, or "".
        words: free words on why.
        correction: what should have been answered; "" for none, and never the answer itself.
        changed: when any of it was said last.
    """

    message_id: str
    verdict: Verdict | None
    reason: str = ""
    words: str = ""
    correction: str = ""
    changed: datetime

    @property
    def is_empty(self) -> bool:
        return self.verdict is None and not (self.words or self.correction)


feedback = Table(
    "feedback",
    metadata,
    Column("message_id", ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
    Column("verdict", String(8)),
    Column("reason", String(32), nullable=False),
    Column("words", Text, nullable=False),
    Column("correction", Text, nullable=False),
    Column("changed", String(32), nullable=False),
)


class Feedback:
    """The ratings of all answers; one for each answer, the last one."""

    def __init__(self, database: Database) -> None:
        self._transaction = database.transaction

    def of(self, message_ids: Iterable[str]) -> dict[str, Rating]:
        """What was said of these messages, by their ids."""
        found: dict[str, Rating] = {}
        with self._transaction() as connection:
            for some in parts(list(message_ids)):
                rows = connection.execute(select(feedback).where(feedback.c.message_id.in_(some)))
                found |= {row["message_id"]: Rating.model_validate(dict(row)) for row in rows.mappings()}
        return found

    def all(self) -> list[Rating]:
        """All ratings in conversations that are there, the newest first."""
        query = select(feedback).join(messages, messages.c.id == feedback.c.message_id)
        query = query.join(conversations, conversations.c.id == messages.c.conversation_id)
        query = query.where(conversations.c.deleted.is_(None)).order_by(feedback.c.changed.desc())
        with self._transaction() as connection:
            return [Rating.model_validate(dict(row)) for row in connection.execute(query).mappings()]

    def rate(self, message_id: str, verdict: Verdict | None) -> Rating:
        """Set the thumb; None takes it back, and leaves words and a correction that were written.

        Raises:
            NotFoundError: there is no such message.
        """
        with self._transaction() as connection:
            before = _held(connection, message_id)
            # The reasons are those of a bad answer.
            reason = before.reason if verdict is Verdict.BAD else ""
            return _keep(connection, before.model_copy(update={"verdict": verdict, "reason": reason}))

    def explain(self, message_id: str, *, reason: str = "", words: str = "", correction: str = "") -> Rating:
        """Say why, and what should have been answered; takes the place of what was said before.

        Raises:
            NotFoundError: there is no such message.
            UsageError: the reason is none of `REASONS`, or a text is too long.
        """
        if reason and reason not in REASONS:
            raise UsageError(f"There is no reason {reason!r}. Known ones are: {', '.join(REASONS)}.")
        said = {"words": _within(words, LONGEST_WORDS), "correction": _within(correction, LONGEST_CORRECTION)}
        with self._transaction() as connection:
            before = _held(connection, message_id)
            if said["correction"] == _content(connection, message_id).strip():
                said["correction"] = ""
            return _keep(connection, before.model_copy(update={"reason": reason, **said}))


def _within(text: str, limit: int) -> str:
    kept = clean(text).strip()
    if len(kept) > limit:
        raise UsageError(f"The text has {len(kept):,} characters; the limit is {limit:,}. Shorten it.")
    return kept


def _held(connection: Connection, message_id: str) -> Rating:
    row = connection.execute(select(feedback).where(feedback.c.message_id == message_id)).mappings().first()
    if row is not None:
        return Rating.model_validate(dict(row))
    _content(connection, message_id)
    return Rating(message_id=message_id, verdict=None, changed=datetime.now(UTC))


def _content(connection: Connection, message_id: str) -> str:
    found = connection.execute(select(messages.c.content).where(messages.c.id == message_id)).scalar()
    if found is None:
        raise NotFoundError(f"There is no message {message_id!r}; it may have been deleted.")
    return str(found)


def _keep(connection: Connection, rating: Rating) -> Rating:
    kept = rating.model_copy(update={"changed": datetime.now(UTC)})
    here = feedback.c.message_id == kept.message_id
    if kept.is_empty:
        connection.execute(delete(feedback).where(here))
        return kept
    values = row_of(kept)
    if connection.execute(update(feedback).where(here).values(**values)).rowcount == 0:
        connection.execute(insert(feedback).values(**values))
    return kept


def row_of(rating: Rating) -> dict[str, str | None]:
    """As its table keeps it."""
    return rating.model_dump() | {"changed": iso(rating.changed)}
