"""What a document gave, put in the place of what it gave before.

A run saves a hundred documents a second, each in a transaction of its own: statements are made once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.dialects import sqlite

from app.tables.database import cells, documents, edits, rows
from app.tables.keys import Key, key_of
from app.tables.model import Document, DocumentStatus, Edit, Ready, storable
from app.tables.paths import value_at
from app.tables.reading import edits_of

_ADD_DOCUMENT = sqlite.insert(documents)
_PUT_DOCUMENT = _ADD_DOCUMENT.on_conflict_do_update(
    index_elements=["id"],
    set_={one.name: _ADD_DOCUMENT.excluded[one.name] for one in documents.c if one.name != "id"},
)
_ADD_ROW, _ADD_CELLS = insert(rows), insert(cells)
_CHANGE_ROW = update(rows).where(rows.c.id == bindparam("row"))
_BEFORE = (
    select(rows.c.id, rows.c.data)
    .where(rows.c.document_id == bindparam("document"))
    .order_by(rows.c.ordinal, rows.c.id)
)


def save(connection: Connection, document: Document, filled: Sequence[Ready], key: Sequence[str]) -> int:
    """See `Table.save`."""
    put_document(connection, document)
    before = [
        (row.id, key_of(json.loads(row.data), key))
        for row in connection.execute(_BEFORE, {"document": document.id})
    ]
    if not before:
        _put_rows(connection, document.id, [(None, one) for one in filled])
        return len(filled)
    edited = edits_of(connection, [id_ for id_, _ in before])
    ids = _matched(before, [key_of(one.data, key) for one in filled])
    kept = _put_away(connection, [id_ for id_, _ in before], [id_ for id_ in ids if id_], edited)
    _put_rows(connection, document.id, list(zip(ids, filled, strict=True)))
    for id_, one in zip(ids, filled, strict=True):
        for path, edit in edited.get(id_ or 0, {}).items():
            _hold_against(connection, id_ or 0, path, edit, value_at(one.data, path))
    return len(filled) + kept


def put_document(connection: Connection, document: Document) -> None:
    """Add or replace its row; the rows that hang on it stay."""
    connection.execute(_PUT_DOCUMENT, {name: getattr(document, name) for name in document.__slots__})


def remove(connection: Connection, ids: Sequence[str]) -> int:
    """See `Table.remove`."""
    dropped = 0
    for id_ in ids:
        before = [row.id for row in connection.execute(_BEFORE, {"document": id_})]
        if _put_away(connection, before, [], edits_of(connection, before)):
            gone = update(documents).where(documents.c.id == id_).values(status=DocumentStatus.REMOVED)
            connection.execute(gone)
        else:
            connection.execute(delete(documents).where(documents.c.id == id_))
            dropped += 1
    return dropped


def _put_away(
    connection: Connection, before: Sequence[int], staying: Sequence[int], edited: dict[int, dict[str, Edit]]
) -> int:
    """Drop what is not there any more, but what was edited; returns how many rows are kept for that."""
    connection.execute(delete(cells).where(cells.c.row_id.in_(staying)))
    gone = [id_ for id_ in before if id_ not in staying]
    kept = [id_ for id_ in gone if id_ in edited]
    connection.execute(delete(rows).where(rows.c.id.in_([id_ for id_ in gone if id_ not in edited])))
    connection.execute(update(rows).where(rows.c.id.in_(kept)).values(kept=True))
    return len(kept)


def _matched(before: Sequence[tuple[int, Key | None]], now: Sequence[Key | None]) -> list[int | None]:
    """For each row of now the one of before that it is: of the same key, else at the same place."""
    found: list[int | None] = [None] * len(now)
    left = dict(before)
    for place, wanted in enumerate(now):
        same = next((id_ for id_, key in left.items() if wanted is not None and key == wanted), None)
        if same is not None:
            found[place] = same
            del left[same]
    for place, (id_, _) in enumerate(before[: len(now)]):
        if found[place] is None and id_ in left:
            found[place] = id_
            del left[id_]
    return found


def _put_rows(connection: Connection, document_id: str, given: Sequence[tuple[int | None, Ready]]) -> None:
    """Add those without an id, and replace the others, with their cells."""
    found: list[dict[str, Any]] = []
    for ordinal, (id_, one) in enumerate(given):
        data = storable(json.dumps(one.data, ensure_ascii=False))
        values = {"document_id": document_id, "ordinal": ordinal, "data": data, "kept": False}
        if id_ is None:
            id_ = connection.execute(_ADD_ROW, values).lastrowid
        else:
            connection.execute(_CHANGE_ROW, {"row": id_, **values})
        found += [{"row_id": id_, "path": path, "evidence": text} for path, text in one.cells]
    if found:
        connection.execute(_ADD_CELLS, found)


def _hold_against(connection: Connection, id_: int, path: str, edit: Edit, now: Any) -> None:
    """An edit stays; where the document says something else than before, and than the edit, that is noted."""
    conflict = now not in (edit.was, edit.value)
    values = {"found": json.dumps(now if conflict else None, ensure_ascii=False), "conflict": conflict}
    connection.execute(update(edits).where(edits.c.row_id == id_, edits.c.path == path).values(values))
