"""CSV and TSV: a row is a block of "name: value" with the names from the header."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from ingest.loaders.base import Block, SourceDocument, one_line, title_from_name, without_text
from ingest.loaders.encoding import read_text

_DELIMITERS = ",;\t|"
_SAMPLE_LINES = 30

# The csv module refuses fields above 128 KiB by default; a cell may hold a whole article.
_MAX_FIELD = 16 * 1024**2


def read(path: Path) -> Iterator[SourceDocument]:
    csv.field_size_limit(_MAX_FIELD)
    text = read_text(path)
    rows = [
        row
        for row in csv.reader(text.splitlines(keepends=True), delimiter=_delimiter(path, text))
        if any(row)
    ]
    header = rows[0] if len(rows) > 1 and _is_header(rows[0]) else []
    blocks = [Block(line, "list") for row in rows[bool(header) :] if (line := _line(header, row))]
    if not blocks:
        raise without_text(path)
    yield SourceDocument(title_from_name(path), blocks)


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


def _line(header: list[str], row: list[str]) -> str:
    pairs = zip_longest(header, row, fillvalue="")
    return "; ".join(
        f"{one_line(name)}: {one_line(cell)}" if name else one_line(cell)
        for name, cell in pairs
        if cell.strip()
    )
