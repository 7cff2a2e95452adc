"""Blocks of an invoice as PDF, DOCX, XLSX, HTML and plain text, each as people make such files."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True)
class Block:
    """A part of a page.

    Attributes:
        kind: "title"; "lines" of text; "pairs", label and text side by side without rules; "stacked", each label
            above its text, side by side; "grid", a ruled table without a head; "table", one with its head in the
            first row; "columns", two blocks of lines side by side; "page", where a new one begins.
        rows: lines are rows of one cell.
        bold: of the last row.
    """

    kind: Literal["title", "lines", "pairs", "stacked", "grid", "table", "columns", "page"]
    rows: Sequence[Sequence[str]] = ()
    ruled: bool = True
    bold: bool = False


def write(path: Path, blocks: Sequence[Block]) -> None:
    """The file that the suffix asks for."""
    _WRITERS[path.suffix](path, blocks)


# -- PDF -------------------------------------------------------------------------------------------


def _pdf(path: Path, blocks: Sequence[Block]) -> None:
    import typst

    head = '#set page(margin: 2cm)\n#set text(font: ("Noto Sans CJK KR",), size: 10pt)\n'
    source = (head + "\n\n".join(_typst(block) for block in blocks)).encode()
    typst.compile(source, output=str(path))


def _typst(block: Block) -> str:
    rows = [[_content(cell) for cell in row] for row in block.rows]
    if block.kind == "page":
        return "#pagebreak()"
    if block.kind == "title":
        return f'#align(center)[#text(size: 18pt, weight: "bold")[{rows[0][0]}]]\n#v(6pt)'
    if block.kind == "lines":
        shown = [row[0] for row in rows]
        if block.bold:
            shown[-1] = f"*{shown[-1]}*"
        return " \\\n".join(shown)
    if block.kind == "columns":
        left, right = (" \\\n".join(row) for row in rows)
        return f"#grid(columns: (1fr, 1fr), gutter: 24pt, [{left}], [{right}])"
    if block.kind == "stacked":
        cells = "".join(f"[{cell}], " for row in zip(*rows, strict=True) for cell in row)
        return f"#grid(columns: {len(rows)}, column-gutter: 30pt, row-gutter: 6pt, {cells})"
    count = max(map(len, rows))
    cells = "".join(f"[{cell}], " for row in rows for cell in [*row, *[""] * (count - len(row))])
    if block.kind == "pairs":
        return f"#grid(columns: {count}, column-gutter: 30pt, row-gutter: 8pt, {cells})"
    stroke = "" if block.ruled else "stroke: none, "
    first = "(1fr," + "auto," * (count - 1) + ")" if block.kind == "table" else count
    return f"#table(columns: {first}, {stroke}{cells})"


def _content(text: str) -> str:
    return "".join(f"\\{sign}" if sign in "\\#$*_[]@<>`=-+/~" else sign for sign in text)


# -- office ----------------------------------------------------------------------------------------


def _docx(path: Path, blocks: Sequence[Block]) -> None:
    import docx

    document = docx.Document()
    for block in blocks:
        if block.kind == "page":
            document.add_page_break()
        elif block.kind == "title":
            document.add_heading(block.rows[0][0], 0)
        elif block.kind == "lines":
            for row in block.rows:
                document.add_paragraph(row[0])
        else:
            rows = _as_rows(block)
            table = document.add_table(rows=len(rows), cols=max(map(len, rows)))
            for filled, row in zip(table.rows, rows, strict=True):
                for cell, text in zip(filled.cells, row, strict=False):
                    cell.text = text
    document.save(str(path))


def _xlsx(path: Path, blocks: Sequence[Block]) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet: Any = book.active
    for block in blocks:
        for row in [] if block.kind == "page" else _as_rows(block):
            # What begins with a sign of a formula is text here.
            sheet.append([text if not text.startswith("=") else f" {text}" for text in row])
        sheet.append([])
    book.save(path)


def _as_rows(block: Block) -> list[list[str]]:
    """A block as rows of cells, columns side by side."""
    if block.kind == "stacked":
        return [list(row) for row in zip(*block.rows, strict=True)]
    if block.kind == "columns":
        left, right = block.rows
        count = max(len(left), len(right))
        return [[(side[at] if at < len(side) else "") for side in (left, right)] for at in range(count)]
    return [list(row) for row in block.rows]


# -- text ------------------------------------------------------------------------------------------


def _html(path: Path, blocks: Sequence[Block]) -> None:
    body = "\n".join(_tags(block) for block in blocks)
    path.write_text(f"<!doctype html><html><meta charset=utf-8><body>{body}</body></html>", encoding="utf-8")


def _tags(block: Block) -> str:
    if block.kind == "page":
        return "<hr>"
    if block.kind == "title":
        return f"<h1>{html.escape(block.rows[0][0])}</h1>"
    if block.kind == "lines":
        return "<p>" + "<br>\n".join(html.escape(row[0]) for row in block.rows) + "</p>"
    if block.kind == "pairs" and all(len(row) == 2 for row in block.rows):
        return (
            "<dl>"
            + "".join(f"<dt>{html.escape(a)}</dt><dd>{html.escape(b)}</dd>" for a, b in block.rows)
            + "</dl>"
        )
    rows = _as_rows(block)
    cell = ["th" if block.kind == "table" and not number else "td" for number in range(len(rows))]
    return "<table>" + "".join(
        "<tr>" + "".join(f"<{tag}>{html.escape(text)}</{tag}>" for text in row) + "</tr>"
        for tag, row in zip(cell, rows, strict=True)
    ) + "</table>"  # fmt: skip


def _txt(path: Path, blocks: Sequence[Block]) -> None:
    path.write_text("\n".join(_plain(block) for block in blocks), encoding="utf-8")


def _plain(block: Block) -> str:
    if block.kind == "page":
        return "\f"
    if block.kind == "title":
        return block.rows[0][0].center(72).rstrip() + "\n"
    if block.kind == "lines":
        return "\n".join(row[0] for row in block.rows) + "\n"
    rows = _as_rows(block)
    count = max(map(len, rows))
    rows = [[*row, *[""] * (count - len(row))] for row in rows]
    widths = [max(_width(row[at]) for row in rows) for at in range(count)]
    lines = [
        "   ".join(
            _filled(text, width, right=block.kind == "table" and at > 0)
            for at, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    if block.kind == "table":
        lines.insert(1, "-" * len(lines[0]))
    return "\n".join(lines) + "\n"


def _filled(text: str, width: int, *, right: bool) -> str:
    blank = " " * (width - _width(text))
    return blank + text if right else text + blank


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


_WRITERS: dict[str, Callable[[Path, Sequence[Block]], None]] = {
    ".pdf": _pdf,
    ".docx": _docx,
    ".xlsx": _xlsx,
    ".html": _html,
    ".txt": _txt,
}
