"""All tables as cards."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from app.chat.retrieve.query import shown

if TYPE_CHECKING:
    from app.tables import Table, Tables
    from app.ui.tables.running import Extractions
    from app.ui.texts import Texts


def tables_html(tables: Tables, running: Extractions, say: Texts) -> str:
    """Each opens by a click; nothing where there is none."""
    cards = "".join(_card(table, tables, running, say) for table in tables.each())
    if not cards:
        return f'<p class="d-subtle">{say.html("tables.none")}</p>'
    return f'<section class="d-tables" aria-label="{say.html("tables.title")}"><ul>{cards}</ul></section>'


def _card(table: Table, tables: Tables, running: Extractions, say: Texts) -> str:
    plan, counts, run = table.plan, table.counts(), running.run_of(table.name)
    parts = [say.plural("tables.rows", counts["rows"])]
    if run is not None and run.running and run.progress is not None:
        parts.append(say("tables.done_of", done=f"{run.progress.done:,}", total=f"{run.progress.total:,}"))
    elif tables.is_being_filled(table.name):
        parts.append(say("tables.running"))
    if counts["failed"]:
        parts.append(say.plural("tables.failed", counts["failed"]))
    where = f"<small>{escape(shown(plan.where))}</small>" if plan.where else ""
    return (
        f'<li><article><h3><button type="button" data-act="table-open" data-value="{escape(table.name)}">'
        f"{escape(plan.title(say.language))}</button></h3><p>{escape(plan.collection)} {where}</p>"
        f"<p>{escape(' · '.join(parts))}</p></article></li>"
    )
