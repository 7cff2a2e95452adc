"""The columns of a table: a schema's fields laid side by side, and its lists of objects apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.answers.schemas.fields import Field
from app.tables.paths import value_at

# Objects within objects are laid side by side so deep; what is deeper stays an object.
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        path: of its value, such as `seller.name`.
        field: the innermost one.
        above: the fields that it is within, outermost first.
        is_list: it holds a list of objects, whose fields are columns of a table of their own.
    """

    path: str
    field: Field
    is_list: bool = False
    above: tuple[Field, ...] = ()

    def title(self, language: str) -> str:
        """For people."""
        return " › ".join(one.titles.get(language) or one.name for one in (*self.above, self.field))


def columns(fields: Sequence[Field], above: tuple[Field, ...] = ()) -> Iterator[Column]:
    """Of an object with these fields, which is itself within others."""
    for field in fields:
        path = ".".join(one.name for one in (*above, field))
        if field.kind == "object" and field.fields and field.many:
            yield Column(path, field, True, above)
        elif field.kind == "object" and field.fields and len(above) < _DEEPEST:
            yield from columns(field.fields, (*above, field))
        else:
            yield Column(path, field, False, above)


def items(data: Mapping[str, Any], path: str) -> list[tuple[str, Any]]:
    """The objects of a list, each with its path."""
    found = value_at(data, path)
    return [(f"{path}.{place}", one) for place, one in enumerate(found)] if isinstance(found, list) else []
