"""What a table's file is called: by its schema, its collection and its filters."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence

TABLE_NAME = re.compile(r"[\w][\w.~@-]{0,100}")
"""What may be a table's name; it comes with addresses, too."""

_NOT_IN_NAMES = re.compile(r"[^\w-]+")
_LONGEST = 24  # letters of Hangul take three bytes, and files are called by 255 at most


def table_name(schema: str, collection: str, where: Mapping[str, Sequence[str | int | float]]) -> str:
    """Such as `invoice@default`, always the same for the same three."""
    plain = _NOT_IN_NAMES.sub("-", schema).strip("-")[:_LONGEST]
    name = f"{plain or 'table'}@{collection}"
    if plain == schema and not where:
        return name
    told = json.dumps([schema, collection, {key: list(where[key]) for key in sorted(where)}])
    return f"{name}~{hashlib.sha256(told.encode()).hexdigest()[:8]}"
