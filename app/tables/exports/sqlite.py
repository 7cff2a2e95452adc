"""SQLite: plain tables `rows`, `evidence`, and one for each list of objects, to be asked in SQL."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from app.tables.exports.lines import Head, Plain, inner_lines, line, sheets

if TYPE_CHECKING:
    from app.language import Language
    from app.tables.model import Row
    from app.tables.table import Table

_ROWS, _EVIDENCE = "rows", "evidence"
_COLUMNS = (
    "row",
    "path",
    "value",
    "original",
    "unit",
    "source",
    "page",
    "quote",
    "support",
    "reasons",
    "edited",
)
_TYPES = {"integer": "INTEGER", "number": "REAL", "money": "REAL", "boolean": "INTEGER"}
_LARGEST = 2**63


def write(table: Table, path: Path, language: Language) -> None:
    """`evidence.row` and the first column of a list are `rows.row`."""
    first, *lists = sheets(table)
    names = _names([one.path for one in lists])
    with closing(sqlite3.connect(path)) as connection, connection:
        numbered = (Head("row"), *first.heads)
        connection.execute(_create(_ROWS, _apart(numbered)))
        connection.execute(f"CREATE TABLE {_EVIDENCE} ({', '.join(_COLUMNS)})")
        for name, sheet in zip(names, lists, strict=True):
            connection.execute(_create(name, sheet.heads))
        for number, row in enumerate(table.each_row(), 1):
            _insert(connection, _ROWS, [[number, *line(first, row)]])
            _insert(connection, _EVIDENCE, _evidence(row, number))
            for name, sheet in zip(names, lists, strict=True):
                _insert(connection, name, (values for _, values in inner_lines(sheet, row, number)))


def _apart(heads: Sequence[Head]) -> Sequence[Head]:
    """The number of the row is ours; a field of that name goes by another one."""
    rest = [Head("row (2)", one.column, one.unit_of) if one.name == "row" else one for one in heads[1:]]
    return [heads[0], *rest]


def _names(paths: Sequence[str]) -> list[str]:
    """Of the tables of lists: none may be called like another one."""
    found: list[str] = []
    taken = {_ROWS, _EVIDENCE, "sqlite_"}
    for path in paths:
        name = path if path.casefold() not in taken and not path.startswith("sqlite_") else f"{path}_list"
        while name.casefold() in taken:
            name += "_"
        taken.add(name.casefold())
        found.append(name)
    return found


def _create(name: str, heads: Sequence[Head]) -> str:
    columns = ", ".join(f"{_quoted(one.name)} {_type(one)}" for one in heads)
    return f"CREATE TABLE {_quoted(name)} ({columns})"


def _type(head: Head) -> str:
    if head.name == "row" and head.column is None:
        return "INTEGER"
    return (
        _TYPES.get(head.column.field.kind, "TEXT") if head.column and not head.column.field.many else "TEXT"
    )


def _insert(
    connection: sqlite3.Connection, name: str, lines: Iterator[list[Plain]] | Sequence[Sequence[Plain]]
) -> None:
    for values in lines:
        marks = ", ".join("?" * len(values))
        statement = f"INSERT INTO {_quoted(name)} VALUES ({marks})"  # noqa: S608 - the name is quoted
        connection.execute(statement, [_plain(one) for one in values])


def _evidence(row: Row, number: int) -> Iterator[list[Plain]]:
    for path, one in row.evidence.items():
        cited = one.citation
        yield [
            number,
            path,
            json.dumps(one.value, ensure_ascii=False),
            one.original,
            one.unit,
            cited.source if cited else None,
            cited.page if cited else None,
            cited.quote if cited else None,
            one.support.value,
            ", ".join(reason.code for reason in one.reasons),
            path in row.edits,
        ]


def _plain(value: Plain) -> str | int | float | None:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int) and abs(value) >= _LARGEST:
        return str(value)
    return value


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""').replace("\0", "")
    return f'"{escaped}"'
