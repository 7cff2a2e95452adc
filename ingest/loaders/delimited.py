"""CSV and TSV: a table whose rows know their place, with the names from the header."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from ingest.loaders.base import Block, SourceDocument, title_from_name, without_text
from ingest.loaders.encoding import read_text
from ingest.loaders.sheet import table_blocks

_DELIMITERS = ",;\t|"
_SAMPLE_LINES = 30

# The csv module refuses fields above 128 KiB by default; a cell may hold a whole article.
_MAX_FIELD = 16 * 1024**2

# Rows of one block; a longer table goes on in another with the same header.
_LONGEST = 20_000

Row = tuple[int, list[str]]
"""A row with its number from 1 as spreadsheets count it, where a cell may hold several lines."""


def read(path: Path) -> Iterator[SourceDocument]:
    csv.field_size_limit(_MAX_FIELD)
    text = read_text(path)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=_delimiter(path, text))
    rows = [(number, row) for number, row in enumerate(reader, 1) if any(map(str.strip, row))]
    header = rows[0][1] if len(rows) > 1 and _is_header(rows[0][1]) else []
    blocks = list(_blocks(header, rows[bool(header) :]))
    if not blocks:
        raise without_text(path)
    yield SourceDocument(title_from_name(path), blocks)


def _blocks(header: list[str], rows: list[Row]) -> Iterator[Block]:
    """A block for each stretch of rows without an empty one between them."""
    for _, group in groupby(enumerate(rows), key=lambda item: (item[1][0] - item[0], item[0] // _LONGEST)):
        stretch = [row for _, row in group]
        yield from table_blocks(header, [cells for _, cells in stretch], stretch[0][0])


def _delimiter(path: Path, text: str) -> str:
    """The delimiter that divides the first lines into the same number of cells, at least two."""
    if path.suffix.lower() == ".tsv":
        return "\t"
    lines = text.split("\n", _SAMPLE_LINES)[:_SAMPLE_LINES]

    def fit(delimiter: str) -> tuple[float, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        common = max(set(widths), key=lambda width: (widths.count(width), width), default=1)
        return (widths.count(common) / len(widths) if common > 1 else 0.0, common)

    return max(_DELIMITERS, key=fit)


def _is_header(row: list[str]) -> bool:
    names = [cell.strip() for cell in row]
    return all(names) and len(set(names)) == len(names) and not any(map(_is_number, names))


def _is_number(cell: str) -> bool:
    return cell.replace(",", "").replace(".", "").replace("-", "").replace("%", "").isdigit()
