"""What is kept of conversations: the value objects and their tables."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from pydantic import Field, ValidationError
from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text

from app.schemas import Answer, Frozen, Role


class Status(StrEnum):
    """How far a message has come."""

    STREAMING = "streaming"
    DONE = "done"
    STOPPED = "stopped"
    ERROR = "error"
    INTERRUPTED = "interrupted"


class Conversation(Frozen):
    """A conversation, without its messages.

    Attributes:
        id: uuid4.
        title: empty until it is named; the first question names it.
        settings: what the user chose for this conversation: model, temperature, …
        updated: time of the last message or change.
        pinned: stays above the others.
        folder: the folder that it was put into; "" for none.
        leaf: the last message of the branch that is shown; None for the newest.
        deleted: since when it waits to be forgotten; None for one that is there.
    """

    id: str
    title: str
    collection: str
    settings: dict[str, Any]
    created: datetime
    updated: datetime
    pinned: bool = False
    folder: str = ""
    leaf: str | None = None
    deleted: datetime | None = None


class Listed(NamedTuple):
    """What a list shows of a conversation; attributes as of `Conversation`."""

    id: str
    title: str
    updated: datetime
    pinned: bool
    folder: str


class Failure(Frozen):
    """Why a message has no answer: `code` and `values` of a DocentError, and its English sentence."""

    code: str
    message: str
    values: dict[str, str] = Field(default_factory=dict)


class Message(Frozen):
    """One message of a conversation.

    Attributes:
        id: uuid4.
        parent_id: the message that it follows; None for the first.
        content: the text; of an unfinished answer, what there is.
        record: the JSON of the finished `Answer`.
        error: why it failed.
    """

    id: str
    conversation_id: str
    parent_id: str | None
    role: Role
    content: str
    status: Status
    record: dict[str, Any] | None
    error: Failure | None
    created: datetime

    @property
    def answer(self) -> Answer | None:
        """The finished answer; None for questions, unfinished answers and records of another version."""
        try:
            return Answer.model_validate(self.record) if self.record else None
        except ValidationError:
            return None


metadata = MetaData()

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("title", Text, nullable=False),
    Column("collection", Text, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("created", String(32), nullable=False),
    Column("updated", String(32), nullable=False, index=True),
    Column("pinned", Boolean, nullable=False, default=False),
    Column("folder", Text, nullable=False, default=""),
    Column("leaf", String(36)),
    Column("deleted", String(32)),
)

messages = Table(
    "messages",
    metadata,
    # The order of messages: clocks may stand still or go back.
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", String(36), nullable=False, unique=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("parent_id", String(36)),
    Column("role", String(16), nullable=False),
    Column("content", Text, nullable=False),
    Column("status", String(16), nullable=False, index=True),
    Column("record", JSON(none_as_null=True)),
    Column("error", JSON(none_as_null=True)),
    Column("created", String(32), nullable=False),
    Index("ix_messages_conversation", "conversation_id", "seq"),
)
