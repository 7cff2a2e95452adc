"""The numbered steps that lead a new or an older catalogue to the tables of today."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, insert, select

from app.errors import CollectionError
from ingest.catalog.tables import meta, metadata


def _m001_tables(connection: Connection) -> None:
    metadata.create_all(connection)


# Forward only, and never changed once released: a later change is a further step.
MIGRATIONS: tuple[Callable[[Connection], None], ...] = (_m001_tables,)


def version(connection: Connection) -> int:
    """The number of the last step that was taken; 0 for an empty database."""
    if not connection.dialect.has_table(connection, "meta"):
        return 0
    value = connection.execute(select(meta.c.value).where(meta.c.key == "schema")).scalar()
    return int(value or 0)


def migrate(connection: Connection) -> None:
    """Take the steps that are missing.

    Raises:
        CollectionError: the catalogue is of a later version than this program.
    """
    current = version(connection)
    if current > len(MIGRATIONS):
        raise CollectionError(
            f"The collection was made by a later version of Docent (catalogue {current}, this one knows "
            f"{len(MIGRATIONS)}): update Docent."
        )
    for number, step in enumerate(MIGRATIONS[current:], current + 1):
        step(connection)
        connection.execute(meta.delete().where(meta.c.key == "schema"))
        connection.execute(insert(meta).values(key="schema", value=str(number)))
