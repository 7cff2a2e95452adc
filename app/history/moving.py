"""All conversations from one database into another, row by row and checked; where they were, they stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, tuple_

from app.errors import StorageError
from app.history import answering, search
from app.history.database import Database
from app.history.records import metadata

# What is made again by itself, or is of the moment.
_LEFT_OUT = (search.message_texts, answering.answering)
# Tables whose rows are numbered by the database that holds them -> what tells one row from another anywhere.
_NUMBERED = {"messages": ("id",), "prompts": ("kind", "name", "version"), "schemas": ("name", "version")}
_PART = 200

Tell = Callable[[str, int, int], None]
"""Is told which table, how many of its rows are done, and of how many."""
_Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Copied:
    """Table -> rows.

    Attributes:
        added: were not there; they were read again and found equal.
        differing: were there, and are left as they are, for somebody went on with them there.
    """

    added: dict[str, int]
    differing: dict[str, int]


def copy_conversations(source: tuple[str, str], target: tuple[str, str], tell: Tell) -> Copied:
    """Add what the target lacks, in the same order; again, it goes on, or adds what has come since.

    Args:
        source, target: each a URL and the setting that names it; see `Database` for what is raised.
    """
    copied = Copied({}, {})
    opened = Database(*source), Database(*target)
    try:
        for table in metadata.sorted_tables:
            if table not in _LEFT_OUT:
                _copy(*opened, table, copied, tell)
        return copied
    finally:
        for database in opened:
            database.close()


def _copy(source: Database, target: Database, table: Table, copied: Copied, tell: Tell) -> None:
    added = differing = done = 0
    with source.transaction() as connection:
        total = connection.execute(select(func.count()).select_from(table)).scalar_one()
    for part in _parts(source, table):
        with target.transaction() as connection:
            before = _held(connection, table, part)
            if fresh := [values for key, values in part.items() if key not in before]:
                connection.execute(insert(table), fresh)
            after = _held(connection, table, part)
            _check(table, {key: part[key] == after.get(key) for key in part.keys() - before.keys()})
        added, done = added + len(fresh), done + len(part)
        differing += sum(part[key] != values for key, values in before.items())
        tell(table.name, done, total)
    copied.added[table.name], copied.differing[table.name] = added, differing


def _parts(database: Database, table: Table) -> Iterator[dict[tuple[Any, ...], _Values]]:
    """Rows by what tells them apart, in the order of their numbers or keys."""
    with database.transaction() as connection:
        rows = connection.execute(
            select(table).order_by(*table.primary_key.columns), execution_options={"yield_per": _PART}
        )
        while part := dict(_keyed(table, row._mapping) for row in islice(rows, _PART)):
            yield part


def _held(connection: Connection, table: Table, part: dict[tuple[Any, ...], _Values]) -> dict[Any, _Values]:
    columns = [table.c[name] for name in _names(table)]
    rows = connection.execute(select(table).where(tuple_(*columns).in_(list(part)))).mappings()
    return dict(_keyed(table, row) for row in rows)


def _keyed(table: Table, row: Any) -> tuple[tuple[Any, ...], _Values]:
    values = {name: value for name, value in row.items() if name != "seq" or table.name not in _NUMBERED}
    return tuple(values[name] for name in _names(table)), values


def _names(table: Table) -> tuple[str, ...]:
    return _NUMBERED.get(table.name) or tuple(column.name for column in table.primary_key.columns)


def _check(table: Table, equal: dict[tuple[Any, ...], bool]) -> None:
    wrong = [key for key, is_equal in equal.items() if not is_equal]
    if wrong:
        raise StorageError(
            f"The row {wrong[0]} of {table.name} is another one after copying: nothing of its part was kept, "
            "and the source is untouched. Try again; if it stays so, report it."
        )
