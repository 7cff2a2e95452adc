"""The numbered steps that lead a new or an older catalogue to the tables of today."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, Table, insert, inspect, literal, select, update
from sqlalchemy.schema import CreateIndex, CreateSchema

from app.database import alone
from app.errors import CollectionError
from ingest.catalog.database import schema_of
from ingest.catalog.tables import chunks, documents, files, meta, metadata, versions
from ingest.sketch import sketch


def _m001_tables(connection: Connection) -> None:
    metadata.create_all(connection)


def _m002_places_metadata_versions(connection: Connection) -> None:
    """What was indexed before becomes the first version of each file."""
    if _has(connection, versions):
        return  # made whole by the first step just now
    for table in metadata.tables.values():
        if _has(connection, table):
            _complete(connection, table)
    metadata.create_all(connection)
    names = ["sha256", "size", "mtime_ns", "indexed_at"]
    known = select(files.c.id, *(files.c[name] for name in names))
    known = known.where(files.c.sha256 != literal(""), files.c.indexed_at.is_not(None))
    connection.execute(insert(versions).from_select(["file_id", *names], known))


def _m003_page_turns(connection: Connection) -> None:
    _complete(connection, chunks)


def _m004_health(connection: Connection) -> None:
    """Documents of before get their sketches, too."""
    _complete(connection, files)
    _complete(connection, documents)
    unknown = connection.execute(select(documents.c.id).where(documents.c.sketch.is_(None))).scalars().all()
    for id_ in unknown:
        texts = select(chunks.c.text).where(chunks.c.document_id == id_).order_by(chunks.c.ordinal)
        made = sketch(connection.execute(texts).scalars())
        connection.execute(update(documents).where(documents.c.id == id_).values(sketch=made))


def _m005_suspicions(connection: Connection) -> None:
    """What was indexed before is examined when its file is read anew."""
    _complete(connection, chunks)


def _complete(connection: Connection, table: Table) -> None:
    """Add the columns and indexes that this table has in code and not yet on disk."""
    found, schema = inspect(connection), schema_of(connection)
    place = f"{schema}.{table.name}" if schema else table.name
    held = {column["name"] for column in found.get_columns(table.name, schema)}
    for column in table.columns:
        if column.name not in held:
            kind = column.type.compile(connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {place} ADD COLUMN {column.name} {kind}")
    indexes = {index["name"] for index in found.get_indexes(table.name, schema)}
    for index in table.indexes:
        if index.name not in indexes:
            connection.execute(CreateIndex(index))


def _has(connection: Connection, table: Table) -> bool:
    return connection.dialect.has_table(connection, table.name, schema=schema_of(connection))


# Forward only, and never changed once released: a later change is a further step.
MIGRATIONS: tuple[Callable[[Connection], None], ...] = (
    _m001_tables,
    _m002_places_metadata_versions,
    _m003_page_turns,
    _m004_health,
    _m005_suspicions,
)


def version(connection: Connection) -> int:
    """The number of the last step that was taken; 0 for an empty database."""
    if not _has(connection, meta):
        return 0
    value = connection.execute(select(meta.c.value).where(meta.c.key == "schema")).scalar()
    return int(value or 0)


def migrate(connection: Connection) -> None:
    """Take the steps that are missing, all or none, and let no other process take them meanwhile.

    Raises:
        CollectionError: the catalogue is of a later version than this program.
    """
    if version(connection) == len(MIGRATIONS):
        return
    _keep_others_out(connection)
    current = version(connection)
    if current > len(MIGRATIONS):
        raise CollectionError(
            f"The collection was made by a later version of Docent (catalogue {current}, this one knows "
            f"{len(MIGRATIONS)}): update Docent."
        )
    if current == 0:
        metadata.create_all(connection)
        _note(connection, len(MIGRATIONS))
        return
    for number, step in enumerate(MIGRATIONS[current:], current + 1):
        step(connection)
        _note(connection, number)


def _note(connection: Connection, number: int) -> None:
    connection.execute(meta.delete().where(meta.c.key == "schema"))
    connection.execute(insert(meta).values(key="schema", value=str(number)))


def _keep_others_out(connection: Connection) -> None:
    schema = schema_of(connection)
    if schema is None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    alone(connection, schema)
    connection.execute(CreateSchema(schema, if_not_exists=True))
