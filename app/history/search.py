"""Search over all conversations: every word in the title or in one message, wherever in a word it stands.

What is compared are folded copies of the messages in a table of their own. It is a cache: a changed
message leaves it, and a search first puts in what is missing. Whole words would not do for Korean, and
indexes of three letters know no 휴가; reading 100,000 such copies takes a fraction of a second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Insert,
    String,
    Table,
    Text,
    and_,
    case,
    cast,
    delete,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from app.history import folding
from app.history.database import Database
from app.history.folding import Span
from app.history.records import Conversation, Status, conversations, messages, metadata
from app.schemas import Role

MOST = 30
"""Conversations that a search finds, unless more are asked for."""

_LONGEST_QUERY = 200
_SNIPPET, _BEFORE = 140, 40
_AT_ONCE = 2_000  # messages that are folded in one go
_PHRASE = 1 << 40  # above every number of a message

message_texts = Table(
    "message_texts",
    metadata,
    Column("seq", ForeignKey("messages.seq", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("conversation_id", String(36), nullable=False),
    Column("folded", Text, nullable=False),
    Index("ix_message_texts_conversation", "conversation_id"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A conversation that was found.

    Attributes:
        title_spans: what was found in the title.
        message_id: the best message: one with the words side by side, else the newest; None where the
            title alone holds them.
        role: who wrote it.
        snippet: a part of it, on one line.
        spans: what was found in the snippet.
    """

    conversation: Conversation
    title_spans: tuple[Span, ...]
    message_id: str | None = None
    role: Role | None = None
    snippet: str = ""
    spans: tuple[Span, ...] = ()


class Search:
    """Safe to use from many threads."""

    def __init__(self, database: Database) -> None:
        self._transaction = database.transaction

    def __call__(self, text: str, limit: int = MOST) -> list[Found]:
        """Conversations whose title, or one of whose messages, holds every word.

        Those with such a title come first, then those with the words side by side, then the newest. Case,
        full width and the way Korean is composed make no difference. Deleted ones are not found, and an
        answer that is being written is once it is done.
        """
        self.catch_up()
        wanted = folding.words(text[:_LONGEST_QUERY])
        if not wanted:
            return []
        with self._transaction() as connection:
            best = _best_messages(connection, wanted)
            held = [Conversation.model_validate(dict(row)) for row in connection.execute(_present).mappings()]
            hits = _ranked(held, wanted, best)[:limit]
            numbers = {one.id: best[one.id] % _PHRASE for one in hits if one.id in best}
            contents = _contents(connection, list(numbers.values()))
        return [_found(one, wanted, contents.get(numbers.get(one.id, 0))) for one in hits]

    def catch_up(self) -> None:
        """Put in what the table of folded texts lacks."""
        while True:
            with self._transaction() as connection:
                rows = [] if _is_complete(connection) else connection.execute(_lacking).all()
                if not rows:
                    return
                connection.execute(_insert(connection), [_folded(*row) for row in rows])


_present = (
    select(conversations)
    .where(conversations.c.deleted.is_(None))
    .order_by(conversations.c.updated.desc(), conversations.c.id)
)
# One that is being written would be out of date at once.
_finished = messages.c.status != Status.STREAMING
_lacking = (
    select(messages.c.seq, messages.c.conversation_id, messages.c.content)
    .outerjoin(message_texts, message_texts.c.seq == messages.c.seq)
    .where(message_texts.c.seq.is_(None), _finished)
    .limit(_AT_ONCE)
)


def _is_complete(connection: Connection) -> bool:
    """A quick look; it may say no where nothing is missing."""
    held = connection.scalar(select(func.count()).select_from(message_texts))
    return held == connection.scalar(select(func.count()).select_from(messages).where(_finished))


def _insert(connection: Connection) -> Insert:
    """Leaves alone what another search has just put in."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(message_texts).on_conflict_do_nothing()
    return sqlite.insert(message_texts).on_conflict_do_nothing()


def _folded(seq: int, conversation_id: str, content: str) -> dict[str, object]:
    return {"seq": seq, "conversation_id": conversation_id, "folded": folding.fold(content)}


def forget(connection: Connection, message_id: str) -> None:
    """The message has changed; the next search reads it again."""
    seq = select(messages.c.seq).where(messages.c.id == message_id).scalar_subquery()
    connection.execute(delete(message_texts).where(message_texts.c.seq == seq))


def _best_messages(connection: Connection, wanted: Sequence[str]) -> dict[str, int]:
    """Conversation -> the number of its best message, above `_PHRASE` where the words stand side by side."""
    table = message_texts.c
    number: ColumnElement[int] = cast(table.seq, BigInteger)
    if len(wanted) > 1:
        number = case((_holds(" ".join(wanted)), number + _PHRASE), else_=number)
    query = (
        select(table.conversation_id, func.max(number))
        .where(and_(*(_holds(word) for word in wanted)))
        .group_by(table.conversation_id)
    )
    return {conversation: int(best) for conversation, best in connection.execute(query)}


def _ranked(
    held: Sequence[Conversation], wanted: Sequence[str], best: Mapping[str, int]
) -> list[Conversation]:
    def rank(one: Conversation) -> int:
        if _all_in(folding.fold(one.title), wanted):
            return 0
        return 1 if best.get(one.id, 0) >= _PHRASE else 2

    return sorted((one for one in held if rank(one) == 0 or one.id in best), key=rank)


def _holds(word: str) -> ColumnElement[bool]:
    return message_texts.c.folded.contains(word, autoescape=True)


def _contents(connection: Connection, numbers: Sequence[int]) -> dict[int, tuple[str, Role, str]]:
    table = messages.c
    query = select(table.seq, table.id, table.role, table.content).where(table.seq.in_(numbers))
    return {seq: (id, Role(role), text) for seq, id, role, text in connection.execute(query)}


def _found(one: Conversation, wanted: Sequence[str], message: tuple[str, Role, str] | None) -> Found:
    titled = tuple(folding.spans(one.title, wanted))
    if message is None:
        return Found(one, titled)
    id, role, text = message
    snippet, spans = snippet_of(text, wanted)
    return Found(one, titled, id, role, snippet, spans)


def snippet_of(text: str, wanted: Sequence[str]) -> tuple[str, tuple[Span, ...]]:
    """The part of a text around the densest place of the words, on one line, and where they stand in it."""
    line = " ".join(text.split())
    found = folding.spans(line, wanted)
    if not found:
        return line[:_SNIPPET], ()
    first = max(found, key=lambda span: (_within(found, span[0]), -span[0]))[0]
    start = 0 if first <= _BEFORE else _word_start(line, first - _BEFORE, first)
    end = min(len(line), start + _SNIPPET)
    before, after = "… " if start else "", " …" if end < len(line) else ""
    shift = len(before) - start
    inside = tuple((a + shift, min(b, end) + shift) for a, b in found if start <= a < end)
    return before + line[start:end] + after, inside


def _within(found: Sequence[Span], start: int) -> int:
    """How many of the spans one snippet that begins here would show."""
    return sum(start <= a and b <= start + _SNIPPET - _BEFORE for a, b in found)


def _word_start(line: str, earliest: int, latest: int) -> int:
    space = line.find(" ", earliest, latest)
    return earliest if space < 0 else space + 1


def _all_in(folded: str, wanted: Sequence[str]) -> bool:
    return all(word in folded for word in wanted)
