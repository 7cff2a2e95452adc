"""Postings of many batches into those of few: a search reads as many rows for a word as there are batches."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from vectorstore.base import Place
from vectorstore.keywords.postgres.tables import statement
from vectorstore.postgres import locked

if TYPE_CHECKING:
    from psycopg import Connection

FULL = 32_000
"""Chunks of a batch that is not merged any more."""
_MANY = 8
_MEMORY = "256MB"

# What stands in no chunk any more is left out.
_MERGE = """
WITH old AS (DELETE FROM {postings} WHERE batch = ANY(%(batches)s) RETURNING term, rows, texts, arounds),
entry AS (
    SELECT term, row, text, around, 3 * text + 7 * around AS worth
    FROM old, LATERAL unnest(rows, texts, arounds) AS each(row, text, around)
    WHERE row IN (SELECT row FROM {chunks})
),
merged AS (
    INSERT INTO {postings}
    SELECT term, %(batch)s, count(*), count(*) FILTER (WHERE text > 0),
        array_agg(row ORDER BY worth DESC, row), array_agg(text ORDER BY worth DESC, row),
        array_agg(around ORDER BY worth DESC, row)
    FROM entry GROUP BY term
)
UPDATE {batches} SET size = (SELECT count(*) FROM (SELECT DISTINCT row FROM entry) AS kept)
WHERE batch = %(batch)s
"""
_SUM_UP = """
WITH old AS (DELETE FROM {batches} WHERE batch = ANY(%s) RETURNING *)
INSERT INTO {batches} (size, chunks, text, around, pairs)
SELECT 0, sum(chunks), sum(text), sum(around), sum(pairs) FROM old RETURNING batch
"""


def merge(connection: Connection[Any], place: Place) -> None:
    """Merge what is due, unless somebody else is at it; writers and readers go on meanwhile."""
    if not locked(connection, f"{place.name} words merge", wait=False):
        return
    connection.execute("SELECT set_config('work_mem', %s, true), set_config('jit', 'off', true)", [_MEMORY])
    sizes = dict(connection.execute(statement(place, "SELECT batch, size FROM {batches}")).fetchall())
    held = connection.execute(statement(place, "SELECT count(*) FROM {chunks}")).fetchone()
    for group in due(sizes, held[0] if held else 0):
        row = connection.execute(statement(place, _SUM_UP), [group]).fetchone()
        connection.execute(statement(place, _MERGE), {"batches": group, "batch": row[0] if row else 0})


def due(sizes: Mapping[int, int], chunks: int) -> Iterator[list[int]]:
    """The batches that become one each: many of about the same size; all where half of them is gone.

    Args:
        sizes: of each batch, in chunks.
    """
    if sum(sizes.values()) > 2 * chunks + FULL:
        yield from _packed(sizes)
        return
    alike: dict[int, dict[int, int]] = {}
    for batch, size in sizes.items():
        if size < FULL / 2:
            alike.setdefault(int(math.log(max(1, size), _MANY)), {})[batch] = size
    for some in alike.values():
        if len(some) >= _MANY:
            yield from (group for group in _packed(some) if len(group) > 1)


def _packed(sizes: Mapping[int, int]) -> Iterator[list[int]]:
    group: list[int] = []
    for batch, size in sorted(sizes.items()):
        if group and sum(sizes[each] for each in group) + size > FULL:
            yield group
            group = []
        group.append(batch)
    if group:
        yield group
