"""What rankings are worth, by ir-measures, and how long they took."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter

import ir_measures
from ir_measures import RR, R, Success, nDCG

MEASURES = {
    "nDCG@10": nDCG @ 10,
    "recall@5": R @ 5,
    "MRR@10": RR @ 10,
    "hit@1": Success @ 1,
    "hit@5": Success @ 5,
}
CUTOFF = 10

Search = Callable[[str], Sequence[str]]
"""A question → keys of results, best first; a key may come more than once."""

Row = dict[str, float]
"""Measures by name, with "index s", "p50 ms" and "p95 ms"."""


def measure(search: Search, questions: Mapping[str, str], right: Mapping[str, Mapping[str, int]]) -> Row:
    """Ask all questions once, one after the other; `right` is limited to them."""
    search(next(iter(questions.values())))  # opens what is opened on first use
    run: dict[str, dict[str, float]] = {}
    milliseconds = []
    for id_, question in questions.items():
        started = perf_counter()
        found = search(question)
        milliseconds.append((perf_counter() - started) * 1000)
        best = list(dict.fromkeys(found))[:CUTOFF]
        run[id_] = {key: -float(rank) for rank, key in enumerate(best)}
    judged = {id_: dict(right[id_]) for id_ in questions}
    scores = ir_measures.calc_aggregate(MEASURES.values(), judged, run)
    return {name: float(scores[one]) for name, one in MEASURES.items()} | percentiles(milliseconds)


def percentiles(milliseconds: Sequence[float]) -> Row:
    return {f"p{share} ms": _percentile(milliseconds, share / 100) for share in (50, 95)}


def table(rows: Mapping[str, Row], digits: Mapping[str, int]) -> str:
    """Rows by name as aligned columns; `digits` behind the point where three are too many."""
    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    width = max(map(len, rows))
    lines = [" " * width + "".join(f"{column:>13}" for column in columns)]
    for name, row in rows.items():
        cells = [f"{row[one]:>13.{digits.get(one, 3)}f}" if one in row else " " * 13 for one in columns]
        lines.append(f"{name:{width}}" + "".join(cells))
    return "\n".join(lines)


def _percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
