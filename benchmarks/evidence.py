"""Whether what an answer says can be trusted: citations, checks of sentences, refusals, hidden instructions.

usage: python benchmarks/evidence.py DATA_DIR… [--each N] [--chart PNG] [--misses]

Folders are those of `benchmarks/answers.py`; one that holds cases.jsonl, attacks.jsonl and emails.jsonl is
measured as `benchmarks/injection.py` does. Each is ingested once, with the settings as they are, and no
language model is asked.

    cited, precision     of the model-free answers to its questions; see `benchmarks/answers.py`
    own refused          share of the questions with an answer that are refused: should be low
    must refuse          share of those that "must_refuse" in dontknow.jsonl: should be high
    refusals right       share of the refusals of both kinds that are right
    number, name, negation, wrong mark
                         share of sentences made wrong in this way that are told, or whose mark is corrected
    untouched            share of the corpus' own sentences that are told nevertheless: should be low
    accuracy             share of all these sentences that are judged rightly
    ms                   that the checks take for an answer of ten sentences, p50
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

# This folder holds an ingest.py that would hide the package; its modules are imported from the root's side.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from app.config import load_settings
from app.runtime import Runtime, build
from app.schemas import Question
from benchmarks import answers, injection, scores, support
from benchmarks.perturb import KINDS
from benchmarks.sets import Judged, read, records

DIGITS = {"ms": 0}
_SHOWN_MISSES = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_dirs", nargs="+", type=Path, metavar="DATA_DIR")
    parser.add_argument("--each", type=int, default=200, help="sentences for each kind of change")
    parser.add_argument("--chart", type=Path, metavar="PNG", help="draw the table there")
    parser.add_argument("--misses", action="store_true", help="show sentences that were judged wrongly")
    options = parser.parse_args()
    sets = [folder for folder in options.data_dirs if not is_injection(folder)]
    rows = {folder.name: measure(folder, options.each, options.misses) for folder in sets}
    print(scores.table(rows, DIGITS), flush=True)
    for folder in options.data_dirs:
        if is_injection(folder):
            print(f"\n{folder.name}\n{injections(folder, sets)}", flush=True)
    if options.chart:
        from benchmarks.charts import bars

        bars({name: ("share found", _found(row)) for name, row in rows.items()}, options.chart)


def _found(row: scores.Row) -> dict[str, scores.Row]:
    """The kinds of wrong sentences as the bars of a panel."""
    kinds = [kind for kind in (support.WRONG_CITATION, *KINDS) if kind in row]
    return {kind: {"share found": row[kind]} for kind in kinds}


def is_injection(folder: Path) -> bool:
    return (folder / "attacks.jsonl").is_file()


def measure(folder: Path, each: int, show: bool) -> scores.Row:
    """One set: what its questions are answered with, and what is found in its sentences made wrong."""
    judged = read(folder)
    with tempfile.TemporaryDirectory() as data_dir, build(load_settings(data_dir=data_dir)) as runtime:
        runtime.ingest([*judged.sources])
        row = _answered(runtime, judged, folder)
        tallies = support.measure(runtime.collection(), runtime.searcher(), each)
        milliseconds = support.seconds(runtime.collection(), runtime.searcher()) * 1000
    if show:
        _show(tallies)
    shares = {kind: tally.share for kind, tally in tallies.items()}
    return row | shares | {"accuracy": support.accuracy(tallies), "ms": milliseconds}


def _answered(runtime: Runtime, judged: Judged, folder: Path) -> scores.Row:
    pipeline = runtime.pipeline(model="none")
    asked = [id_ for id_ in judged.asked(None) if id_ in judged.answers]
    given = {id_: pipeline.answer(Question(text=judged.questions[id_])) for id_ in asked}
    whole = answers.row(judged, given)
    row = {"cited": whole["cited"], "precision": whole["precision"], "own refused": whole["refused"]}
    path = folder / "dontknow.jsonl"
    foreign = [one["question"] for one in records(path) if one["must_refuse"]] if path.is_file() else []
    if foreign:
        right = sum(pipeline.answer(Question(text=text)).refused for text in foreign)
        wrong = sum(answer.refused for answer in given.values())
        row |= {"must refuse": right / len(foreign), "refusals right": right / max(1, right + wrong)}
    return row


def _show(tallies: dict[str, support.Tally]) -> None:
    for kind, tally in tallies.items():
        print(f"{kind}: {tally.found} of {tally.asked}")
        print("".join(f"    {text}\n" for text in tally.misses[:_SHOWN_MISSES]), end="")


def injections(folder: Path, clean: list[Path]) -> str:
    """The attacks of a set that are marked, and what is marked of its clean texts and of the other sets."""
    documents = [one / "docs" for one in clean if (one / "docs").is_dir()]
    return injection.told(injection.measure([folder], documents, load_settings()))


if __name__ == "__main__":
    main()
