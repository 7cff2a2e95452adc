"""Which fields say what a row is about: rows with the same key speak of the same thing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.answers.schemas.fields import Field
    from app.tables.model import Plan

Key = tuple[str, ...]

_KINDS = ("text", "integer", "email", "phone", "sentence")
# Names that things are told apart by, in both languages.
_TELLING = re.compile(
    r"(?:^|[_\s-])(?:id|no|number|num|code|key|isbn|sku|email|e_mail)(?:$|[_\s-])"
    r"|번호|코드|식별자|이메일|고유",
    re.IGNORECASE,
)
_NAMING = re.compile(
    r"(?:^|[_\s-])(?:name|title|question|term)(?:$|[_\s-])|이름|성명|명칭|제목|질문|명$", re.IGNORECASE
)


def key_fields(plan: Plan) -> tuple[str, ...]:
    """Names of the fields that rows are told apart by; () where none can.

    Those that the schema marks with `x-key` (true at a field, or a list of names at the schema), else the
    first one that is called like a number or an id, else like a name, else the first one of text.
    """
    marked = plan.json_schema.get("x-key")
    if isinstance(marked, list):
        return tuple(str(name) for name in marked)
    properties: Mapping[str, Any] = plan.json_schema.get("properties", {})
    own = tuple(name for name, given in properties.items() if given.get("x-key"))
    return own or _guessed([one for one in plan.fields if one.kind in _KINDS and not one.many])


def _guessed(fields: Sequence[Field]) -> tuple[str, ...]:
    for pattern in (_TELLING, _NAMING):
        for field in fields:
            if any(pattern.search(name) for name in (field.name, *field.labels)):
                return (field.name,)
    return (fields[0].name,) if fields else ()


def key_of(data: Mapping[str, Any], names: Sequence[str]) -> Key | None:
    """The key of a row, compared without blanks and case; None where a part of it is missing."""
    parts = tuple(folded(data.get(name)) for name in names)
    return parts if parts and all(parts) else None


def folded(value: Any) -> str:
    """A value as it is compared: what differs by blanks or case alone is the same."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return re.sub(r"\s+", "", str(value)).casefold()
