"""The sentences of the passages, as what an answer may stand on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.chat import tables
from app.chat.context import Passage
from app.chat.headings import sentences
from app.evidence import Source, Sources, clean
from app.schemas import Chunk
from app.sentences import Span


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sentence of a passage stands."""

    passage: Passage
    chunk: Chunk
    span: Span


def sources(passages: Sequence[Passage]) -> Sources:
    """All sentences of the passages, each with its place."""
    return Sources(
        [source for passage in passages for chunk in passage.chunks for source in _of(passage, chunk)]
    )


def _of(passage: Passage, chunk: Chunk) -> Iterator[Source]:
    above = " ".join((chunk.title, *chunk.headings))
    heads = _table_heads(chunk.text)
    for span, heading in sentences(chunk):
        start, head = next(((start, text) for start, end, text in heads if start <= span[0] < end), (0, ""))
        if head and span[0] == start:
            continue
        context = clean(" ".join(part for part in (above, heading, head) if part))
        yield Source(passage.n, clean(chunk.text[slice(*span)]), context, Place(passage, chunk, span))


def _table_heads(text: str) -> list[tuple[int, int, str]]:
    """From where to where each table stands, and its column names."""
    return [
        (part.begin, part.end, " ".join(tables.cell(text, span) for span in part.rows[0]))
        for part in (tables.parts(text) if "|" in text else ())
        if part.rows
    ]
