"""What is refused, with the threshold of all collections and with the measured one.

usage: python benchmarks/refusal.py DATA_DIR… [--limit N] [--small N]

Folders are those of `benchmarks/retrieval.py`; a dontknow.jsonl beside the questions names what must be
refused ("must_refuse") and what is not sure. Each set is asked its own questions, which must not be refused,
and those of the other sets, which must be. Of sets in BEIR's layout, `--small` also makes collections of one
to five documents, which are asked what they answer and what the others do.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

# This folder holds an ingest.py that would hide the package; its modules are imported from the root's side.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from app.chat.answerable import calibrate
from app.chat.relevance import ENOUGH
from app.chat.retrieve import Searcher
from app.config import load_settings
from benchmarks.sets import Judged, read, records
from ingest.collection import Collection
from ingest.pipeline import sync
from vectorstore.embeddings import EmbeddingModel, load_embedding_model

_SEED = 7
_SMALL_FILES = 5
_LEAST_CHARACTERS = 300

Scores = dict[str, list[float]]
"""Kind of question -> the best hit's score of each; "own" are those that have an answer."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_dirs", nargs="+", type=Path, metavar="DATA_DIR")
    parser.add_argument("--limit", type=int, default=200, help="questions of each set at most")
    parser.add_argument("--small", type=int, default=0, metavar="N", help="small collections of each set")
    options = parser.parse_args()
    model = load_embedding_model(load_settings())
    sets = {folder.name: read(folder) for folder in options.data_dirs}
    asked = {name: sample(list(judged.questions.values()), options.limit) for name, judged in sets.items()}
    print(HEAD)
    for folder in options.data_dirs:
        questions = own_and_foreign(folder, asked)
        with opened(sets[folder.name].sources, model) as (searcher, threshold):
            show(folder.name, refusal_scores(searcher, questions), threshold)
    for folder in options.data_dirs if options.small else ():
        for_small(folder, sets[folder.name], asked, model, options.small)


def refusal_scores(searcher: Searcher, questions: Mapping[str, Sequence[str]]) -> Scores:
    """The best hit's score of every question; one is refused where it is below the threshold."""
    return {
        kind: [max((hit.score for hit in searcher.search(text, 1)), default=0.0) for text in texts]
        for kind, texts in questions.items()
    }


def sample(texts: Sequence[str], count: int) -> list[str]:
    return random.Random(_SEED).sample(list(texts), min(count, len(texts)))


def own_and_foreign(folder: Path, asked: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """The set's own questions, those that it says must be refused or may be, and those of the other sets."""
    questions: dict[str, Sequence[str]] = {"own": asked[folder.name]}
    path = folder / "dontknow.jsonl"
    if path.is_file():
        unanswered = list(records(path))
        questions["must refuse"] = [one["question"] for one in unanswered if one["must_refuse"]]
        questions["not sure"] = [one["question"] for one in unanswered if not one["must_refuse"]]
    return questions | {name: texts for name, texts in asked.items() if name != folder.name}


@contextmanager
def opened(sources: Sequence[Path], model: EmbeddingModel) -> Iterator[tuple[Searcher, float]]:
    """The sources as a collection of their own: what searches it, and its threshold."""
    with tempfile.TemporaryDirectory() as data_dir:
        settings = load_settings(data_dir=data_dir, collection="benchmark")
        sync(sources, settings, model, collection="benchmark")
        with Collection.open("benchmark", settings, model) as collection:
            searcher = Searcher(collection, lambda: model, settings)
            measured = calibrate(collection, searcher)
            yield searcher, measured.threshold if measured else ENOUGH


def for_small(
    folder: Path, judged: Judged, asked: Mapping[str, Sequence[str]], model: EmbeddingModel, count: int
) -> None:
    """Collections of one to five documents of a set, counted together."""
    if judged.split:
        return
    answered: dict[str, list[str]] = {}
    for id_, right in judged.right.items():
        for document in right:
            answered.setdefault(document, []).append(judged.questions[id_])
    texts = {key: text for key, text in judged.texts() if key in answered and len(text) >= _LEAST_CHARACTERS}
    draw = random.Random(_SEED)
    fixed: list[Scores] = []
    thresholds: list[float] = []
    for number in range(count):
        chosen = draw.sample(sorted(texts), number % _SMALL_FILES + 1)
        own = [question for key in chosen for question in answered[key]]
        foreign = {name: [one for one in found if one not in own][:40] for name, found in asked.items()}
        with tempfile.TemporaryDirectory() as made:
            for key in chosen:
                (Path(made) / f"{key}.txt").write_text(texts[key], encoding="utf-8")
            with opened([Path(made)], model) as (searcher, threshold):
                fixed.append(refusal_scores(searcher, {"own": own, **foreign}))
                thresholds.append(threshold)
    for kind in fixed[0]:
        before = [score < ENOUGH for scores in fixed for score in scores[kind]]
        after = [
            score < enough for scores, enough in zip(fixed, thresholds, strict=True) for score in scores[kind]
        ]
        mean = sum(thresholds) / len(thresholds)
        print(row(f"{folder.name}, 1 to {_SMALL_FILES}", kind, before, after, mean))


HEAD = f"{'':24}{'questions':>16}{'count':>7}{f'refused at {ENOUGH}':>18}{'measured':>12}{'threshold':>11}"


def show(name: str, found: Scores, threshold: float) -> None:
    for kind, scores in found.items():
        before, after = ([score < enough for score in scores] for enough in (ENOUGH, threshold))
        print(row(name, kind, before, after, threshold), flush=True)


def row(name: str, kind: str, before: Sequence[bool], after: Sequence[bool], threshold: float) -> str:
    shares = [sum(outcome) / max(1, len(outcome)) for outcome in (before, after)]
    return f"{name:24}{kind:>16}{len(before):7}{shares[0]:18.1%}{shares[1]:12.1%}{threshold:11.3f}"


if __name__ == "__main__":
    main()
