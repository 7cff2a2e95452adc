"""Rows as they come out of a table's file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy import Row as Found

from app.schemas import FieldEvidence
from app.tables.database import cells, documents, edits, rows
from app.tables.model import Document, DocumentStatus, Edit, Held, Row
from app.tables.paths import with_values

_DOCUMENT = tuple(documents.c)
_ORDER = (documents.c.source, documents.c.place, documents.c.id, rows.c.ordinal, rows.c.id)
_VARIABLES = 500  # SQLite's older builds take 999 in a statement


def document_of(row: Found[Any]) -> Document:
    return Document(
        row.id,
        row.source,
        row.record_id,
        row.title,
        row.place,
        row.state,
        row.basis,
        DocumentStatus(row.status),
        row.error,
        row.seconds,
    )


def rows_of(connection: Connection, offset: int, limit: int | None, id_: int | None = None) -> list[Row]:
    """Rows in the order of their documents; with `id_`, only this one."""
    held = select(rows.c.id.label("row"), rows.c.ordinal, rows.c.data, rows.c.kept, *_DOCUMENT)
    query = held.select_from(rows.join(documents)).order_by(*_ORDER)
    if id_ is not None:
        query = query.where(rows.c.id == id_)
    found = connection.execute(query.offset(offset).limit(limit)).all()
    ids = [row.row for row in found]
    numbered, edited = _cells(connection, ids), edits_of(connection, ids)
    return [_row(one, numbered.get(one.row, []), edited.get(one.row, {})) for one in found]


def objects_of(connection: Connection) -> dict[int, Held]:
    """See `Table.objects`."""
    held = select(rows.c.id, rows.c.document_id, rows.c.data).select_from(rows.join(documents))
    found = {
        row.id: Held(row.document_id, json.loads(row.data))
        for row in connection.execute(held.order_by(*_ORDER))
    }
    for id_, edited in edits_of(connection, None).items():
        values = {path: edit.value for path, edit in edited.items()}
        found[id_] = found[id_]._replace(data=with_values(found[id_].data, values))
    return found


def edits_of(connection: Connection, ids: Sequence[int] | None) -> dict[int, dict[str, Edit]]:
    """Row -> path -> what was edited there; of these rows, or of all."""
    found: dict[int, dict[str, Edit]] = {}
    batches = _batches(ids) if ids is not None else [None]
    for batch in batches:
        query = select(edits) if batch is None else select(edits).where(edits.c.row_id.in_(batch))
        for one in connection.execute(query):
            value, was, now = (json.loads(text) for text in (one.value, one.was, one.found))
            found.setdefault(one.row_id, {})[one.path] = Edit(value, was, one.at, now, one.conflict)
    return found


def _cells(connection: Connection, ids: Sequence[int]) -> dict[int, list[tuple[int, FieldEvidence]]]:
    found: dict[int, list[tuple[int, FieldEvidence]]] = {}
    for batch in _batches(ids):
        query = select(cells).where(cells.c.row_id.in_(batch)).order_by(cells.c.id)
        for one in connection.execute(query):
            evidence = FieldEvidence.model_validate_json(one.evidence)
            found.setdefault(one.row_id, []).append((one.id, evidence))
    return found


def _row(one: Found[Any], found: Iterable[tuple[int, FieldEvidence]], edited: dict[str, Edit]) -> Row:
    numbered = list(found)
    data = with_values(json.loads(one.data), {path: edit.value for path, edit in edited.items()})
    return Row(
        id=one.row,
        document=document_of(one),
        ordinal=one.ordinal,
        data=data,
        evidence={evidence.path: evidence for _, evidence in numbered},
        cells={evidence.path: id_ for id_, evidence in numbered},
        edits=edited,
        kept=one.kept,
    )


def _batches(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + _VARIABLES] for start in range(0, len(ids), _VARIABLES))
