"""Puts an export together: title, facts, and each question with its answer and what is known about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from app.export.blocks import Block, Document, Footnote, Heading, Inline, Inlines, Paragraph, Text
from app.export.cleaning import clean, one_line, shortened
from app.export.notes import Marks
from app.export.reading import read
from app.export.remarks import closest, contradictions, facts, legend, nature, notices, state
from app.export.support import flagged
from app.export.typed import fields
from app.export.words import Words

if TYPE_CHECKING:
    from app.export.turns import Turn
    from app.language import Language
    from app.schemas import Answer

HEADING_CHARACTERS = 120


def compose(
    turns: Sequence[Turn], language: Language, *, title: str = "", collection: str = "", day: date
) -> Document:
    """The document that all formats are written from."""
    words = Words(language)
    notes: list[Footnote] = []
    name = shortened(title or (turns[0].question if turns else ""), HEADING_CHARACTERS)
    named = len(turns) == 1 and name == shortened(turns[0].question, HEADING_CHARACTERS)
    level = 0 if named else 1  # 0: the title is the question
    blocks = [block for turn in turns for block in _turn(turn, level, notes, words)]
    head = [words("exported", day=day.isoformat())]
    if collection:
        head.insert(0, words("collection", name=one_line(collection)))
    return Document(name or words("untitled"), language, tuple(head), tuple(blocks), tuple(notes))


def _turn(turn: Turn, level: int, notes: list[Footnote], words: Words) -> Iterator[Block]:
    yield from _question(turn.question, level)
    answer = turn.answer
    if answer is None:
        yield from read(turn.written, Marks((), notes, words), below=level)
    else:
        yield from _answer(answer, level, notes, words)
    yield from state(turn, words)
    if answer is not None:
        yield facts(answer, turn.asked, words)


def _question(text: str, level: int) -> Iterator[Block]:
    heading = shortened(text, HEADING_CHARACTERS)
    if level:
        yield Heading((Text(heading),), level)
    if heading != clean(text).strip():
        yield Paragraph((Text(clean(text).strip()),), "quote")


def _answer(answer: Answer, level: int, notes: list[Footnote], words: Words) -> Iterator[Block]:
    marks = Marks(answer.citations, notes, words)
    yield from nature(answer, words)
    if answer.typed is not None and not answer.refused:
        body = fields(answer.typed, marks, words, answer.evidence)
    else:
        body = read(answer.answer, marks, below=level)
    yield from flagged(body, answer.sentences)
    if unused := marks.unused():
        yield Paragraph(_list(words("sources"), [marks.ref(n) for n in unused]))
    yield from closest(answer, notes, words)
    yield from legend(answer, marks, words)
    yield from contradictions(answer, marks, words)
    yield from notices(answer, words)


def _list(label: str, refs: Sequence[Inline]) -> Inlines:
    return (Text(label + " "), *refs)
