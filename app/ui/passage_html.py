"""A passage as HTML: its tables as tables, its text as it stands, and what is to be seen in marks."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from app.chat import tables
from app.chat.tables import Part, Span


def passage_html(text: str, begin: int, end: int, marked: Sequence[Span] = ()) -> str:
    """HTML of text[begin:end], with what is within the `marked` spans in marks.

    Rows of a table are shown whole if they begin there, and its header with them.
    """
    return "".join(_part(text, part, begin, end, marked) for part in tables.parts(text))


def _part(text: str, part: Part, begin: int, end: int, marked: Sequence[Span]) -> str:
    first, last = max(part.begin, begin), min(part.end, end)
    if first >= last:
        return ""
    if not part.rows:
        return _marked(text, (first, last), marked).strip("\n")
    head, *rows = part.rows
    return _table(text, head, [row for row in rows if first <= row[-1][1] and row[0][0] < last], marked)


def _table(text: str, head: Sequence[Span], rows: Sequence[Sequence[Span]], marked: Sequence[Span]) -> str:
    body = "".join(f"<tr>{_cells(text, row, marked, 'td')}</tr>" for row in rows)
    return (
        '<div class="d-table"><table>'
        f"<thead><tr>{_cells(text, head, marked, 'th')}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cells(text: str, row: Sequence[Span], marked: Sequence[Span], name: str) -> str:
    shown = (_marked(text, span, marked).replace("\\|", "|") for span in row)
    return "".join(f"<{name}>{cell}</{name}>" for cell in shown)


def _marked(text: str, span: Span, marked: Sequence[Span]) -> str:
    pieces, here = [], span[0]
    for first, last in marked:
        first, last = max(first, here), min(last, span[1])
        if first < last:
            pieces += [escape(text[here:first]), f"<mark>{escape(text[first:last])}</mark>"]
            here = last
    return "".join([*pieces, escape(text[here : span[1]])])
