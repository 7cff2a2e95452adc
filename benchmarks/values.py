"""How well the evidence of values tells right from wrong: made-up invoices, with truth and with errors in it.

usage: python benchmarks/values.py [--count N] [--seed N] [--layouts fixed|drawn|held-out] [--misses N]

Each document's true object is held against its passages, and then with errors of the kinds that models make:
values that changed places (subtotal and total, both dates, seller and buyer, the amounts of two items, two
cells of one item), and values that are made up. No model is asked.

    supported   share of the true values that have support
    accepted    share of the wrong values that have support all the same, for each kind of error
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# This folder holds an ingest.py that would hide the package; its modules are imported from the root's side.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from app.answers.evidence import ground
from app.answers.evidence.leaves import leaves
from app.answers.model_filler import passages_of
from app.answers.schemas import Schema
from app.config import load_settings
from app.runtime import build
from app.schemas import Chunk
from benchmarks.extraction import Invoice, Item
from benchmarks.invoices import generate

_EACH = 4
_PAIRS = (
    ("subtotal", "total"), ("tax", "total"), ("subtotal", "tax"), ("issue_date", "due_date"),
    ("seller", "buyer"),
)  # fmt: skip
_CELLS = ("quantity", "unit_price", "amount")
_MADE_UP = {"total": 31337.31, "issue_date": "2019-07-23", "seller": "Zentrix Holdings"}

Change = tuple[str, tuple[tuple[str, Any], ...]]
"""What kind of error, and which paths get which values."""


@dataclass
class Outcome:
    right: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    misses: list[tuple[str, str, Any]] = field(default_factory=list)
    documents: int = 0
    seconds: float = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--layouts", choices=("fixed", "drawn", "held-out"), default="fixed")
    parser.add_argument("--misses", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder), given.count, given.seed, given.layouts)
        report(measure(Path(folder), given.seed), given.misses)


def measure(folder: Path, seed: int) -> Outcome:
    lines = [json.loads(line) for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    chance, outcome = random.Random(seed), Outcome()
    with build(load_settings(data_dir=folder / "data")) as runtime:
        runtime.ingest([folder / "documents"])
        collection = runtime.collection()
        for one in collection.files():
            line = next(line for line in lines if line["source"] == Path(one.source).name)
            ids = collection.catalog.chunks.ids_of_file(one.id)
            known = collection.chunks(ids)
            _compare(outcome, line["source"], truth(line["value"]), [known[id_] for id_ in ids], chance)
    return outcome


def truth(value: dict[str, Any]) -> dict[str, Any]:
    """The fields of the schema alone."""
    made = {name: one for name, one in value.items() if name in Invoice.model_fields}
    items = [{name: one.get(name) for name in Item.model_fields} for one in value.get("items", [])]
    return made | {"items": items}


def _compare(
    outcome: Outcome, source: str, value: dict[str, Any], chunks: Sequence[Chunk], chance: random.Random
) -> None:
    fields, passages = Schema("invoice", Invoice).fields, tuple(passages_of(chunks))
    began = time.perf_counter()
    held = {one.path: one for one in ground(value, fields, passages).evidence}
    outcome.seconds += time.perf_counter() - began
    outcome.documents += 1
    for leaf in leaves(value, fields):
        if leaf.value is not None:
            name = leaf.field.name
            outcome.asked[name] += 1
            outcome.right[name] += held[leaf.name].value is not None
            if held[leaf.name].value is None:
                outcome.misses.append((source, leaf.name, leaf.value))
    errors = list(_errors(value, chance))
    for kind, changes in chance.sample(errors, min(_EACH, len(errors))):
        spoilt = json.loads(json.dumps(value))
        for path, one in changes:
            _set(spoilt, path, one)
        held = {one.path: one for one in ground(spoilt, fields, passages).evidence}
        outcome.wrong[kind] += len(changes)
        outcome.accepted[kind] += sum(held[path].value is not None for path, _ in changes)


def _errors(value: dict[str, Any], chance: random.Random) -> Iterator[Change]:
    for one, other in _PAIRS:
        if value.get(one) and value.get(other) and value[one] != value[other]:
            yield f"{one} and {other}", ((one, value[other]), (other, value[one]))
    for name, one in _MADE_UP.items():
        if value.get(name):
            yield f"made up {name}", ((name, one),)
    items = value["items"]
    if not items:
        return
    yield "made up item", (("items.0.description", "Quantum flux gasket"),)
    first, second = chance.sample(range(len(items)), 2) if len(items) > 1 else (0, 0)
    a, b = items[first], items[second]
    for cell in _CELLS:
        if a["description"] != b["description"] and a[cell] and b[cell] and a[cell] != b[cell]:
            yield (
                f"{cell} of two items",
                ((f"items.{first}.{cell}", b[cell]), (f"items.{second}.{cell}", a[cell])),
            )
    one, other = chance.sample(_CELLS, 2)
    if a[one] and a[other] and a[one] != a[other]:
        yield "two cells of an item", ((f"items.{first}.{one}", a[other]), (f"items.{first}.{other}", a[one]))


def _set(data: Any, path: str, value: Any) -> None:
    *names, last = path.split(".")
    for name in names:
        data = data[int(name) if name.isdigit() else name]
    data[last] = value


def report(outcome: Outcome, misses: int = 0) -> None:
    right, asked = outcome.right.total(), outcome.asked.total()
    accepted, wrong = outcome.accepted.total(), outcome.wrong.total()
    print(f"{outcome.documents} documents, {1000 * outcome.seconds / max(1, outcome.documents):.0f} ms each")
    print(f"supported  {right / asked:.4f}  of {asked} true values")
    for name in outcome.asked:
        print(f"  {name:<28} {outcome.right[name] / outcome.asked[name]:.4f}")
    print(f"accepted   {accepted / wrong:.4f}  of {wrong} wrong values")
    for kind in sorted(outcome.wrong):
        print(f"  {kind:<28} {outcome.accepted[kind] / outcome.wrong[kind]:.4f}  of {outcome.wrong[kind]}")
    for miss in outcome.misses[:misses]:
        print(*miss)


if __name__ == "__main__":
    main()
