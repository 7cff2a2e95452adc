"""What the flat formats share: columns of plain values, lists of objects apart, and the evidence."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from app.chat import places
from app.tables.columns import Column, columns, items
from app.tables.paths import is_within, value_at
from prompts import reason_text

if TYPE_CHECKING:
    from app.language import Language
    from app.schemas import FieldEvidence
    from app.tables.model import Row
    from app.tables.table import Table

Plain = str | int | float | bool | date | None

DOCUMENT, RECORD, UNIT = "document", "record", "{} (unit)"


@dataclass(frozen=True, slots=True)
class Head:
    """One column of a file.

    Attributes:
        name: of it; no other has the same, not even in other letters.
        column: of the table; None for the document, its record, and units.
        unit_of: path of the value whose unit it holds.
    """

    name: str
    column: Column | None = None
    unit_of: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Columns of the rows, or of the objects of one of their lists.

    Attributes:
        path: of the list; "" for the rows themselves.
        heads: the columns; the first is the document, or the number of the row that a list is of.
    """

    path: str
    heads: tuple[Head, ...]


def sheets(table: Table) -> list[Sheet]:
    """The rows first, then their lists of objects."""
    plan = table.plan
    records = any(one.record_id for one in table.documents())
    flat = list(columns(plan.fields))
    first = [Head(DOCUMENT), *([Head(RECORD)] if records else []), *_heads(flat)]
    found = [Sheet("", _told_apart(first))]
    for one in flat:
        if one.is_list:
            inner = [Head("row"), Head(DOCUMENT), *_heads(list(columns(one.field.fields)))]
            found.append(Sheet(one.path, _told_apart(inner)))
    return found


def line(sheet: Sheet, row: Row) -> list[Plain]:
    """The values of a row, in the order of the columns; lists of objects are left to their own sheet."""
    return [_value(head, row, row.data, "") for head in sheet.heads]


def inner_lines(sheet: Sheet, row: Row, number: int) -> Iterator[tuple[str, list[Plain]]]:
    """The objects of a list of a row, each with its path; `number` is that of the row, from 1."""
    for path, one in items(row.data, sheet.path):
        if isinstance(one, Mapping):
            yield path, [number, *(_value(head, row, one, f"{path}.") for head in sheet.heads[1:])]


def evidence_of(row: Row, path: str) -> list[FieldEvidence]:
    """Of a value, or of all that is within it, in order."""
    return [one for name, one in row.evidence.items() if is_within(name, path)]


def remark(row: Row, path: str, language: Language) -> str:
    """What a value stands on, or why there is none, in a few lines; "" where nothing is known."""
    told = []
    if edit := row.edits.get(path):
        was = f" ({flat(edit.was)})" if edit.was is not None else ""
        told.append(_WORDS[language]["edited"] + was)
    for one in evidence_of(row, path):
        if one.citation is not None:
            told.append(f"{places.named(one.citation, language)}\n“{one.citation.quote}”")
        told += [reason_text(reason, language) for reason in one.reasons]
    return "\n".join(dict.fromkeys(told))


_WORDS: dict[Language, dict[str, str]] = {
    "en": {"edited": "Edited by hand"},
    "ko": {"edited": "직접 수정함"},
}


def flat(value: Any) -> Plain:
    """A value as one cell holds it: a list of plain ones is joined, anything deeper is JSON."""
    if isinstance(value, list):
        if all(not isinstance(one, list | dict) for one in value):
            return "; ".join(str(one) for one in value if one is not None)
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def of_kind(value: Any, kind: str) -> Plain:
    """A flat value in the type of its kind; one that does not fit it stays as it is."""
    if kind == "date" and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    return flat(value)


def _heads(found: Sequence[Column]) -> Iterator[Head]:
    for one in found:
        if one.is_list:
            continue
        yield Head(one.path, one)
        if one.field.kind == "money" and not one.field.unit and not one.field.many:
            yield Head(UNIT.format(one.path), unit_of=one.path)


def _told_apart(heads: Sequence[Head]) -> tuple[Head, ...]:
    """Each with a name of its own: programs that read such files mind neither case nor our own columns."""
    taken: set[str] = set()
    found = []
    for head in heads:
        name, number = head.name, 2
        while name.casefold() in taken:
            name, number = f"{head.name} ({number})", number + 1
        taken.add(name.casefold())
        found.append(Head(name, head.column, head.unit_of))
    return tuple(found)


def _value(head: Head, row: Row, data: Mapping[str, Any], above: str) -> Plain:
    if head.column is not None:
        value = value_at(data, head.column.path)
        return flat(value) if head.column.field.many else of_kind(value, head.column.field.kind)
    if head.unit_of:
        evidence = row.evidence.get(f"{above}{head.unit_of}")
        return evidence.unit or None if evidence else None
    return row.document.record_id if head.name == RECORD else row.document.source
