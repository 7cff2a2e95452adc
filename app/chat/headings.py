"""Headings inside a passage: lines of their own that run into the sentence below them."""

from __future__ import annotations

import re
from itertools import pairwise

from app.schemas import Chunk
from app.sentences import Span, sentence_spans

_NUMBERED = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2})*[.)]?|[A-Z][.)]?|제\s?\d+\s?[편장절조])\s+\S")
_LONGEST = 80


_TITLE = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2})+|[A-Z]|제\s?\d+\s?[편장절조])[.)]?\s+\S.*[^.!?。]$")


def is_heading(text: str, chunk: Chunk) -> bool:
    """Whether a text that stands by itself is one of the chunk's headings, or numbered like one."""
    return text in chunk.headings or (len(text) <= _LONGEST and bool(_TITLE.match(text)))


def sentences(chunk: Chunk) -> list[tuple[Span, str]]:
    """The sentences of a chunk, without headings at their beginning, each with those headings."""
    width = max(map(len, chunk.text.split("\n")), default=0)
    return [_past_headings(chunk, span, width) for span in sentence_spans(chunk.text)]


def _past_headings(chunk: Chunk, span: Span, width: int) -> tuple[Span, str]:
    start, end = span
    lines = chunk.text[start:end].split("\n")
    above: list[str] = []
    for line, below in pairwise(lines):
        if not _is_heading(line.strip(), below.strip(), chunk.headings, width):
            break
        above.append(line.strip())
        start += len(line) + 1
    return (start, end), " ".join(above)


def _is_heading(line: str, below: str, known: tuple[str, ...], width: int) -> bool:
    """Known, numbered, or much shorter than the lines of the text, and above the beginning of a sentence."""
    if line in known:
        return True
    if len(line) > _LONGEST or not below or below[0].islower() or line.endswith((",", ";", "-")):
        return False
    return bool(_NUMBERED.match(line)) or 2 * len(line) < width
