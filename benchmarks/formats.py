"""How much of each format's text is read, over a folder of files whose text is known.

usage: python benchmarks/formats.py DATA_DIR [--worst 10] [--timeout 120]

DATA_DIR holds manifest.jsonl: on each line a "file", and perhaps the path of its "expected_text" in Markdown,
or the strings that it "must_contain". Both sides are compared as words, without marks of Markdown: a string
counts as found where its words follow one another, and recall is the share of the expected words, counted as
often as they occur, that were read. Text files of one name but for their encoding's suffix must read the
same. Each file is read in a process that a crash or a hang may take along; only these make the exit status 1.
"""

from __future__ import annotations

import argparse
import html
import json
import multiprocessing
import re
import statistics
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

_ENCODING = re.compile(r"(?i)[-_.]?(cp949|euc-?kr|utf-?(?:8|16|32)(?:-?(?:le|be|sig))?)$")
_PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)|<!--.*?-->", re.DOTALL)
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*(?:\s[^()]*)?\)")
_FENCE = re.compile(r"^\s*```.*$", re.MULTILINE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_WORD = re.compile(r"[^\W_]+")


@dataclass
class Outcome:
    """What became of one file.

    Attributes:
        status: "indexed", "error" (a clear one), "crash" or "hang".
        detail: the error, or what is missing.
        recall: of the expected words; None where none are given.
    """

    file: str
    status: str
    text: str = ""
    detail: str = ""
    seconds: float = 0.0
    recall: float | None = None
    wanted: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--worst", type=int, default=10, help="how many of the worst files are named")
    parser.add_argument("--timeout", type=float, default=120.0, help="seconds that a file may take")
    given = parser.parse_args()
    entries = [
        json.loads(line) for line in (given.data_dir / "manifest.jsonl").read_text("utf-8").splitlines()
    ]
    outcomes = list(read_all(given.data_dir, entries, given.timeout))
    print(table(outcomes))
    print(variants(outcomes))
    print(worst(outcomes, given.worst))
    sys.exit(any(outcome.status in ("crash", "hang") for outcome in outcomes))


# -- reading -----------------------------------------------------------------------------------------


def read_all(folder: Path, entries: Sequence[dict[str, Any]], timeout: float) -> Iterator[Outcome]:
    with Worker(timeout) as worker:
        for entry in entries:
            yield judged(worker.read(folder, entry["file"]), folder, entry)


class Worker:
    """A process that reads one file after the other; a new one takes the place of one that died."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._context = multiprocessing.get_context("spawn")
        self._start()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def read(self, folder: Path, file: str) -> Outcome:
        started = time.perf_counter()
        self._pipe.send(folder / file)
        status, text = "hang", ""
        if self._pipe.poll(self._timeout):
            try:
                status, text = self._pipe.recv()
            except (EOFError, ConnectionError):
                status = "crash"
        seconds = time.perf_counter() - started
        if status in ("hang", "crash"):
            self._stop()
            self._start()
            text = f"after {seconds:.0f} s"
        indexed = status == "indexed"
        return Outcome(file, status, text if indexed else "", "" if indexed else text, seconds)

    def _start(self) -> None:
        self._pipe, other = self._context.Pipe()
        self._process = self._context.Process(target=serve, args=(other,), daemon=True)
        self._process.start()
        other.close()

    def _stop(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()


def serve(pipe: Connection) -> None:
    """The worker's side: paths come, ("indexed", text) or ("error", message) go; anything else is a crash."""
    # This folder holds an ingest.py that would hide the package.
    sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != Path(__file__).resolve().parent]
    from app.errors import DocumentError
    from ingest.loaders import read

    while True:
        path = pipe.recv()
        try:
            documents = list(read(path))
        except DocumentError as error:
            pipe.send(("error", str(error)))
            continue
        parts = [[d.title, *(b.text for b in d.blocks), *_values(d.metadata)] for d in documents]
        pipe.send(("indexed", "\n\n".join("\n\n".join(part) for part in parts)))


