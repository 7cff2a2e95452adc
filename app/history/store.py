"""`History`: conversations in SQLAlchemy; SQLite by default, PostgreSQL by URL."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, delete, insert, select, update

from app.errors import NotFoundError
from app.history.answering import Answering, answering, interrupt, take_out
from app.history.beside import Attachments, FollowUps
from app.history.cleaning import clean as _clean
from app.history.cleaning import iso as _iso
from app.history.cleaning import one_line as _one_line
from app.history.cleaning import parts as _parts
from app.history.database import SETTING, Database
from app.history.feedback import Feedback
from app.history.prompts import OwnPrompts
from app.history.records import Conversation, Failure, Listed, Message, Status, conversations, messages
from app.history.schemas import OwnSchemas
from app.history.search import Search, forget
from app.history.shares import Shares
from app.history.summaries import Summaries
from app.history.titles import title_of
from app.history.traces import Traces, write
from app.history.tree import Node, Tree
from app.history.wholes import Wholes
from app.schemas import Answer, Role

KEPT_DAYS = 30
"""How long a deleted conversation can be brought back."""

FIRST = ""
"""As the parent of a message: it begins the conversation, beside what has begun it before."""


class History:
    """Conversations of one database. Safe to use from many threads.

    Args:
        url, setting: see `Database`, also for what is raised.
    """

    def __init__(self, url: str, setting: str = SETTING) -> None:
        self._database = Database(url, setting)
        self._transaction = self._database.transaction
        self.answering = Answering(self._database)
        self.attachments = Attachments(self._database)
        self.follow_ups = FollowUps(self._database)
        self.prompts = OwnPrompts(self._database)
        self.schemas = OwnSchemas(self._database)
        self.summaries = Summaries(self._database)
        self.feedback = Feedback(self._database)
        self.shares = Shares(self._database)
        self.wholes = Wholes(self._database, self)
        self.search = Search(self._database)
        self.traces = Traces(self._database)

    def ping(self) -> str:
        """What the conversations are kept in, with its version.

        Raises:
            StorageError: it does not answer.
        """
        return self._database.ping()

    def close(self) -> None:
        self._database.close()

    # -- conversations ---------------------------------------------------------------------------

    def create(
        self,
        *,
        title: str = "",
        collection: str = "",
        settings: Mapping[str, Any] | None = None,
        folder: str = "",
    ) -> Conversation:
        """A new, empty conversation."""
        now = datetime.now(UTC)
        made = Conversation(
            id=str(uuid.uuid4()),
            title=_one_line(title),
            collection=collection,
            settings=dict(settings or {}),
            created=now,
            updated=now,
            folder=_one_line(folder),
        )
        with self._transaction() as connection:
            connection.execute(insert(conversations).values(made.model_dump() | _times(made)))
        return made

    def conversations(self, limit: int | None = None) -> list[Conversation]:
        """The pinned ones, then the newest; `search` finds in them."""
        return self._conversations(_in_order(select(conversations)).limit(limit))

    def listed(self, limit: int) -> list[Listed]:
        """As `conversations`, with what a list shows of them: hundreds are read for every page."""
        table = conversations.c
        query = _in_order(select(table.id, table.title, table.updated, table.pinned, table.folder))
        with self._transaction() as connection:
            rows = connection.execute(query.limit(limit))
            return [
                Listed(id, title, datetime.fromisoformat(updated), pinned, folder)
                for id, title, updated, pinned, folder in rows
            ]

    def deleted(self) -> list[Conversation]:
        """Those that can be brought back, the last deleted first."""
        table = conversations.c
        query = select(conversations).where(table.deleted.is_not(None))
        return self._conversations(query.order_by(table.deleted.desc(), table.id))

    def _conversations(self, query: Select[Any]) -> list[Conversation]:
        with self._transaction() as connection:
            rows = connection.execute(query).mappings().all()
        return [_conversation(row) for row in rows]

    def conversation(self, conversation_id: str) -> Conversation:
        """One conversation.

        Raises:
            NotFoundError: there is none with this id, or it was deleted.
        """
        table = conversations.c
        found = self._conversations(
            select(conversations).where(table.id == conversation_id, table.deleted.is_(None))
        )
        if not found:
            raise _unknown(conversation_id)
        return found[0]

    def rename(self, conversation_id: str, title: str) -> None:
        self._change(conversation_id, title=_one_line(title))

    def entitle(self, conversation_id: str, title: str, *, instead_of: str) -> bool:
        """Give a better automatic title in place of this one; False where another has been given since."""
        table = conversations.c
        change = update(conversations).where(table.id == conversation_id, table.title == instead_of)
        with self._transaction() as connection:
            return connection.execute(change.values(title=_one_line(title))).rowcount > 0

    def pin(self, conversation_id: str, pinned: bool = True) -> None:
        self._change(conversation_id, pinned=pinned)

    def move(self, conversation_id: str, folder: str) -> None:
        """Put it into a folder, which is there as long as something is in it; "" takes it out."""
        self._change(conversation_id, folder=_one_line(folder))

    def folders(self) -> list[str]:
        """The names of all folders, sorted."""
        table = conversations.c
        query = select(table.folder).where(table.folder != "", table.deleted.is_(None)).distinct()
        with self._transaction() as connection:
            return sorted(connection.execute(query).scalars())

    def configure(
        self,
        conversation_id: str,
        *,
        collection: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep what the user chose for this conversation; None leaves it as it is."""
        given = {"collection": collection, "settings": None if settings is None else dict(settings)}
        self._change(conversation_id, **{key: value for key, value in given.items() if value is not None})

    def delete(self, conversation_id: str) -> None:
        """Put a conversation away, to be forgotten after `KEPT_DAYS`; one that is not there is ignored."""
        self._mark(conversation_id, _iso(datetime.now(UTC)))

    def restore(self, conversation_id: str) -> None:
        """Undo `delete`; one that is not there any more is ignored."""
        self._mark(conversation_id, None)

    def _mark(self, conversation_id: str, deleted: str | None) -> None:
        change = update(conversations).where(conversations.c.id == conversation_id).values(deleted=deleted)
        with self._transaction() as connection:
            connection.execute(change)

    def purge(self, older_than: timedelta = timedelta(days=KEPT_DAYS)) -> int:
        """Forget for good what was deleted longer ago than this; how many conversations."""
        limit = _iso(datetime.now(UTC) - older_than)
        gone = select(conversations.c.id).where(conversations.c.deleted < limit)
        with self._transaction() as connection:
            ids = list(connection.execute(gone).scalars())
            for some in _parts(ids):
                connection.execute(delete(messages).where(messages.c.conversation_id.in_(some)))
                connection.execute(delete(conversations).where(conversations.c.id.in_(some)))
        return len(ids)

    # -- messages --------------------------------------------------------------------------------

    def tree(self, conversation_id: str) -> Tree:
        """How the messages follow one another, without their contents.

        Raises:
            NotFoundError: there is no such conversation.
        """
        held = self.conversation(conversation_id)
        table = messages.c
        query = select(table.id, table.parent_id, table.role, table.status, table.seq)
        query = query.where(table.conversation_id == conversation_id).order_by(table.seq)
        with self._transaction() as connection:
            rows = connection.execute(query).all()
        nodes = (Node(id, parent, Role(role), Status(status), seq) for id, parent, role, status, seq in rows)
        return Tree(tuple(nodes), held.leaf)

    def messages(self, conversation_id: str, leaf: str | None = None) -> list[Message]:
        """The messages of the branch that is shown, or of the one that ends with `leaf`, oldest first.

        Raises:
            NotFoundError: there is no such conversation.
        """
        return self.load([node.id for node in self.tree(conversation_id).branch(leaf)])

    def load(self, ids: Sequence[str]) -> list[Message]:
        """These messages in this order, without those that are gone."""
        found: dict[str, Message] = {}
        with self._transaction() as connection:
            for some in _parts(ids):
                rows = connection.execute(select(messages).where(messages.c.id.in_(some))).mappings()
                found |= {row["id"]: _message(row) for row in rows}
        return [found[id] for id in ids if id in found]

    def message(self, message_id: str) -> Message:
        """One message.

        Raises:
            NotFoundError: there is none with this id.
        """
        found = self.load([message_id])
        if not found:
            raise NotFoundError(f"There is no message {message_id!r}; it may have been deleted.")
        return found[0]

    def show(self, conversation_id: str, message_id: str) -> None:
        """Show the branch through this message that was gone on with last.

        Raises:
            NotFoundError: there is no such conversation, or no such message in it.
        """
        tree = self.tree(conversation_id)
        if message_id not in tree.by_id:
            raise NotFoundError(f"There is no message {message_id!r} in this conversation.")
        self._change(conversation_id, leaf=tree.end_of(message_id))

    def append(
        self,
        conversation_id: str,
        role: Role,
        content: str,
        *,
        status: Status = Status.DONE,
        parent_id: str | None = None,
        record: Answer | None = None,
        shown: bool = True,
        writer: str | None = None,
    ) -> Message:
        """Add a message; the first question names a conversation that has no title.

        Args:
            record: its trace is kept in `traces`.
            parent_id: what it follows; None is the end of the branch that is shown, `FIRST` nothing.
            shown: its branch is shown from now on.
            writer: who writes this answer, and will tell of it in `answering`.

        Raises:
            NotFoundError: there is no such conversation.
        """
        if parent_id is None:
            branch = self.tree(conversation_id).branch()
            parent_id = branch[-1].id if branch else FIRST
        now = datetime.now(UTC)
        added = Message(
            id=str(uuid.uuid4()),
            conversation_id=conversation_id,
            parent_id=parent_id or None,
            role=role,
            content=_clean(content),
            status=status,
            record=_json(record),
            error=None,
            created=now,
        )
        with self._transaction() as connection:
            _touch(connection, conversation_id, now, leaf=added.id if shown else None)
            if role is Role.USER:
                _name(connection, conversation_id, added.content)
            connection.execute(insert(messages).values(added.model_dump() | {"created": _iso(now)}))
            _keep_trace(connection, added.id, record)
            if writer is not None:
                connection.execute(insert(answering).values(message_id=added.id, writer=writer))
        return added

    def update_message(
        self,
        message_id: str,
        *,
        content: str | None = None,
        status: Status | None = None,
        record: Answer | None = None,
        error: Failure | None = None,
    ) -> bool:
        """Change what is given; whether the message is still there. One short transaction."""
        given = {
            "content": None if content is None else _clean(content),
            "status": status,
            "record": _json(record),
            "error": error and error.model_dump(),
        }
        values = {key: value for key, value in given.items() if value is not None}
        if not values:
            return True
        with self._transaction() as connection:
            changed = connection.execute(update(messages).where(messages.c.id == message_id).values(**values))
            if "content" in values:
                forget(connection, message_id)
            if status not in (None, Status.STREAMING):
                take_out(connection, message_id)
            if changed.rowcount > 0:
                _keep_trace(connection, message_id, record)
            return changed.rowcount > 0

    def interrupt_running(self) -> int:
        """Mark answers that a dead process left unfinished; how many there were. Call it at start only.

        Those of other machines stay as they are: their writers may live, and `answering` tells.
        """
        with self._transaction() as connection:
            return interrupt(connection)

    # -- inside ----------------------------------------------------------------------------------

    def _change(self, conversation_id: str, **values: Any) -> None:
        if not values:
            self.conversation(conversation_id)
            return
        table = conversations.c
        with self._transaction() as connection:
            changed = connection.execute(
                update(conversations)
                .where(table.id == conversation_id, table.deleted.is_(None))
                .values(**values)
            )
            if changed.rowcount == 0:
                raise _unknown(conversation_id)


