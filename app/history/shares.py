"""Links to a conversation as it was when it was shared: what comes later is not shown by them."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from sqlalchemy import Column, ForeignKey, String, Table, delete, insert, select

from app.errors import NotFoundError
from app.history.cleaning import iso
from app.history.database import Database
from app.history.records import conversations, metadata
from app.schemas import Frozen

_TOKEN_BYTES = 16  # 128 bits: nobody guesses one


class Share(Frozen):
    """A link.

    Attributes:
        token: what the link names it by.
        leaf: the last message that it shows.
        title: of the conversation, as it is called today.
    """

    token: str
    conversation_id: str
    leaf: str
    created: datetime
    title: str = ""


shares = Table(
    "shares",
    metadata,
    Column("token", String(64), primary_key=True),
    Column(
        "conversation_id",
        ForeignKey("conversations.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("leaf", String(36), nullable=False),
    Column("created", String(32), nullable=False),
)
_query = select(shares, conversations.c.title).join(
    conversations, conversations.c.id == shares.c.conversation_id
)


class Shares:
    """The links of all conversations. Those of a deleted conversation rest until it is restored."""

    def __init__(self, database: Database) -> None:
        self._transaction = database.transaction

    def open(self, conversation_id: str, leaf: str) -> Share:
        """The link to the branch that ends with this message; the same one when it is asked for again."""
        known = [one for one in self.all(conversation_id) if one.leaf == leaf]
        if known:
            return known[0]
        token, now = secrets.token_urlsafe(_TOKEN_BYTES), datetime.now(UTC)
        values = {"token": token, "conversation_id": conversation_id, "leaf": leaf, "created": iso(now)}
        with self._transaction() as connection:
            connection.execute(insert(shares).values(**values))
        return self.find(token)

    def find(self, token: str) -> Share:
        """What a link leads to.

        Raises:
            NotFoundError: there is no such link, it was revoked, or its conversation was deleted.
        """
        query = _query.where(shares.c.token == token, conversations.c.deleted.is_(None))
        with self._transaction() as connection:
            row = connection.execute(query).mappings().first()
        if row is None:
            raise NotFoundError("Nothing is shared under this link any more. Ask whoever sent it.")
        return Share.model_validate(dict(row))

    def all(self, conversation_id: str | None = None) -> list[Share]:
        """All links, or those of one conversation, the newest first."""
        query = _query.where(conversations.c.deleted.is_(None)).order_by(shares.c.created.desc())
        if conversation_id is not None:
            query = query.where(shares.c.conversation_id == conversation_id)
        with self._transaction() as connection:
            return [Share.model_validate(dict(row)) for row in connection.execute(query).mappings()]

    def revoke(self, token: str) -> None:
        """Let a link lead nowhere; one that is not there is ignored."""
        with self._transaction() as connection:
            connection.execute(delete(shares).where(shares.c.token == token))
