"""Values that stand for a whole collection, among them its generation: it moves when chunks change."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, delete, insert, select

from ingest.catalog.tables import meta


def set_values(connection: Connection, values: Mapping[str, str]) -> None:
    connection.execute(delete(meta).where(meta.c.key.in_(values)))
    connection.execute(insert(meta), [{"key": key, "value": value} for key, value in values.items()])


def generation(connection: Connection) -> int:
    value = connection.execute(select(meta.c.value).where(meta.c.key == "generation")).scalar()
    return int(value or 0)


def bump(connection: Connection) -> None:
    """Tell readers that something changed."""
    set_values(connection, {"generation": str(generation(connection) + 1)})
