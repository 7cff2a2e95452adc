"""Steps that bring a database of conversations up to date; they only go forward.

A step is never changed once it was released: a new one is added at the end of `STEPS`.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, func, insert, select, text

from app.database import alone, check_server
from app.errors import StorageError

_versions = Table(
    "schema_versions", MetaData(), Column("version", Integer, primary_key=True), Column("step", String(100))
)

# As text, so that it stays what it was when the tables in `records.py` move on.
_M001 = {
    "conversations": """
        CREATE TABLE conversations (
            id VARCHAR(36) NOT NULL PRIMARY KEY,
            title TEXT NOT NULL,
            collection TEXT NOT NULL,
            settings JSON NOT NULL,
            created VARCHAR(32) NOT NULL,
            updated VARCHAR(32) NOT NULL
        )""",
    "messages": """
        CREATE TABLE messages (
            seq {serial},
            id VARCHAR(36) NOT NULL UNIQUE,
            conversation_id VARCHAR(36) NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
            parent_id VARCHAR(36),
            role VARCHAR(16) NOT NULL,
            content TEXT NOT NULL,
            status VARCHAR(16) NOT NULL,
            record JSON,
            error JSON,
            created VARCHAR(32) NOT NULL
        )""",
    "updated": "CREATE INDEX ix_conversations_updated ON conversations (updated)",
    "status": "CREATE INDEX ix_messages_status ON messages (status)",
    "conversation": "CREATE INDEX ix_messages_conversation ON messages (conversation_id, seq)",
}
_SERIAL = {"sqlite": "INTEGER PRIMARY KEY AUTOINCREMENT", "postgresql": "SERIAL PRIMARY KEY"}


def m001_conversations(connection: Connection) -> None:
    serial = _SERIAL.get(connection.dialect.name, "INTEGER PRIMARY KEY AUTO_INCREMENT")
    for statement in _M001.values():
        connection.execute(text(statement.format(serial=serial)))


_M002 = (
    "ALTER TABLE conversations ADD COLUMN pinned BOOLEAN NOT NULL DEFAULT FALSE",
    "ALTER TABLE conversations ADD COLUMN folder TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE conversations ADD COLUMN leaf VARCHAR(36)",
    "ALTER TABLE conversations ADD COLUMN deleted VARCHAR(32)",
)


def m002_branches(connection: Connection) -> None:
    """Messages become a tree: those that said nothing of what they follow, follow the one before."""
    for statement in _M002:
        connection.execute(text(statement))
    rows = connection.execute(
        text("SELECT id, conversation_id, parent_id FROM messages ORDER BY conversation_id, seq")
    )
    before: dict[str, str] = {}
    adopted = []
    for message, conversation, parent in rows:
        if parent is None and conversation in before:
            adopted.append({"id": message, "parent": before[conversation]})
        before[conversation] = message
    if adopted:
        connection.execute(text("UPDATE messages SET parent_id = :parent WHERE id = :id"), adopted)


_M003 = """
    CREATE TABLE traces (
        message_id VARCHAR(36) NOT NULL PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
        trace JSON NOT NULL,
        marks JSON NOT NULL,
        repeats VARCHAR(36)
    )"""


def m003_traces(connection: Connection) -> None:
    connection.execute(text(_M003))


_M004 = """
    CREATE TABLE summaries (
        message_id VARCHAR(36) NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
        free BOOLEAN NOT NULL,
        covers INTEGER NOT NULL,
        automatic TEXT NOT NULL,
        words TEXT,
        rest TEXT NOT NULL,
        model TEXT,
        created VARCHAR(32) NOT NULL,
        PRIMARY KEY (message_id, free)
    )"""


def m004_summaries(connection: Connection) -> None:
    connection.execute(text(_M004))


_M005 = """
    CREATE TABLE feedback (
        message_id VARCHAR(36) NOT NULL PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
        verdict VARCHAR(8),
        reason VARCHAR(32) NOT NULL,
        words TEXT NOT NULL,
        correction TEXT NOT NULL,
        changed VARCHAR(32) NOT NULL
    )"""


def m005_feedback(connection: Connection) -> None:
    connection.execute(text(_M005))


_M006 = (
    """
    CREATE TABLE shares (
        token VARCHAR(64) NOT NULL PRIMARY KEY,
        conversation_id VARCHAR(36) NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        leaf VARCHAR(36) NOT NULL,
        created VARCHAR(32) NOT NULL
    )""",
    "CREATE INDEX ix_shares_conversation_id ON shares (conversation_id)",
)


def m006_shares(connection: Connection) -> None:
    for statement in _M006:
        connection.execute(text(statement))


_M007 = (
    """
        CREATE TABLE message_texts (
            seq INTEGER NOT NULL PRIMARY KEY REFERENCES messages (seq) ON DELETE CASCADE,
            conversation_id VARCHAR(36) NOT NULL,
            folded TEXT NOT NULL
        )""",
    "CREATE INDEX ix_message_texts_conversation ON message_texts (conversation_id)",
)


def m007_search(connection: Connection) -> None:
    """The folded texts are filled in by the first search."""
    for statement in _M007:
        connection.execute(text(statement))


_M008 = """
    CREATE TABLE IF NOT EXISTS prompts (
        seq {serial},
        kind VARCHAR(16) NOT NULL,
        name VARCHAR(100) NOT NULL,
        version INTEGER NOT NULL,
        content TEXT NOT NULL,
        created VARCHAR(32) NOT NULL,
        deleted VARCHAR(32),
        UNIQUE (kind, name, version)
    )"""


def m008_prompts(connection: Connection) -> None:
    """Prompts that people wrote themselves."""
    serial = _SERIAL.get(connection.dialect.name, "INTEGER PRIMARY KEY AUTO_INCREMENT")
    connection.execute(text(_M008.format(serial=serial)))


_M009 = tuple(
    f"""CREATE TABLE {table} (
        message_id VARCHAR(36) NOT NULL PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
        {column} JSON NOT NULL
    )"""
    for table, column in (("attachments", "files"), ("follow_ups", "questions"))
)


def m009_beside(connection: Connection) -> None:
    for statement in _M009:
        connection.execute(text(statement))


_M010 = """
    CREATE TABLE schemas (
        seq {serial},
        name VARCHAR(100) NOT NULL,
        version INTEGER NOT NULL,
        content TEXT NOT NULL,
        created VARCHAR(32) NOT NULL,
        deleted VARCHAR(32),
        UNIQUE (name, version)
    )"""


def m010_schemas(connection: Connection) -> None:
    """Schemas of typed answers that people made themselves."""
    serial = _SERIAL.get(connection.dialect.name, "INTEGER PRIMARY KEY AUTO_INCREMENT")
    connection.execute(text(_M010.format(serial=serial)))


_M011 = """
    CREATE TABLE answering (
        message_id VARCHAR(36) NOT NULL PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
        writer VARCHAR(300) NOT NULL,
        beats INTEGER NOT NULL,
        stop BOOLEAN NOT NULL
    )"""


def m011_answering(connection: Connection) -> None:
    """Who writes which answer, where several servers share the database."""
    connection.execute(text(_M011))


STEPS: tuple[Callable[[Connection], None], ...] = (
    m001_conversations,
    m002_branches,
    m003_traces,
    m004_summaries,
    m005_feedback,
    m006_shares,
    m007_search,
    m008_prompts,
    m009_beside,
    m010_schemas,
    m011_answering,
)


def migrate(connection: Connection, setting: str) -> None:
    """Run the steps that this database has not seen.

    Raises:
        StorageError: a newer Docent has already gone further.
    """
    if _done(connection) == len(STEPS):
        return
    if connection.dialect.name == "postgresql":
        check_server(connection, setting)
        alone(connection, "conversations")
    _versions.create(connection, checkfirst=True)
    done = _done(connection)
    if done > len(STEPS):
        raise StorageError(
            f"The conversations in {connection.engine.url.render_as_string()!r} were written by a newer "
            f"Docent (version {done}, this one knows {len(STEPS)}). Install the newer one, or set "
            f"{setting} to another database."
        )
    for number, step in enumerate(STEPS[done:], done + 1):
        step(connection)
        connection.execute(insert(_versions).values(version=number, step=step.__name__))


def _done(connection: Connection) -> int:
    """The number of the last step that was taken."""
    if not connection.dialect.has_table(connection, _versions.name):
        return 0
    return connection.execute(select(func.max(_versions.c.version))).scalar() or 0
