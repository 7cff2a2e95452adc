"""`History`: conversations in SQLAlchemy; SQLite by default, PostgreSQL by URL."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    RowMapping,
    create_engine,
    delete,
    event,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from app.errors import ConfigurationError, MissingExtraError, NotFoundError, StorageError
from app.history.migrations import migrate
from app.history.records import Conversation, Failure, Message, Status, conversations, messages
from app.schemas import Answer, Role

_TITLE_LENGTH = 80
_BUSY_MILLISECONDS = 15_000


class History:
    """Conversations of one database. Safe to use from many threads.

    Args:
        url: a SQLAlchemy URL, such as `sqlite:////path/conversations.sqlite` or `postgresql+psycopg://…`.

    Raises:
        ConfigurationError: the URL names no database that SQLAlchemy knows.
        MissingExtraError: its driver is not installed.
        StorageError: it cannot be opened, or a newer Docent has written it.
    """

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)
        try:
            with self._transaction() as connection:
                migrate(connection)
        except BaseException:
            self._engine.dispose()
            raise

    def close(self) -> None:
        self._engine.dispose()

    # -- conversations ---------------------------------------------------------------------------

    def create(
        self, *, title: str = "", collection: str = "", settings: Mapping[str, Any] | None = None
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
        )
        with self._transaction() as connection:
            connection.execute(insert(conversations).values(made.model_dump() | _times(made)))
        return made

    def conversations(self, search: str = "", limit: int | None = None) -> list[Conversation]:
        """The newest first; with `search`, those whose title or messages contain it."""
        query = select(conversations).order_by(conversations.c.updated.desc(), conversations.c.id)
        wanted = unicodedata.normalize("NFC", search).strip()
        if wanted:
            inside = select(messages.c.conversation_id).where(
                messages.c.content.icontains(wanted, autoescape=True)
            )
            titled = conversations.c.title.icontains(wanted, autoescape=True)
            query = query.where(or_(titled, conversations.c.id.in_(inside)))
        with self._transaction() as connection:
            rows = connection.execute(query.limit(limit)).mappings().all()
        return [_conversation(row) for row in rows]

    def conversation(self, conversation_id: str) -> Conversation:
        """One conversation.

        Raises:
            NotFoundError: there is none with this id.
        """
        query = select(conversations).where(conversations.c.id == conversation_id)
        with self._transaction() as connection:
            row = connection.execute(query).mappings().first()
        if row is None:
            raise _unknown(conversation_id)
        return _conversation(row)

    def rename(self, conversation_id: str, title: str) -> None:
        self._change(conversation_id, title=_one_line(title))

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
        """Remove a conversation with its messages; one that is not there is ignored."""
        with self._transaction() as connection:
            connection.execute(delete(messages).where(messages.c.conversation_id == conversation_id))
            connection.execute(delete(conversations).where(conversations.c.id == conversation_id))

    # -- messages --------------------------------------------------------------------------------

    def messages(self, conversation_id: str) -> list[Message]:
        """All messages, oldest first.

        Raises:
            NotFoundError: there is no such conversation.
        """
        query = select(messages).where(messages.c.conversation_id == conversation_id).order_by(messages.c.seq)
        with self._transaction() as connection:
            rows = connection.execute(query).mappings().all()
        if not rows:
            self.conversation(conversation_id)
        return [_message(row) for row in rows]

    def message(self, message_id: str) -> Message:
        """One message.

        Raises:
            NotFoundError: there is none with this id.
        """
        query = select(messages).where(messages.c.id == message_id)
        with self._transaction() as connection:
            row = connection.execute(query).mappings().first()
        if row is None:
            raise NotFoundError(f"There is no message {message_id!r}; it may have been deleted.")
        return _message(row)

    def append(
        self,
        conversation_id: str,
        role: Role,
        content: str,
        *,
        status: Status = Status.DONE,
        parent_id: str | None = None,
        record: Answer | None = None,
    ) -> Message:
        """Add a message; the first question names a conversation that has no title.

        Raises:
            NotFoundError: there is no such conversation.
        """
        now = datetime.now(UTC)
        added = Message(
            id=str(uuid.uuid4()),
            conversation_id=conversation_id,
            parent_id=parent_id,
            role=role,
            content=_clean(content),
            status=status,
            record=_json(record),
            error=None,
            created=now,
        )
        with self._transaction() as connection:
            _touch(connection, conversation_id, now)
            if role is Role.USER:
                _name(connection, conversation_id, added.content)
            connection.execute(insert(messages).values(added.model_dump() | {"created": _iso(now)}))
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
            return changed.rowcount > 0

    def interrupt_running(self) -> int:
        """Mark answers that a dead process left unfinished; how many there were. Call it at start only."""
        with self._transaction() as connection:
            changed = connection.execute(
                update(messages)
                .where(messages.c.status == Status.STREAMING)
                .values(status=Status.INTERRUPTED)
            )
            return changed.rowcount

    # -- inside ----------------------------------------------------------------------------------

    def _change(self, conversation_id: str, **values: Any) -> None:
        with self._transaction() as connection:
            changed = connection.execute(
                update(conversations).where(conversations.c.id == conversation_id).values(**values)
                if values
                else select(conversations.c.id).where(conversations.c.id == conversation_id)
            )
            if (changed.rowcount if values else len(changed.all())) == 0:
                raise _unknown(conversation_id)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise StorageError(
                f"The conversations in {self._engine.url.render_as_string()!r} cannot be read or written "
                f"({error.orig}). Check the disk and its rights, or change DOCENT_HISTORY_URL."
            ) from error


def _engine(url: str) -> Engine:
    try:
        engine = create_engine(make_url(url))
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigurationError(
            f"DOCENT_HISTORY_URL is no database URL that can be used ({type(error).__name__}). "
            "Leave it empty, or write it like 'sqlite:////path/to/conversations.sqlite'."
        ) from None
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"DOCENT_HISTORY_URL needs the package {error.name!r}; install it: pip install {error.name}"
        ) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    """WAL lets readers go on while an answer is being written."""
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_MILLISECONDS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _touch(connection: Connection, conversation_id: str, now: datetime) -> None:
    changed = connection.execute(
        update(conversations).where(conversations.c.id == conversation_id).values(updated=_iso(now))
    )
    if changed.rowcount == 0:
        raise _unknown(conversation_id)


def _name(connection: Connection, conversation_id: str, question: str) -> None:
    connection.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id, conversations.c.title == "")
        .values(title=_one_line(question))
    )


def _unknown(conversation_id: str) -> NotFoundError:
    return NotFoundError(f"There is no conversation {conversation_id!r}; it may have been deleted.")


def _one_line(title: str) -> str:
    line = " ".join(_clean(title).split())
    return line if len(line) <= _TITLE_LENGTH else line[: _TITLE_LENGTH - 1].rstrip() + "…"


def _clean(text: str) -> str:
    """NFC, so that Korean typed on any system is found; without what no database stores."""
    composed = unicodedata.normalize("NFC", text.replace("\x00", ""))
    return composed.encode("utf-8", "replace").decode("utf-8")


def _json(answer: Answer | None) -> dict[str, Any] | None:
    return None if answer is None else answer.model_dump(mode="json")


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")


def _times(made: Conversation) -> dict[str, str]:
    return {"created": _iso(made.created), "updated": _iso(made.updated)}


def _conversation(row: RowMapping) -> Conversation:
    return Conversation.model_validate(dict(row))


def _message(row: RowMapping) -> Message:
    return Message.model_validate({key: value for key, value in row.items() if key != "seq"})
