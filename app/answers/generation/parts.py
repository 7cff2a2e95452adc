"""Passages by parts: as many at once as a prompt holds, fewer where an answer would not hold what they do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.chat import tables
from app.chat.context import PASSAGE_TOKENS, Passage, passage_text
from app.chat.tokens import count_tokens

Part = tuple[Passage, ...]


def parts(passages: Sequence[Passage], budget: int = PASSAGE_TOKENS) -> list[Part]:
    """The passages in groups that each hold at most so many tokens, or one passage alone."""
    groups: list[list[Passage]] = []
    left = 0
    for passage in passages:
        cost = count_tokens(passage_text(passage))
        if not groups or cost > left:
            groups.append([])
            left = budget
        groups[-1].append(passage)
        left -= cost
    return [tuple(group) for group in groups]


def halves(part: Part) -> tuple[Part, Part] | None:
    """Two parts that together hold what this one does; None where it cannot be divided further."""
    if len(part) > 1:
        middle = len(part) // 2
        return part[:middle], part[middle:]
    [passage] = part
    chunks = passage.chunks
    if len(chunks) > 1:
        middle = len(chunks) // 2
        return (replace(passage, chunks=chunks[:middle]),), (replace(passage, chunks=chunks[middle:]),)
    texts = _halved(chunks[0].text)
    if texts is None:
        return None
    first, second = (replace(chunks[0], text=text, suspicious_spans=()) for text in texts)
    return (replace(passage, chunks=(first,)),), (replace(passage, chunks=(second,)),)


def _halved(text: str) -> tuple[str, str] | None:
    """Both halves of a text, cut between two lines; rows of a table keep its head."""
    lines = text.split("\n")
    head = _head(text)
    least = len(head) + 1
    if len(lines) < least + 1:
        return None
    middle = max(least, (len(lines) + len(head)) // 2)
    return "\n".join(lines[:middle]), "\n".join([*head, *lines[middle:]])


def _head(text: str) -> list[str]:
    """The lines of the head of a table that the text begins with."""
    found = tables.parts(text) if text.lstrip().startswith("|") else []
    return text[found[0].begin :].split("\n")[:2] if found and found[0].rows else []
