"""The example documents hold what their questions say, on the pages they say."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from pypdf import PdfReader

HR = Path(__file__).parents[1] / "examples" / "hr"
DOCUMENTS = HR / "documents"
QUESTIONS = [json.loads(line) for line in (HR / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
ANSWERABLE = [question for question in QUESTIONS if question["answerable"]]
HANDBOOKS = sorted(DOCUMENTS.glob("*.pdf"))


def by_id(question: dict[str, Any]) -> str:
    return question["id"]


def words(text: str) -> list[str]:
    return re.findall(r"[\w.,]*\w", unicodedata.normalize("NFC", text).casefold())


@cache
def pages(source: str) -> dict[int | None, str]:
    """Page number -> its text; a DOCX has no pages, and its text stands under None."""
    file = DOCUMENTS / source
    if file.suffix == ".pdf":
        return {number: page.extract_text() for number, page in enumerate(PdfReader(file).pages, 1)}
    document = Document(str(file))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return {None: "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)}


def test_there_are_twenty_questions_half_korean_and_a_quarter_without_an_answer():
    languages = [question["language"] for question in QUESTIONS]
    assert (len(QUESTIONS), languages.count("ko"), languages.count("en")) == (20, 10, 10)
    assert len(ANSWERABLE) == 15
    assert len({question["id"] for question in QUESTIONS}) == 20


@pytest.mark.parametrize("question", QUESTIONS, ids=by_id)
def test_a_question_has_the_fields_of_the_format(question: dict[str, Any]):
    assert list(question) == ["id", "language", "question", "answer", "source", "page", "answerable"]
    assert question["answerable"] == (question["answer"] is not None) == (question["source"] is not None)


@pytest.mark.parametrize("question", ANSWERABLE, ids=by_id)
def test_every_word_of_the_answer_stands_on_its_page(question: dict[str, Any]):
    on_page = words(pages(question["source"])[question["page"]])
    assert [word for word in words(question["answer"]) if word not in on_page] == []


@pytest.mark.parametrize("question", ANSWERABLE, ids=by_id)
def test_no_other_page_holds_the_answer(question: dict[str, Any]):
    wanted = set(words(question["answer"]))
    elsewhere = [
        (source.name, number)
        for source in DOCUMENTS.iterdir()
        for number, text in pages(source.name).items()
        if (source.name, number) != (question["source"], question["page"]) and wanted <= set(words(text))
    ]
    assert elsewhere == []


@pytest.mark.parametrize("handbook", HANDBOOKS, ids=lambda file: file.name)
def test_a_handbook_has_several_pages_of_text_and_stays_small(handbook: Path):
    texts = pages(handbook.name).values()
    assert len(texts) >= 5
    assert min(map(len, texts)) > 150
    assert handbook.stat().st_size < 300_000


@pytest.mark.parametrize("source", sorted((HR / "sources").glob("*.md")), ids=lambda file: file.stem)
def test_the_documents_are_built_from_the_sources_as_they_are(source: Path):
    [built] = DOCUMENTS.glob(f"{source.stem}.*")
    written = re.sub(r"(?m)^(\||#+|-|\d+\.) |[*|]|^\|[-|]+$", " ", source.read_text(encoding="utf-8"))
    missing = set(words(written)) - set(words(" ".join(pages(built.name).values())))
    assert missing == set()
