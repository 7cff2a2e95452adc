"""What may stand in an answer: sentences, list items and table rows of the passages, as they are shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.chat.context import Passage
from app.chat.headings import is_heading, sentences
from app.schemas import Chunk
from vectorstore.tokens import tokenize_many

_BULLET = re.compile(r"^(?:[-*+•·▪▫◦‣∙○●■□◆▶–—]|\(?\d{1,3}[.)]|[①-⑳])\s+")
_HEADING_MARK = re.compile(r"^#{1,6}\s")
_RULE_ROW = re.compile(r"^\s*\|?[\s:|-]*-[\s:|-]*\|?\s*$")
_EMPHASIS = re.compile(r"(\*\*|__|`)(.+?)\1")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)")
# What ends a line that says what those below it are about: the head of a list, a question and its answer.
_LEADS = (":", "?", "？", "：")
END = re.compile(r"([.!?。！？…]+[\"'”’)\]」』]*)$")


LONGEST = 700
"""Characters of a sentence that are shown."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that may stand in an answer.

    Attributes:
        text: as it is shown; a table row is written with its column names.
        n: number of its passage.
        place: where it stands: ordinal of its chunk, start within it.
        page: on which it begins.
        order: its place among the sentences of its chunk, from 0.
        tokens: of the sentence itself.
        around: tokens of the title and headings that it stands under.
        item: whether it stands on a line of its own: a list item, a table row, or a line without an end.
        whole: whether it says something by itself, unlike a line without an end.
        found: whether it stands in what the search found, and not in the text beside that.
        hit_score: of its passage.
    """

    text: str
    n: int
    document_id: str
    place: tuple[int, int]
    page: int | None
    order: int
    tokens: frozenset[str]
    around: frozenset[str]
    item: bool
    whole: bool
    found: bool
    hit_score: float


def quotable(passages: Sequence[Passage]) -> list[Sentence]:
    """All sentences of the passages that mean something by themselves, passage after passage."""
    pieces = [
        (passage, chunk, order, piece)
        for passage in passages
        for chunk in passage.chunks
        for order, piece in enumerate(_readable(chunk))
    ]
    above = [" ".join((chunk.title, *chunk.headings, piece.heading)) for _, chunk, _, piece in pieces]
    headings = list(dict.fromkeys(above))
    tokens = [*map(frozenset, tokenize_many([*(piece.text for *_, piece in pieces), *headings]))]
    around = dict(zip(headings, tokens[len(pieces) :], strict=True))
    return [
        Sentence(
            text=piece.text,
            n=passage.n,
            document_id=chunk.document_id,
            place=(chunk.ordinal, piece.start),
            page=chunk.page_at(piece.start),
            order=order,
            tokens=words,
            around=around[heading],
            item=piece.item,
            whole=piece.whole,
            found=chunk.id == passage.hit.chunk.id,
            hit_score=passage.hit.score,
        )
        for (passage, chunk, order, piece), words, heading in zip(pieces, tokens, above, strict=False)
    ]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A readable part of a chunk, the heading inside the chunk that it stands under, and where it begins."""

    start: int
    text: str
    heading: str
    item: bool = False
    whole: bool = True


def _readable(chunk: Chunk) -> Iterator[_Piece]:
    """Sentences, list items and table rows that mean something by themselves, as they are shown."""
    found = sentences(chunk)
    header: list[str] = []
    heading = lead = ""
    for number, (span, above) in enumerate(found):
        raw = chunk.text[slice(*span)]
        if any(start < span[1] and end > span[0] for start, end in chunk.suspicious_spans):
            continue
        heading, lead = above or heading, "" if above else lead
        if raw.startswith("|"):
            following = chunk.text[slice(*found[number + 1][0])] if number + 1 < len(found) else ""
            if _RULE_ROW.match(raw):
                continue
            if _RULE_ROW.match(following):
                header = _cells(raw)
            else:
                yield _Piece(span[0], _row(header, _cells(raw)), heading, item=True)
            continue
        header = []
        if _HEADING_MARK.match(raw) or is_heading(raw, chunk):
            heading, lead = raw, ""
            continue
        text, listed = _plain(raw), bool(_BULLET.match(raw))
        if text.endswith(_LEADS) and not listed:
            lead = text
        if _means_something(text):
            ended = _is_sentence(text)
            under = f"{heading} {lead}".strip()
            yield _Piece(span[0], text, under, item=listed or not ended, whole=listed or ended)


def _cells(row: str) -> list[str]:
    return [_plain(cell) for cell in row.strip().strip("|").split("|")]


def _row(header: Sequence[str], cells: Sequence[str]) -> str:
    """`| Berlin | 3 |` under `| City | Days |` -> "City: Berlin; Days: 3"."""
    if len(header) != len(cells):
        return "; ".join(cell for cell in cells if cell)
    return "; ".join(
        f"{name}: {cell}" if name else cell for name, cell in zip(header, cells, strict=True) if cell
    )


def _plain(raw: str) -> str:
    """Without Markdown and line breaks."""
    text = _EMPHASIS.sub(r"\2", _LINK.sub(r"\1", _BULLET.sub("", raw)))
    return " ".join(text.replace("[", "(").replace("]", ")").split())


def _means_something(text: str) -> bool:
    """Not a heading without its mark, a label, a question of an FAQ or a stray number."""
    words = text.split()
    letters = sum(letter.isalpha() for letter in text)
    if text.endswith(_LEADS) or letters < 6 or letters * 3 < len(text.replace(" ", "")):
        return False
    return _is_sentence(text) or len(words) >= 5


def _is_sentence(text: str) -> bool:
    """Not a row of a table whose lines were lost, or a line of a list."""
    return bool(END.search(text)) or text.endswith(("다", "요", "음", "함", "됨", "임"))
