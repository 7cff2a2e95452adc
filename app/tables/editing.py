"""What people write into a table by hand, and how what they typed is read."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, insert, select, update

from app.errors import NotFoundError, UsageError
from app.tables.database import edits, rows
from app.tables.paths import value_at

if TYPE_CHECKING:
    from app.answers.schemas.fields import Field

_TRUE, _FALSE = ("true", "yes", "1", "예", "참"), ("false", "no", "0", "아니오", "거짓")
_BETWEEN = ";"


def edit(connection: Connection, table: str, row: int, path: str, value: Any) -> None:
    """See `Table.edit`."""
    data = connection.execute(select(rows.c.data).where(rows.c.id == row)).scalar()
    if data is None:
        raise NotFoundError(f"The table {table!r} has no row {row}, or no longer.", table=table)
    was = value_at(json.loads(data), path)
    undo(connection, row, path)
    if value == was:
        return
    values = {"row_id": row, "path": path, "at": datetime.now(UTC).isoformat(timespec="seconds")}
    told = {"value": _json(value), "was": _json(was), "found": _json(None), "conflict": False}
    connection.execute(insert(edits).values(values | told))


def undo(connection: Connection, row: int, path: str) -> None:
    """See `Table.undo_edit`."""
    connection.execute(delete(edits).where(edits.c.row_id == row, edits.c.path == path))


def keep(connection: Connection, row: int, path: str) -> None:
    """See `Table.keep_edit`: from here on it is an edit of what the document says now."""
    same = (edits.c.row_id == row) & (edits.c.path == path) & edits.c.conflict
    values = {"was": edits.c.found, "found": _json(None), "conflict": False}
    connection.execute(update(edits).where(same).values(values))


def typed(field: Field, text: str) -> Any:
    """What somebody typed as a value of this field; None for nothing. Several are parted by ";".

    Raises:
        UsageError: it is not of the field's kind.
    """
    if field.many:
        return [_value(field, part.strip()) for part in text.split(_BETWEEN) if part.strip()]
    return _value(field, text.strip()) if text.strip() else None


def as_typed(value: Any) -> str:
    """A value as it is typed."""
    if value is None:
        return ""
    if isinstance(value, list):
        return f"{_BETWEEN} ".join(as_typed(one) for one in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _value(field: Field, text: str) -> Any:
    if field.choices and text not in field.choices:
        raise UsageError(f"{text!r} is none of the values of {field.name!r}: {', '.join(field.choices)}.")
    try:
        return _READERS.get(field.kind, str)(text)
    except ValueError:
        raise UsageError(f"{text!r} is no {_CALLED[field.kind]}, as {field.name!r} needs it.") from None


def _integer(text: str) -> int:
    return int(text.replace(",", "").replace(" ", ""))


def _number(text: str) -> float | int:
    plain = text.replace(",", "").replace(" ", "")
    try:
        return int(plain)
    except ValueError:
        number = float(plain)
        if number - number != 0:  # inf and nan are no values of a table
            raise ValueError(text) from None
        return number


def _boolean(text: str) -> bool:
    if text.casefold() in _TRUE + _FALSE:
        return text.casefold() in _TRUE
    raise ValueError(text)


def _date(text: str) -> str:
    return date.fromisoformat(text).isoformat()


_READERS: dict[str, Any] = {
    "integer": _integer,
    "number": _number,
    "money": _number,
    "boolean": _boolean,
    "date": _date,
}
_CALLED = {
    "integer": "whole number",
    "number": "number",
    "money": "amount, such as 1250.50",
    "boolean": "true or false",
    "date": "date, such as 2025-03-31",
}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
