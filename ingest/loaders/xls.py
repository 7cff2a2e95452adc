"""XLS by xlrd: sheets as headings, tables with their rows' numbers; other files of that name by content."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import DocumentError
from ingest.loaders.base import Block, SourceDocument, one_line, title_from_name, without_text
from ingest.loaders.cells import shown
from ingest.loaders.office import OLE, ole_properties
from ingest.loaders.sheet import Cells, Merge, sheet_blocks

if TYPE_CHECKING:
    from xlrd.sheet import Sheet

_VISIBLE = 0


def read(path: Path) -> Iterator[SourceDocument]:
    """One document; each visible sheet is a section, and `line` of a block the row of the sheet."""
    with path.open("rb") as file:
        start = file.read(512)
    if not start.startswith((OLE, b"\x09")):
        yield from _disguised(path, start)
        return
    blocks = [block for sheet in _sheets(path) for block in _blocks(sheet)]
    if not blocks:
        raise without_text(path)
    title, metadata = ole_properties(path)
    yield SourceDocument(title or title_from_name(path), blocks, metadata=metadata)


def _disguised(path: Path, start: bytes) -> Iterator[SourceDocument]:
    """Many programs export a web page, a text or a newer book under this suffix, and Excel opens them."""
    from ingest.loaders import delimited, html, xlsx

    if start.startswith(b"PK"):
        yield from xlsx.read(path)
    elif b"<" in start.replace(b"\x00", b"")[:64]:
        yield from html.read(path)
    else:
        yield from delimited.read(path)


def _sheets(path: Path) -> Iterator[Sheet]:
    import xlrd

    try:
        book = xlrd.open_workbook(path, formatting_info=True, logfile=io.StringIO())
    except xlrd.XLRDError as error:
        cure = "remove the password" if "encrypted" in str(error) else "open it in Excel"
        what = "encrypted" if "encrypted" in str(error) else f"broken or not an XLS file ({error})"
        raise DocumentError(f"{path.name} is {what}: {cure}, and save it as .xlsx.") from None
    yield from (sheet for sheet in book.sheets() if sheet.visibility == _VISIBLE)


def _blocks(sheet: Sheet) -> Iterator[Block]:
    merges = [Merge(top + 1, left, bottom, right - 1) for top, bottom, left, right in sheet.merged_cells]
    if blocks := list(sheet_blocks(_rows(sheet), merges)):
        yield Block(one_line(sheet.name), "heading", 1)
        yield from blocks


def _rows(sheet: Sheet) -> Iterator[tuple[int, Cells]]:
    for number in range(sheet.nrows):
        cells = enumerate(sheet.row(number))
        if texts := {column: text for column, cell in cells if (text := _text(sheet.book, cell))}:
            yield number + 1, texts


def _text(book: Any, cell: Any) -> str:
    import xlrd

    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return ""
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#ERROR"))
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return shown(bool(cell.value))
    code = (
        book.format_map[book.xf_list[cell.xf_index].format_key].format_str
        if cell.xf_index is not None
        else ""
    )
    if cell.ctype != xlrd.XL_CELL_DATE:
        return shown(cell.value, code or "General")
    try:
        value = xlrd.xldate_as_datetime(cell.value, book.datemode)
    except (ValueError, OverflowError):
        return shown(cell.value)
    if 0 <= cell.value < 1:
        return shown(value.time()) if cell.value else shown(time())
    return shown(timedelta(days=cell.value) if code.startswith("[h") else value, code)
