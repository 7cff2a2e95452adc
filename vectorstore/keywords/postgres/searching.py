"""A question in SQL: which chunks come into question, and their scores.

Of a question whose words are in very many chunks, only the best entries of each word choose the candidates;
these are then scored in full.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vectorstore.base import Filter, Place
from vectorstore.checks import members
from vectorstore.keywords.postgres.batch import hashed
from vectorstore.keywords.postgres.question import Question, Weighed
from vectorstore.keywords.postgres.tables import statement
from vectorstore.postgres import condition, stored

if TYPE_CHECKING:
    from psycopg import Connection

MOST_ENTRIES = 200_000
"""Entries of postings that are read to choose the candidates of one question."""
_FEW = 1000  # chunks that pass a filter and are scored without choosing
# More candidates than are wanted: what else counts moves them, and some may have been deleted.
_SPARE, _SPARE_AT_LEAST = 4, 200

_COUNT = """
SELECT term, sum(n), sum(n_text) FROM {postings} WHERE term = ANY(%s) GROUP BY term
UNION ALL SELECT NULL, coalesce(sum(chunks), 0), 0 FROM {batches}
"""
_FITTING = "SELECT count(*) FROM (SELECT 1 FROM {chunks} WHERE {fits} LIMIT %(few)s) AS few"
# "seen" is what the entries that are read say, "sure" without the words that are read in part.
_CANDIDATES = """
SELECT entry.row, sum(worth) AS seen, coalesce(sum(worth) FILTER (WHERE share = 1), 0) AS sure
FROM unnest(%(words)s::text[], %(of_texts)s::float8[], %(of_arounds)s::float8[], %(shares)s::float8[])
    AS asked(term, of_text, of_around, share)
JOIN {postings} AS posting USING (term),
LATERAL (SELECT ceil(n * share)::integer AS most) AS part,
LATERAL unnest(posting.rows[:most], posting.texts[:most], posting.arounds[:most]) AS entry(row, text, around),
LATERAL (SELECT of_text * entry.text + of_around * entry.around AS worth) AS each
{among}
GROUP BY entry.row ORDER BY seen DESC LIMIT %(most)s
"""
_AMONG = "WHERE entry.row IN (SELECT row FROM {chunks} WHERE {fits})"
_ALL_FITTING = "SELECT row, 0::float8 AS sure FROM {chunks} WHERE {fits}"
# The first row says how many candidates there were. "|| '{{}}'" fetches an array once, not for every term;
# width_bucket finds a hash in a sorted array by halving it.
_SCORES = """
WITH candidate AS MATERIALIZED ({candidates}),
held AS (
    SELECT id, sure, held.terms || '{{}}' AS terms, texts || '{{}}' AS texts, arounds || '{{}}' AS arounds
    FROM candidate JOIN {chunks} USING (row) JOIN {terms} AS held USING (row)
    OFFSET 0
),
scored AS MATERIALIZED (
    SELECT id, sure + coalesce((
        SELECT sum(of_text * texts[place] + of_around * arounds[place])
        FROM (
            SELECT width_bucket(hash, terms) AS place, hash, of_text, of_around
            FROM unnest(%(hashes)s::integer[], %(rest_texts)s::float8[], %(rest_arounds)s::float8[])
                AS rest(hash, of_text, of_around)
        ) AS found
        WHERE terms[place] = hash
    ), 0) AS score
    FROM held
)
SELECT NULL, count(*)::float8 FROM candidate
UNION ALL (SELECT id, score FROM scored WHERE score > 0 ORDER BY score DESC, id LIMIT %(k)s)
"""


def count(connection: Connection[Any], place: Place, asked: Question) -> None:
    """Tell the question how many chunks there are, and how many have each of its words."""
    *held, (_, chunks, _) = connection.execute(statement(place, _COUNT), [list(asked.terms)]).fetchall()
    asked.count(int(chunks), {term: (int(around), int(text)) for term, around, text in held})


def search(
    connection: Connection[Any], place: Place, asked: Question, k: int, where: Filter
) -> list[tuple[str, float]]:
    """Ids with their scores, best first."""
    count(connection, place, asked)
    words = asked.words()
    if not words:
        return []
    fits, values = _fitting(where)
    values["k"] = k
    if where and _are_few(connection, place, fits, values):
        among = statement(place, _ALL_FITTING, fits=fits)
        return _scores(connection, place, among, [*words, *asked.pairs()], values)[1:]
    among = statement(place, _AMONG if where else "", fits=fits)
    chosen = statement(place, _CANDIDATES, among=among)
    budget, most = MOST_ENTRIES, _SPARE_AT_LEAST + _SPARE * k
    while True:
        shares = shared_out(budget, [word.entries for word in words])
        partly = [word for word, share in zip(words, shares, strict=True) if share < 1]
        values |= _columns(words) | {"shares": shares, "most": most}
        (_, candidates), *found = _scores(connection, place, chosen, [*partly, *asked.pairs()], values)
        if len(found) == k or (not partly and candidates < most):
            return found
        budget, most = 8 * budget, 8 * most


def shared_out(budget: int, entries: Sequence[int]) -> list[float]:
    """What share of each word's entries is read, the rarest first: what one leaves, the others get."""
    shares: list[float] = []
    for number, wanted in enumerate(entries):
        given = min(wanted, budget // (len(entries) - number))
        shares.append(given / wanted)
        budget -= given
    return shares


def _scores(
    connection: Connection[Any],
    place: Place,
    candidates: Any,
    rest: Sequence[Weighed],
    values: dict[str, Any],
) -> list[tuple[str, float]]:
    """How many candidates there are, then ids with scores, best first.

    Args:
        rest: what has to be added to what is sure of a candidate.
    """
    more = {
        "hashes": [hashed(each.term) for each in rest],
        "rest_texts": [each.of_text for each in rest],
        "rest_arounds": [each.of_around for each in rest],
    }
    return connection.execute(statement(place, _SCORES, candidates=candidates), values | more).fetchall()


def _are_few(connection: Connection[Any], place: Place, fits: Any, values: dict[str, Any]) -> bool:
    counted = connection.execute(statement(place, _FITTING, fits=fits), values | {"few": _FEW + 1}).fetchone()
    return counted is not None and counted[0] <= _FEW


def _fitting(where: Filter) -> tuple[Any, dict[str, Any]]:
    """The filter as SQL over `tags` and `id`, with its parameters."""
    from psycopg.sql import SQL

    others = {key: wanted for key, wanted in where.items() if key != "id"}
    fits, values = condition(others)
    if "id" not in where:
        return fits, values
    ids = [stored(id) for id in members(where["id"]) if isinstance(id, str)]
    return SQL("{} AND id = ANY(%(ids)s)").format(fits), values | {"ids": ids}


def _columns(words: Sequence[Weighed]) -> dict[str, Any]:
    return {
        "words": [word.term for word in words],
        "of_texts": [word.of_text for word in words],
        "of_arounds": [word.of_around for word in words],
    }
