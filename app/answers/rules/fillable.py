"""Which fields of a schema can be filled without a language model, told beforehand."""

from __future__ import annotations

from collections.abc import Iterator

from app.answers.rules.targets import Target, needs_model, targets
from app.answers.schemas.schema import Schema


def fillable(schema: Schema) -> dict[str, bool]:
    """Path of each field, those of objects after their names -> whether rules can fill it.

    A list of objects is named by itself and by the fields of its objects: `items`, `items.amount`.
    """
    return dict(_all(targets(schema.fields)))


def _all(found: tuple[Target, ...]) -> Iterator[tuple[str, bool]]:
    for one in found:
        inner = dict(_all(one.inner))
        if one.shape == "rows":
            yield one.path, any(inner.values())
        elif one.shape != "object":
            yield one.path, not needs_model(one)
        yield from inner.items()
