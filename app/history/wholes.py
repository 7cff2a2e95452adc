"""Conversations as a whole, with all their branches: read, copied, and added, all or none."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, insert

from app.history.cleaning import TITLE_LENGTH, clean, iso, one_line
from app.history.database import Database
from app.history.feedback import Rating, feedback, row_of
from app.history.records import Conversation, Message, Status, conversations, messages
from app.history.traces import write as write_trace
from app.schemas import Trace

if TYPE_CHECKING:
    from app.history.store import History


@dataclass(frozen=True, slots=True)
class Whole:
    """A conversation with everything that belongs to it.

    Attributes:
        messages: of all branches, in the order in which they came; none stands before the one it follows.
        ratings: what was said of them.
        traces: how answers came about, by the ids of their messages.
    """

    conversation: Conversation
    messages: tuple[Message, ...]
    ratings: tuple[Rating, ...] = ()
    traces: Mapping[str, Trace] = field(default_factory=dict)


class Wholes:
    def __init__(self, database: Database, history: History) -> None:
        self._transaction = database.transaction
        self._history = history

    def get(self, conversation_id: str) -> Whole:
        """One conversation.

        Raises:
            NotFoundError: there is none with this id, or it was deleted.
        """
        held = self._history.conversation(conversation_id)
        ids = [node.id for node in self._history.tree(conversation_id).nodes]
        ratings = self._history.feedback.of(ids)
        return Whole(
            held,
            tuple(self._history.load(ids)),
            tuple(ratings[id] for id in ids if id in ratings),
            self._traces(ids),
        )

    def _traces(self, ids: Iterable[str]) -> dict[str, Trace]:
        return {id: found for id in ids if (found := self._history.traces.of(id)) is not None}

    def add(self, wholes: Sequence[Whole]) -> list[Conversation]:
        """Add conversations as copies with ids of their own; all of them or none."""
        copies = [copied(one) for one in wholes]
        with self._transaction() as connection:
            for one in copies:
                _write(connection, one)
        return [one.conversation for one in copies]

    def branch(self, message_id: str, title: str = "{title}") -> Conversation:
        """Go on from this message in a conversation of its own, which begins with all that led to it.

        Args:
            title: of the new one; `{title}` stands for that of the old one.

        Raises:
            NotFoundError: there is no such message.
        """
        message = self._history.message(message_id)
        held = self._history.conversation(message.conversation_id)
        path = self._history.messages(held.id, message_id)
        now = datetime.now(UTC)
        room = TITLE_LENGTH - len(title.replace("{title}", ""))
        named = held.model_copy(
            update={
                "title": title.replace("{title}", one_line(held.title, room)),
                "leaf": message_id,
                "pinned": False,
                "created": now,
                "updated": now,
            }
        )
        # What was thought of an answer was said of the first one: a copy would count it twice.
        traces = self._traces(one.id for one in path)
        [made] = self.add([Whole(named, tuple(path), traces=traces)])
        return made


def copied(whole: Whole) -> Whole:
    """The same under new ids; answers that were being written are told as interrupted."""
    ids = {message.id: str(uuid.uuid4()) for message in whole.messages}
    made = whole.conversation.model_copy(
        update={
            "id": str(uuid.uuid4()),
            "title": one_line(whole.conversation.title),
            "folder": one_line(whole.conversation.folder),
            "leaf": ids.get(whole.conversation.leaf or ""),
            "deleted": None,
        }
    )
    return replace(
        whole,
        conversation=made,
        messages=tuple(_message(one, made.id, ids) for one in whole.messages),
        ratings=tuple(
            one.model_copy(update={"message_id": ids[one.message_id]})
            for one in whole.ratings
            if one.message_id in ids
        ),
        traces={ids[id]: _trace(one, ids) for id, one in whole.traces.items() if id in ids},
    )


def _trace(trace: Trace, ids: Mapping[str, str]) -> Trace:
    """What it says of other messages holds among the copies."""
    return trace.model_copy(
        update={"repeats": ids.get(trace.repeats or ""), "continues": ids.get(trace.continues or "")}
    )


def _message(message: Message, conversation_id: str, ids: dict[str, str]) -> Message:
    running = message.status is Status.STREAMING
    return message.model_copy(
        update={
            "id": ids[message.id],
            "conversation_id": conversation_id,
            "parent_id": ids.get(message.parent_id or ""),
            "content": clean(message.content),
            "status": Status.INTERRUPTED if running else message.status,
        }
    )


def _write(connection: Connection, whole: Whole) -> None:
    held = whole.conversation
    times = {"created": iso(held.created), "updated": iso(held.updated)}
    connection.execute(insert(conversations).values(held.model_dump() | times))
    if rows := [one.model_dump() | {"created": iso(one.created)} for one in whole.messages]:
        connection.execute(insert(messages), rows)
    if ratings := [row_of(one) for one in whole.ratings]:
        connection.execute(insert(feedback), ratings)
    for id, trace in whole.traces.items():
        write_trace(connection, id, trace)
