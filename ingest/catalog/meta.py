"""Values that stand for a whole collection, among them its generation: it moves when chunks change."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Integer, Text, cast, delete, insert, select, update

from ingest.catalog.tables import meta


def set_values(connection: Connection, values: Mapping[str, str]) -> None:
    connection.execute(delete(meta).where(meta.c.key.in_(values)))
    connection.execute(insert(meta), [{"key": key, "value": value} for key, value in values.items()])


def generation(connection: Connection) -> int:
    value = connection.execute(select(meta.c.value).where(meta.c.key == "generation")).scalar()
    return int(value or 0)


def bump(connection: Connection) -> None:
    """Tell readers that something changed; several may at a time."""
    counted = cast(cast(meta.c.value, Integer) + 1, Text)
    if not connection.execute(update(meta).where(meta.c.key == "generation").values(value=counted)).rowcount:
        set_values(connection, {"generation": "1"})