def _values(metadata: Any) -> Iterator[str]:
    for name, values in metadata.items():
        yield f"{name}: {', '.join(values)}"


# -- judging -----------------------------------------------------------------------------------------


def judged(outcome: Outcome, folder: Path, entry: dict[str, Any]) -> Outcome:
    """The outcome with its figures; a file that is not read has found nothing."""
    found = words(outcome.text)
    outcome.wanted = [text for text in entry.get("must_contain", ()) if words(text)]
    line = f" {' '.join(found)} "
    outcome.missing = [text for text in outcome.wanted if f" {' '.join(words(text))} " not in line]
    if "expected_text" in entry:
        expected = Counter(words((folder / entry["expected_text"]).read_text("utf-8")))
        lost = expected - Counter(found)
        outcome.recall = 1 - lost.total() / max(1, expected.total())
        outcome.detail = outcome.detail or "not read: " + " ".join(word for word, _ in lost.most_common(12))
    elif outcome.missing:
        outcome.detail = outcome.detail or "not read: " + " | ".join(outcome.missing)[:150]
    return outcome


def words(text: str) -> list[str]:
    """Words in lower case without Markdown's marks, links' targets, pictures and tags."""
    text = _FENCE.sub(" ", _LINK.sub(r"\1", _PICTURE.sub(" ", text)))
    text = _TAG.sub(" ", html.unescape(text).replace("\\", ""))
    return _WORD.findall(unicodedata.normalize("NFKC", text).lower())


def table(outcomes: Sequence[Outcome]) -> str:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[Path(outcome.file).suffix.lower()].append(outcome)
    lines = [f"{'format':8}{'files':>6}{'indexed':>9}{'error':>7}{'fatal':>7}{'strings':>10}{'recall':>8}"]
    lines += [_row(name, groups[name]) for name in sorted(groups)]
    return "\n".join([*lines, _row("all", outcomes)])


def _row(name: str, outcomes: Sequence[Outcome]) -> str:
    status = Counter(outcome.status for outcome in outcomes)
    wanted = sum(len(outcome.wanted) for outcome in outcomes)
    found = wanted - sum(len(outcome.missing) for outcome in outcomes)
    recalls = [outcome.recall for outcome in outcomes if outcome.recall is not None]
    cells = [len(outcomes), status["indexed"], status["error"], status["crash"] + status["hang"]]
    return (
        f"{name:8}{cells[0]:6}{cells[1]:9}{cells[2]:7}{cells[3]:7}"
        f"{f'{found}/{wanted}' if wanted else '':>10}"
        f"{f'{statistics.median(recalls):.3f}' if recalls else '':>8}"
    )


def variants(outcomes: Sequence[Outcome]) -> str:
    """A line for each text that is there in several encodings."""
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        stem, count = _ENCODING.subn("", Path(outcome.file).stem)
        if count:
            groups[f"{Path(outcome.file).parent / stem}"].append(outcome)
    lines = []
    for name, group in groups.items():
        bodies = {outcome.text.split("\n\n", 1)[-1] for outcome in group}  # the titles come from the names
        lines.append(
            f"{name}: {len(group)} encodings, {'the same text' if len(bodies) == 1 else 'DIFFERENT'}"
        )
    return "\n".join(["", *lines])


def worst(outcomes: Sequence[Outcome], count: int) -> str:
    """The files of which most was lost, each with what."""

    def score(outcome: Outcome) -> float:
        found = 1 - len(outcome.missing) / len(outcome.wanted) if outcome.wanted else 1.0
        unread = 0.0 if outcome.status != "indexed" else 1.0
        return min(unread, found, outcome.recall if outcome.recall is not None else 1.0)

    low = [outcome for outcome in sorted(outcomes, key=score)[:count] if score(outcome) < 1]
    lines = [f"{score(o):6.3f} {o.seconds:5.1f} s  {o.file}  {o.status}; {o.detail}" for o in low]
    return "\n".join(["", *lines])


if __name__ == "__main__":
    main()
