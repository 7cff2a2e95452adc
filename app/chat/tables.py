"""Tables in passages: documents' tables are indexed as rows of Markdown, which nobody wants to read raw."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

Span = tuple[int, int]

_LINE = re.compile(r".*(?:\n|$)")
_RULE = re.compile(r"\s*\|(?:\s*:?-+:?\s*\|)+\s*")
_EDGES = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a passage from `begin` to `end`: a table with its rows, or text.

    Attributes:
        rows: begin and end of the cells of each row, the header first, without blanks around them and without
            the rule below the header; none where the piece is text.
    """

    begin: int
    end: int
    rows: tuple[tuple[Span, ...], ...] = ()


def parts(text: str) -> list[Part]:
    """The passage as text and tables by turns; together they are all of it."""
    found: list[Part] = []
    here = 0
    for table in _tables(text):
        if here < table.begin:
            found.append(Part(here, table.begin))
        found.append(table)
        here = table.end
    return [*found, Part(here, len(text))] if here < len(text) else found


def cell(text: str, span: Span) -> str:
    """What a cell says; `\\|` stands for `|` in it."""
    return text[slice(*span)].replace("\\|", "|")


def flat(text: str) -> str:
    """The passage in one line, its cells parted by dots: for previews."""
    pieces: list[str] = []
    for part in parts(text):
        if part.rows:
            rows = (" · ".join(filter(None, (cell(text, span) for span in row))) for row in part.rows)
            pieces.append("; ".join(filter(None, rows)))
        else:
            pieces += [_plain(text, line) for line in _lines(text, part.begin, part.end)]
    return " ".join(" ".join(pieces).split())


def _plain(text: str, line: Span) -> str:
    """A line of text; a row that a quote has without its header is told like those of a table."""
    if not _is_row(text, line):
        return text[slice(*line)]
    return " · ".join(filter(None, (cell(text, span) for span in _cells(text, line))))


def _lines(text: str, begin: int, end: int) -> Iterator[Span]:
    return (match.span() for match in _LINE.finditer(text, begin, end) if match.group())


def _tables(text: str) -> Iterator[Part]:
    lines = list(_lines(text, 0, len(text)))
    at = 0
    while at + 1 < len(lines):
        if not (_is_row(text, lines[at]) and _RULE.fullmatch(text[slice(*lines[at + 1])])):
            at += 1
            continue
        last = at + 2
        while last < len(lines) and _is_row(text, lines[last]):
            last += 1
        rows = (lines[at], *lines[at + 2 : last])
        yield Part(lines[at][0], lines[last - 1][1], tuple(_cells(text, row) for row in rows))
        at = last


def _is_row(text: str, line: Span) -> bool:
    row = text[slice(*line)].strip()
    return len(row) > 1 and row.startswith("|") and row.endswith("|")


def _cells(text: str, line: Span) -> tuple[Span, ...]:
    edges = [line[0] + match.start() for match in _EDGES.finditer(text[slice(*line)])]
    return tuple(_trimmed(text, begin + 1, end) for begin, end in pairwise(edges))


def _trimmed(text: str, begin: int, end: int) -> Span:
    said = text[begin:end]
    begin += len(said) - len(said.lstrip())
    return begin, max(begin, begin + len(said.strip()))
