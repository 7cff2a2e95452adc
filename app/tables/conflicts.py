"""Rows that speak of the same thing and do not say the same of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.tables.columns import columns
from app.tables.keys import Key, folded, key_fields, key_of
from app.tables.paths import value_at

if TYPE_CHECKING:
    from app.answers.schemas.fields import Field
    from app.tables.model import Held, Plan
    from app.tables.table import Table

# A field that was only guessed tells rows apart if so many of its values are different ones.
_TELLING_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Conflict:
    """One field of one thing, of which several rows say different things.

    Attributes:
        key: what the rows are about, as it stands in the first of them.
        path: of the field.
        values: row -> its value, in the order of the table.
    """

    key: str
    path: str
    values: Mapping[int, Any]


def conflicts(table: Table) -> list[Conflict]:
    """All between documents, in the order of the table.

    Lists are not compared, as one may say more than the other; nor are rows of one document, which names
    things as it likes.
    """
    plan = table.plan
    names = key_fields(plan)
    held = table.objects()
    if not names or not _tells_apart([one.data for one in held.values()], names, plan):
        return []
    compared = [one.path for one in columns(plan.fields) if _is_compared(one.field) and one.path not in names]
    return [
        found
        for group in _groups(held, names)
        for path in compared
        if (found := _conflict(names, path, group))
    ]


def _groups(held: Mapping[int, Held], names: Sequence[str]) -> list[dict[int, Held]]:
    """Rows with the same key, of several documents."""
    found: dict[Key, dict[int, Held]] = {}
    for row, one in held.items():
        if key := key_of(one.data, names):
            found.setdefault(key, {})[row] = one
    return [group for group in found.values() if len({one.document_id for one in group.values()}) > 1]


def _conflict(names: Sequence[str], path: str, group: Mapping[int, Held]) -> Conflict | None:
    said = {row: value for row, one in group.items() if (value := value_at(one.data, path)) is not None}
    if len({folded(value) for value in said.values()}) < 2:
        return None
    if len({group[row].document_id for row in said}) < 2:
        return None
    first = next(iter(group.values())).data
    return Conflict(" · ".join(str(first.get(name)) for name in names), path, said)


def _is_compared(field: Field) -> bool:
    return not field.many and field.kind not in ("object", "any", "sentence")


def _tells_apart(objects: Sequence[Mapping[str, Any]], names: Sequence[str], plan: Plan) -> bool:
    """Whether rows with the same key may be taken to be of one thing: as marked, else by how it is used."""
    properties = plan.json_schema.get("properties", {})
    if plan.json_schema.get("x-key") or any(properties.get(name, {}).get("x-key") for name in names):
        return True
    keys = [key for data in objects if (key := key_of(data, names))]
    return len(set(keys)) >= _TELLING_SHARE * len(keys)
