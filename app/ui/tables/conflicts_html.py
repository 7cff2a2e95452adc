"""Where documents say different things of one matter: each value with its document and its words."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from app.tables.columns import columns
from app.ui.source_cards import file_name, place
from app.ui.tables.wording import value_text

if TYPE_CHECKING:
    from app.tables import Row, Table
    from app.tables.columns import Column
    from app.tables.conflicts import Conflict
    from app.ui.texts import Texts

_MOST = 30


def conflicts_html(table: Table, found: Sequence[Conflict], say: Texts) -> str:
    if not found:
        return ""
    known = {one.path: one for one in columns(table.plan.fields)}
    lines = "".join(_line(table, one, known[one.path], say) for one in found[:_MOST])
    more = (
        f"<p>{escape(say.plural('tables.more_values', len(found) - _MOST))}</p>" if len(found) > _MOST else ""
    )
    title = escape(say.plural("tables.conflicts", len(found)))
    return (
        f'<details class="d-note d-conflicts"><summary>{title}</summary>'
        f"<p>{say.html('tables.conflicts_help')}</p><ul>{lines}</ul>{more}</details>"
    )


def _line(table: Table, one: Conflict, column: Column, say: Texts) -> str:
    rows = [table.row(id_) for id_ in one.values]
    said = "".join(_said(table.name, row, one, column, say) for row in rows)
    return f"<li><b>{escape(one.key)}</b> · {escape(column.title(say.language))}<ul>{said}</ul></li>"


def _said(name: str, row: Row, one: Conflict, column: Column, say: Texts) -> str:
    evidence = row.evidence.get(one.path)
    cited = evidence.citation if evidence else None
    where = place(cited, say) if cited else file_name(row.document.source)
    value = value_text(one.values[row.id], column.field, say, evidence.unit if evidence else "")
    quote = f" <q>{escape(cited.quote)}</q>" if cited else ""
    return (
        f'<li><button type="button" class="d-link" data-act="table-cell" '
        f'data-value="{escape(f"{name}/{row.id}/{one.path}")}">{escape(value)}</button> '
        f"<small>{escape(where)}</small>{quote}</li>"
    )
