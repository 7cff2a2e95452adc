"""Rows as a table in HTML: the document first, then a cell for each value."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape
from typing import TYPE_CHECKING

from app.tables.columns import columns
from app.ui.source_cards import file_name
from app.ui.tables.cell_html import MARKS, NUMBERS, cell_html
from app.ui.tables.wording import heading

if TYPE_CHECKING:
    from app.tables import Plan, Row
    from app.tables.columns import Column
    from app.ui.texts import Texts


def table_html(
    name: str, plan: Plan, rows: Sequence[Row], first: int, disputed: Collection[tuple[int, str]], say: Texts
) -> str:
    """The table; `first` is the number of its first row, from 1."""
    flat = list(columns(plan.fields))
    heads = "".join(_head(one, say) for one in flat)
    lines = "".join(_row(name, row, first + n, flat, disputed, say) for n, row in enumerate(rows))
    title = escape(heading(plan, say))
    return (
        f'<div class="d-grid" role="region" tabindex="0" aria-label="{title}"><table><thead><tr>'
        f'<th scope="col" class="d-from">{say.html("tables.document")}</th>{heads}</tr></thead>'
        f"<tbody>{lines}</tbody></table></div>{_legend(lines, say)}"
    )


def _head(column: Column, say: Texts) -> str:
    kind = ' class="d-amount"' if column.field.kind in NUMBERS and not column.field.many else ""
    about = escape(column.field.description)
    return f'<th scope="col"{kind} title="{about}">{escape(column.title(say.language))}</th>'


def _row(
    name: str,
    row: Row,
    number: int,
    flat: Sequence[Column],
    disputed: Collection[tuple[int, str]],
    say: Texts,
) -> str:
    source = row.document.source
    record = f"<small>{escape(row.document.record_id)}</small>" if row.document.record_id else ""
    kept = f'<small class="d-kept">{say.html("tables.row_kept")}</small>' if row.kept else ""
    cells = "".join(cell_html(name, row, column, disputed, say) for column in flat)
    return (
        f'<tr><th scope="row" class="d-from" title="{escape(source)}"><i>{number:,}</i>'
        f"<span>{escape(file_name(source))}{record}{kept}</span></th>{cells}</tr>"
    )


def _legend(lines: str, say: Texts) -> str:
    """What the marks mean, of those that are there."""
    there = [mark for mark in MARKS if f"d-is-{mark}" in lines]
    told = "".join(f"<span><i>{MARKS[mark]}</i> {say.html(f'tables.mark_{mark}')}</span>" for mark in there)
    return f'<p class="d-legend">{say.html("tables.hint")}{told}</p>'
