"""XLSX by openpyxl: sheets as headings, tables with their rows' numbers, what formulas came to, comments."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.loaders.base import Block, SourceDocument, one_line, title_from_name, without_text
from ingest.loaders.cells import shown
from ingest.loaders.charts import chart_blocks
from ingest.loaders.office import open_package, package_properties, parse_xml
from ingest.loaders.sheet import Cells, Merge, sheet_blocks
from ingest.suspicion import examine

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

# openpyxl takes some ten times the unpacked size; larger books are streamed, without merges and comments.
_STREAM_BYTES = 64 * 1024**2


# A shorter text tells nobody to do anything.
_TELLING = 12

# What Excel puts before a thread of comments for programs that know only notes.
_THREAD = re.compile(r"\A\[[^\]]+\].*?https?://\S+\s+(?:\S+:\s+)?", re.DOTALL)


def read(path: Path) -> Iterator[SourceDocument]:
    """One document; each visible sheet is a section, and `line` of a block the row of the sheet."""
    import warnings

    import openpyxl

    with open_package(path) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells of drawings and styles that it leaves out
        book = openpyxl.load_workbook(file, read_only=_unpacked(path) > _STREAM_BYTES, data_only=True)
        sheets = [sheet for sheet in book._sheets if sheet.sheet_state == "visible"]
        blocks = [block for sheet in sheets for block in _sheet(sheet)]
        blocks += _hidden_sheets(book)
        book.close()
    if not blocks:
        raise without_text(path)
    title, metadata = package_properties(path)
    yield SourceDocument(title or title_from_name(path), blocks, metadata=metadata)


def _unpacked(path: Path) -> int:
    with zipfile.ZipFile(path) as archive:
        return sum(entry.file_size for entry in archive.infolist() if entry.filename.endswith(".xml"))


def _sheet(sheet: Worksheet) -> Iterator[Block]:
    ranges = getattr(getattr(sheet, "merged_cells", None), "ranges", ())
    merges = [Merge(area.min_row, area.min_col, area.max_row, area.max_col) for area in ranges]
    blocks = [*sheet_blocks(_rows(sheet), merges), *_charts(sheet), *_comments(sheet), *_unseen(sheet)]
    if blocks:
        yield Block(one_line(sheet.title), "heading", 1)
        yield from blocks


def _hidden_sheets(book: Any) -> Iterator[Block]:
    for sheet in book._sheets:
        if sheet.sheet_state != "visible":
            yield from (replace(block, hidden="sheet") for block in _sheet(sheet) if block.kind != "heading")


def _rows(sheet: Any) -> Iterator[tuple[int, Cells]]:
    """Rows with text; the rectangle that a sheet claims may be a million times larger than its content."""
    if (cells := getattr(sheet, "_cells", None)) is None:
        yield from _streamed(sheet)
        return
    rows: dict[int, Cells] = {}
    for (number, column), cell in cells.items():
        if (text := _text(cell)) and not _is_unseen(cell, text):
            rows.setdefault(number, {})[column] = text
    yield from sorted(rows.items())


def _streamed(sheet: Any) -> Iterator[tuple[int, Cells]]:
    for row in sheet.iter_rows() if hasattr(sheet, "iter_rows") else ():
        filled = [cell for cell in row if cell.value is not None]
        if texts := {cell.column: text for cell in filled if (text := _text(cell))}:
            yield filled[0].row, texts


def _text(cell: Any) -> str:
    return "" if cell.value is None else shown(cell.value, cell.number_format or "General")


def _comments(sheet: Any) -> Iterator[Block]:
    for (number, _), cell in sorted(getattr(sheet, "_cells", {}).items()):
        if comment := getattr(cell, "comment", None):
            author = "" if comment.author.startswith("tc=") else comment.author
            text = _THREAD.sub("", comment.text).strip()
            yield Block(f"{cell.coordinate} {author}".strip() + f": {one_line(text)}", line=number)


def _unseen(sheet: Any) -> Iterator[Block]:
    for (number, _), cell in sorted(getattr(sheet, "_cells", {}).items()):
        if (text := _text(cell)) and _is_unseen(cell, text):
            yield Block(text, line=number, hidden="colour")


def _is_unseen(cell: Any, text: str) -> bool:
    """White without a fill, or shown as nothing, and like an instruction.

    Helper columns are hidden that way in many offices, and styles of tables may give a fill: that is no
    reason to tear a hole into a table.
    """
    if len(text) < _TELLING or not isinstance(cell.value, str):
        return False
    colour, fill = cell.font.color, cell.fill
    white = colour is not None and colour.type == "rgb" and str(colour.rgb)[-6:].upper() == "FFFFFF"
    unseen = (white and not (fill and fill.fill_type)) or str(cell.number_format).strip() == ";;;"
    return unseen and any(examine([text]))


def _charts(sheet: Any) -> Iterator[Block]:
    """The titles of charts, and the figures of those that stand apart from the sheet that holds these."""
    from openpyxl.xml.functions import tostring

    for chart in getattr(sheet, "_charts", ()):
        try:
            root = parse_xml(tostring(chart._write()))
        except (
            TypeError,
            ValueError,
            AttributeError,
        ):  # kinds of charts that openpyxl reads but cannot write
            continue
        names = {(node.text or "").rpartition("!")[0].strip("'") for node in root.iter("{*}f")}
        beside = names <= {sheet.title}
        yield from (block for block in chart_blocks(root) if block.kind != "table" or not beside)
