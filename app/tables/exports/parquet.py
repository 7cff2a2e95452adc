"""Parquet: columns with types, lists of objects as such, and the evidence as a column of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.tables.exports.lines import DOCUMENT, RECORD, flat, of_kind

if TYPE_CHECKING:
    from app.answers.schemas.fields import Field
    from app.language import Language
    from app.schemas import FieldEvidence
    from app.tables.model import Row
    from app.tables.table import Table

EVIDENCE = "evidence"
_AT_ONCE = 1000
_LARGEST = 2**63
_OWN = (DOCUMENT, RECORD, EVIDENCE)


def write(table: Table, path: Path, language: Language) -> None:
    """A row group for each thousand rows. A value that does not fit its type is null; `evidence` has it."""
    import pyarrow as pa
    from pyarrow import parquet

    fields = table.plan.fields
    # A field of the schema goes before a column of ours with the same name.
    own = {name: f"_{name}" if any(one.name == name for one in fields) else name for name in _OWN}
    schema = pa.schema(
        [
            (own[DOCUMENT], pa.string()),
            (own[RECORD], pa.string()),
            *((one.name, _type(one)) for one in fields),
            (own[EVIDENCE], pa.list_(pa.struct(dict.fromkeys(_EVIDENCE, pa.string())))),
        ]
    )
    rows = table.each_row()
    with parquet.ParquetWriter(path, schema) as writer:
        while batch := list(islice(rows, _AT_ONCE)):
            made = [_row(one, fields, own) for one in batch]
            writer.write_table(pa.Table.from_pylist(made, schema))


def _row(row: Row, fields: Sequence[Field], own: Mapping[str, str]) -> dict[str, Any]:
    return {one.name: _value(one, row.data.get(one.name)) for one in fields} | {
        own[DOCUMENT]: row.document.source,
        own[RECORD]: row.document.record_id,
        own[EVIDENCE]: [_evidence(one) for one in row.evidence.values()],
    }


_EVIDENCE = ("path", "value", "original", "unit", "source", "page", "quote", "support", "reasons")


def _evidence(one: FieldEvidence) -> dict[str, str | None]:
    cited = one.citation
    values = (
        one.path,
        json.dumps(one.value, ensure_ascii=False),
        one.original,
        one.unit,
        cited.source if cited else None,
        (cited.page_label or (str(cited.page) if cited.page else None)) if cited else None,
        cited.quote if cited else None,
        one.support.value,
        ", ".join(reason.code for reason in one.reasons) or None,
    )
    return dict(zip(_EVIDENCE, values, strict=True))


def _type(field: Field) -> Any:
    import pyarrow as pa

    kinds = {
        "integer": pa.int64(),
        "number": pa.float64(),
        "money": pa.float64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
    }
    if field.kind == "object" and field.fields:
        one = pa.struct([(inner.name, _type(inner)) for inner in field.fields])
    else:
        one = kinds.get(field.kind, pa.string())
    return pa.list_(one) if field.many else one


def _value(field: Field, value: Any) -> Any:
    if field.many:
        return [_one(field, each) for each in value] if isinstance(value, list) else None
    return _one(field, value)


def _one(field: Field, value: Any) -> Any:
    if value is None:
        return None
    if field.kind == "object" and field.fields:
        fits = isinstance(value, Mapping)
        return {inner.name: _value(inner, value.get(inner.name)) for inner in field.fields} if fits else None
    typed = of_kind(value, field.kind)
    match field.kind:
        case "date":
            return typed if isinstance(typed, date) else None
        case "boolean":
            return typed if isinstance(typed, bool) else None
        case "integer":
            fits = isinstance(typed, int) and not isinstance(typed, bool) and abs(typed) < _LARGEST
            return typed if fits else None
        case "number" | "money":
            return float(typed) if isinstance(typed, int | float) and not isinstance(typed, bool) else None
    return str(flat(value))
