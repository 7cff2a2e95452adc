"""How good answers without a language model are: what they cite, what they say, and how long they are.

usage: python benchmarks/answers.py DATA_DIR… [--limit N]

Folders are as `benchmarks/retrieval.py` takes them, with answers beside the questions; `examples/hr` is one,
too. Each is ingested once, into a temporary folder, with the settings as they are, and every question that
has an answer is asked with `top_k` passages and no model.

    cited       share of the answers that cite a right place: page, or document of a corpus
    precision   share of all citations that are right
    words       share of the right answer's words that the answer has
    F1          of the answer's words and the right answer's
    holds       share of the answers that hold the right answer to the letter
    sentences   of an answer, each with its mark
    refused     share of the questions that are not answered
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

# This folder holds an ingest.py that would hide the package; its modules are imported from the root's side.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from app.config import load_settings
from app.runtime import build
from app.schemas import Answer, Citation, Question
from benchmarks import scores
from benchmarks.sets import Judged, read
from vectorstore.tokens import tokenize

_MARK = re.compile(r"\s*\[\d+\]")
DIGITS = {"sentences": 1, "characters": 0, "p50 ms": 0, "p95 ms": 0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_dirs", nargs="+", type=Path, metavar="DATA_DIR")
    parser.add_argument("--limit", type=int, help="ask only the first questions of each set")
    options = parser.parse_args()
    rows = {folder.name: measure(read(folder), options.limit) for folder in options.data_dirs}
    print(scores.table(rows, DIGITS))


def measure(judged: Judged, limit: int | None = None) -> scores.Row:
    asked = [id_ for id_ in judged.asked(None) if id_ in judged.answers][:limit]
    with tempfile.TemporaryDirectory() as data_dir, build(load_settings(data_dir=data_dir)) as runtime:
        runtime.ingest([*judged.sources])
        pipeline = runtime.pipeline(model="none")
        pipeline.answer(Question(text=judged.questions[asked[0]]))  # opens what is opened on first use
        return row(judged, {id_: pipeline.answer(Question(text=judged.questions[id_])) for id_ in asked})


def row(judged: Judged, answers: dict[str, Answer]) -> scores.Row:
    """What the answers to a set's questions come to; see the top of this file."""
    cited = [[_is_right(one, judged.right[id_]) for one in found.citations] for id_, found in answers.items()]
    said = {id_: "" if found.refused else _MARK.sub("", found.answer) for id_, found in answers.items()}
    words = [_shared(said[id_], judged.answers[id_]) for id_ in answers]
    return {
        "cited": _mean([float(any(one)) for one in cited]),
        "precision": _mean([float(right) for one in cited for right in one]),
        "words": _mean([recall for recall, _ in words]),
        "F1": _mean([f1 for _, f1 in words]),
        "holds": _mean([float(_holds(said[id_], judged.answers[id_])) for id_ in answers]),
        "sentences": _mean([float(len(_MARK.findall(found.answer))) for found in answers.values()]),
        "characters": _mean([float(len(text)) for text in said.values()]),
        "refused": _mean([float(found.refused) for found in answers.values()]),
        **scores.percentiles([found.seconds.first_token * 1000 for found in answers.values()]),
    }


def _is_right(citation: Citation, right: dict[str, int]) -> bool:
    """Whether one of its pages, or its record, is among the right results."""
    if citation.record_id is not None:
        return citation.record_id in right
    first, name = citation.page, Path(citation.source).name
    pages = range(first, (citation.page_end or first) + 1) if first else [None]
    return any(f"{name}#{page}" in right for page in pages)


def _shared(said: str, right: Sequence[str]) -> tuple[float, float]:
    """Recall and F1 of the right answer's words; the best of several answers."""
    return max(_overlap(tokenize(said), tokenize(answer)) for answer in right)


def _overlap(said: Sequence[str], right: Sequence[str]) -> tuple[float, float]:
    both = sum((Counter(said) & Counter(right)).values())
    return both / max(1, len(right)), 2 * both / max(1, len(said) + len(right))


def _holds(said: str, right: Sequence[str]) -> bool:
    return any(_bare(answer) in _bare(said) for answer in right)


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).lower()


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))


if __name__ == "__main__":
    main()
