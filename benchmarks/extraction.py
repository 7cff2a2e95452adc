"""How well schemas are filled without a language model: made-up invoices, or documents with their truth.

usage: python benchmarks/extraction.py [FOLDER] [--count N] [--seed N] [--layouts fixed|drawn|held-out]
                                       [--schema plain|NAME] [--misses N]

Without FOLDER invoices are written as by `benchmarks/invoices.py`. FOLDER has `documents/` and `truth.jsonl`,
a line for each document: `source` and `value`, an object of the fields below, and perhaps `layout` and
`language`. Everything is ingested into a temporary folder, and each document's chunks are read from the
catalogue and filled, one after the other, in one process. The schema is "plain", names without other labels
as below, or one that there is by name, such as `invoice`.

    exact      share of the values that are right, of those that the truth has: amounts, dates and numbers
               to the letter, names without regard to blanks and signs; of items, all cells of all rows
    filled     share of these that have a value at all; the rest says why it has none
    evidence   share of the filled values whose citation stands in its chunk, holds the original, and whose
               original reads as the truth
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any

# This folder holds an ingest.py that would hide the package; its modules are imported from the root's side.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from pydantic import BaseModel, Field

from app.answers.filling import Filled
from app.answers.rules import RuleFiller
from app.answers.rules.amounts import numbers
from app.answers.rules.days import dates
from app.answers.rules.lexicon import compact
from app.answers.schemas import SchemaShelf
from app.answers.schemas.schema import Schema
from app.config import load_settings
from app.runtime import build
from app.schemas import Chunk, FieldEvidence
from benchmarks import scores
from benchmarks.invoices import generate

Money = Annotated[float | None, Field(json_schema_extra={"format": "money"})]


class Item(BaseModel):
    description: str | None
    quantity: float | None
    unit_price: Money
    amount: Money


class Invoice(BaseModel):
    """An invoice as a newcomer would write it: names, and no other labels."""

    invoice_number: str | None
    issue_date: date | None
    due_date: date | None
    seller: str | None
    buyer: str | None
    subtotal: Money
    tax: Money
    total: Money
    currency: str | None
    items: list[Item]


GROUPS = {
    "amounts": ("subtotal", "tax", "total", "unit_price", "amount"),
    "dates": ("issue_date", "due_date"),
    "numbers": ("invoice_number", "quantity"),
    "names": ("seller", "buyer", "description", "currency"),
}
# What the shipped schema calls the same.
_SHIPPED = {
    "invoice_number": "number",
    "issue_date": "date",
    "subtotal": "supply_amount",
    "tax": "vat",
    "items": "line_items",
}
_GROUP_OF = {_SHIPPED.get(name, name): group for group, names in GROUPS.items() for name in names}
_GROUP_OF |= {name: group for group, names in GROUPS.items() for name in names}


@dataclass
class Tally:
    """Of `asked` values `filled` are there and `exact` are right; `proved` have right evidence."""

    asked: int = 0
    filled: int = 0
    exact: int = 0
    proved: int = 0

    def row(self) -> scores.Row:
        return {
            "values": float(self.asked),
            "exact": self.exact / (self.asked or 1),
            "filled": self.filled / (self.asked or 1),
            "evidence": self.proved / (self.filled or 1),
        }


@dataclass
class Outcome:
    """What a run came to.

    Attributes:
        tallies: "all", groups, fields, layouts and languages -> their counts.
        misses: source, layout, field, truth, and what was found instead.
        seconds: of reading and filling all documents, one after the other.
        cpu: seconds that the processor took for it.
        table_seconds: of the same as `docent extract` does it, stored with evidence, processes and all.
    """

    tallies: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    misses: list[tuple[str, str, str, Any, Any]] = field(default_factory=list)
    documents: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    table_seconds: float = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--layouts", choices=("fixed", "drawn", "held-out"), default="fixed")
    parser.add_argument("--schema", default="plain")
    parser.add_argument("--misses", type=int, default=0, help="print so many of what is not right")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = options.folder or Path(made)
        if options.folder is None:
            generate(folder, options.count, options.seed, options.layouts)
        outcome = measure(folder, options.schema)
    report(outcome, options.misses)


def report(outcome: Outcome, misses: int = 0) -> None:
    digits = {"values": 0, "exact": 3, "filled": 3, "evidence": 3}
    print(scores.table({name: tally.row() for name, tally in outcome.tallies.items()}, digits))
    rate = outcome.documents / outcome.seconds
    each = 1000 * outcome.cpu / outcome.documents
    speed = f"{rate:.0f} a second in one process, {each:.1f} ms CPU each"
    print(f"{outcome.documents} documents in {outcome.seconds:.1f} s: {speed}")
    rate = outcome.documents / outcome.table_seconds
    print(f"as a table, stored with evidence, in {outcome.table_seconds:.1f} s: {rate:.0f} a second")
    for miss in outcome.misses[:misses]:
        print(*miss, sep=" | ")


def measure(folder: Path, schema: str = "plain") -> Outcome:
    """Ingest, fill and compare all documents of a folder."""
    lines = [json.loads(line) for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    plain = schema == "plain"
    wanted = Schema("invoice", Invoice) if plain else SchemaShelf(load_settings()).find(schema)
    filler = RuleFiller(wanted)
    outcome = Outcome(documents=len(lines))
    with tempfile.TemporaryDirectory() as data_dir, build(load_settings(data_dir=data_dir)) as runtime:
        runtime.ingest([folder / "documents"])
        collection = runtime.collection()
        documents = {Path(one.source).name: one.id for one in collection.files()}
        ids = {name: collection.catalog.chunks.ids_of_file(file) for name, file in documents.items()}
        for line in lines:
            began, cpu = time.perf_counter(), time.process_time()
            found = collection.chunks(ids.get(line["source"], []))
            chunks = [found[id_] for id_ in ids.get(line["source"], [])]
            filled = filler.fill(chunks)
            outcome.seconds += time.perf_counter() - began
            outcome.cpu += time.process_time() - cpu
            if schema == "invoice":
                line["value"] = {_SHIPPED.get(name, name): value for name, value in line["value"].items()}
            _compare(outcome, line, filled[0], chunks)
        began = time.perf_counter()
        runtime.extraction(wanted, model="none").run()
        outcome.table_seconds = time.perf_counter() - began
    return outcome


# -- comparing -------------------------------------------------------------------------------------


def _compare(outcome: Outcome, line: dict[str, Any], filled: Filled, chunks: Sequence[Chunk]) -> None:
    proofs = {one.path: one for one in filled.evidence}
    texts = {chunk.id: chunk.text for chunk in chunks}
    for path, name, truth in _leaves(line["value"]):
        value = _at(filled.data, path)
        exact = _same(name, truth, value)
        proved = exact and _is_proved(name, truth, proofs.get(path), texts)
        layout, language = line.get("layout", ""), line.get("language", "")
        group = _GROUP_OF.get(name, "others")
        for key in filter(None, ("all", f"- {group}", name, f"language {language}" * bool(language), layout)):
            tally = outcome.tallies[key]
            tally.asked += 1
            tally.filled += value is not None
            tally.exact += exact
            tally.proved += proved
        if not proved:
            proof = proofs.get(path)
            why = (
                "; ".join(f"{reason.code} {reason.values}" for reason in proof.reasons)
                if proof
                else "no such path"
            )
            outcome.misses.append((line["source"], layout, path, truth, why if value is None else value))


def _leaves(value: Any, path: str = "", name: str = "") -> Iterator[tuple[str, str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else key, key)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(inner, f"{path}.{number}", name)
    elif value is not None:
        yield path, name, value


def _at(data: Any, path: str) -> Any:
    for part in path.split("."):
        if isinstance(data, list):
            data = data[int(part)] if int(part) < len(data) else None
        elif isinstance(data, dict):
            data = data.get(part)
    return data


def _same(name: str, truth: Any, value: Any) -> bool:
    if isinstance(truth, int | float) and isinstance(value, int | float):
        return abs(truth - value) < 0.005
    if _GROUP_OF.get(name) == "names":
        return compact(str(truth)) == compact(str(value))
    return bool(truth == value)


def _is_proved(name: str, truth: Any, proof: FieldEvidence | None, texts: dict[str, str]) -> bool:
    if proof is None or proof.citation is None:
        return False
    quote, original = proof.citation.quote, proof.original
    if not original or original not in quote or quote not in texts.get(proof.citation.chunk_id, ""):
        return False
    if name == "currency":
        return True
    if isinstance(truth, int | float):
        readings = [found.value for comma in (False, True) for found in numbers(original, comma)]
        return any(isinstance(one, int | float) and abs(one - truth) < 0.005 for one in readings)
    if _GROUP_OF.get(name) == "dates":
        return any(truth in (found.value, *found.others) for found in dates(original, None))
    return compact(str(truth)) == compact(original)


if __name__ == "__main__":
    main()
