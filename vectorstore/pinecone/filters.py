"""Docent's filters in Pinecone's words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from vectorstore.base import Filter, Value
from vectorstore.checks import members

# How many values an `$in` takes.
_MOST = 10_000


def condition(where: Filter | None) -> dict[str, Any] | None:
    """What each field says, joined by `$and`; None where nothing is said."""
    fields = [_any(list(_tests(key, members(wanted)))) for key, wanted in (where or {}).items()]
    return ({"$and": fields} if len(fields) > 1 else fields[0]) if fields else None


def _any(tests: list[dict[str, Any]]) -> dict[str, Any]:
    return tests[0] if len(tests) == 1 else {"$or": tests}


def _tests(key: str, values: Sequence[Value]) -> Iterator[dict[str, Any]]:
    """`$in` takes strings or numbers; true and false, which are no numbers here, stand alone."""
    words = [value for value in values if isinstance(value, str)]
    numbers = [value for value in values if not isinstance(value, str | bool)]
    for same in (words, numbers):
        for start in range(0, len(same), _MOST):
            yield {key: {"$in": same[start : start + _MOST]}}
    yield from ({key: {"$eq": value}} for value in set(values) if isinstance(value, bool))