def _touch(connection: Connection, conversation_id: str, now: datetime, leaf: str | None) -> None:
    values = {"updated": _iso(now)} | ({"leaf": leaf} if leaf else {})
    changed = connection.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id, conversations.c.deleted.is_(None))
        .values(**values)
    )
    if changed.rowcount == 0:
        raise _unknown(conversation_id)


def _name(connection: Connection, conversation_id: str, question: str) -> None:
    connection.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id, conversations.c.title == "")
        .values(title=title_of(question) or _one_line(question))
    )


def _unknown(conversation_id: str) -> NotFoundError:
    return NotFoundError(f"There is no conversation {conversation_id!r}; it may have been deleted.")


def _json(answer: Answer | None) -> dict[str, Any] | None:
    """Without its trace, which is kept apart."""
    return None if answer is None else answer.model_dump(mode="json", exclude={"trace"})


def _keep_trace(connection: Connection, message_id: str, answer: Answer | None) -> None:
    if answer is not None and answer.trace is not None:
        write(connection, message_id, answer.trace)


def _times(made: Conversation) -> dict[str, str]:
    return {"created": _iso(made.created), "updated": _iso(made.updated)}


def _in_order(query: Select[Any]) -> Select[Any]:
    """Those that were not deleted, the pinned ones first, then the newest."""
    table = conversations.c
    found = query.where(table.deleted.is_(None))
    return found.order_by(table.pinned.desc(), table.updated.desc(), table.id)


def _conversation(row: RowMapping) -> Conversation:
    return Conversation.model_validate(dict(row))


def _message(row: RowMapping) -> Message:
    return Message.model_validate({key: value for key, value in row.items() if key != "seq"})
