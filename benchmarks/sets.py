"""Judged question sets: what to ingest, what to ask, and which results are right."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.schemas import Chunk


@dataclass(frozen=True)
class Judged:
    """A question set. A result is a document of the corpus, or a page, named by a key.

    Attributes:
        right: for each question the keys of right results with their grades.
        key: the result that a chunk stands for.
        texts: the same corpus for pipelines that read no files, as (key, text): a document, or a page.
        split: whether such pipelines cut these texts, as they would a PDF's pages.
        answers: for each question the right answers, where the set has them.
    """

    name: str
    sources: Sequence[Path]
    questions: dict[str, str]
    right: dict[str, dict[str, int]]
    key: Callable[[Chunk], str]
    texts: Callable[[], list[tuple[str, str]]]
    split: bool
    answers: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def asked(self, limit: int | None) -> list[str]:
        """Ids of the questions that something is right for."""
        return [id_ for id_ in self.questions if id_ in self.right][:limit]


def read(folder: Path) -> Judged:
    if (folder / "corpus.jsonl").exists():
        return _read_beir(folder)
    return _read_examples(folder) if (folder / "documents").exists() else _read_pdf(folder)


def is_span_set(folder: Path) -> bool:
    """Whether the questions are judged by the characters that answer them; see `benchmarks.spans`."""
    return (folder / "corpora").is_dir()


def records(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _read_beir(folder: Path) -> Judged:
    right: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        if float(grade) > 0:
            right.setdefault(query, {})[document] = int(float(grade))
    corpus = folder / "corpus.jsonl"
    queries = list(records(folder / "queries.jsonl"))
    return Judged(
        folder.name,
        [corpus],
        {record["id"]: record["text"] for record in queries},
        right,
        lambda chunk: str(chunk.record_id),
        lambda: [(one["id"], f"{one['title']} {one['text']}".strip()) for one in records(corpus)],
        split=False,
        answers={record["id"]: record["answers"] for record in queries if record.get("answers")},
    )


def _read_pdf(folder: Path) -> Judged:
    lines = list(records(folder / "questions.jsonl"))
    return Judged(
        folder.name,
        [folder / "docs"],
        {line["id"]: line["question"] for line in lines},
        {line["id"]: {_page(one["doc"], one["page"]): 1 for one in line["evidence"]} for line in lines},
        lambda chunk: _page(Path(chunk.source).name, chunk.page),
        lambda: list(_pdf_pages(folder / "docs")),
        split=True,
        answers={line["id"]: [line["answer"]] for line in lines if line.get("answer")},
    )


def _read_examples(folder: Path) -> Judged:
    lines = [line for line in records(folder / "questions.jsonl") if line["answerable"]]
    return Judged(
        folder.name,
        [folder / "documents"],
        {line["id"]: line["question"] for line in lines},
        {line["id"]: {_page(line["source"], line["page"]): 1} for line in lines},
        lambda chunk: _page(Path(chunk.source).name, chunk.page),
        lambda: list(_pdf_pages(folder / "documents")),
        split=True,
        answers={line["id"]: [line["answer"]] for line in lines},
    )


def _page(name: str, page: int | None) -> str:
    return f"{name}#{page}"


def _pdf_pages(folder: Path) -> Iterator[tuple[str, str]]:
    import pypdf

    for path in sorted(folder.rglob("*.pdf")):
        for number, page in enumerate(pypdf.PdfReader(path).pages, 1):
            yield _page(path.name, number), page.extract_text()
