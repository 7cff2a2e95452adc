"""One cell of a table as a button: its value, and marks for what should be known of it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from app.schemas import Support
from app.tables.exports.lines import evidence_of
from app.tables.paths import is_within, value_at
from app.ui.tables.wording import NOTHING, value_text
from prompts import reason_text

if TYPE_CHECKING:
    from collections.abc import Collection

    from app.schemas import FieldEvidence
    from app.tables import Row
    from app.tables.columns import Column
    from app.ui.texts import Texts

NUMBERS = ("integer", "number", "money")

# Marks in the order in which they are shown; the words are `tables.mark_NAME`.
MARKS = {"edited": "✎", "changed": "≠", "conflict": "≠", "doubt": "?", "unsupported": "!"}


def cell_html(table: str, row: Row, column: Column, disputed: Collection[tuple[int, str]], say: Texts) -> str:
    """A cell; `disputed` are rows and paths of which documents say different things."""
    value = value_at(row.data, column.path)
    evidence = evidence_of(row, column.path)
    unit = evidence[0].unit if len(evidence) == 1 else ""
    text = value_text(value, column.field, say, unit)
    marks = marks_of(row, column.path, evidence, disputed) if text or row.edits else []
    title = column.title(say.language)
    told = text or f"{say('tables.empty_cell')} {why_empty(evidence, say)}".strip()
    label = ", ".join([f"{title}: {told}", *(say(f"tables.mark_{mark}") for mark in marks)])
    kind = "d-amount" if column.field.kind in NUMBERS and not column.field.many else ""
    shown = escape(text) if text else f'<span class="d-null">{NOTHING}</span>'
    return (
        f'<td class="{kind}"><button type="button" class="d-cell {_classes(marks)}" data-act="table-cell" '
        f'data-value="{escape(f"{table}/{row.id}/{column.path}")}" aria-label="{escape(label)}" '
        f'title="{escape(label)}">{_marks_html(marks)}<span>{shown}</span></button></td>'
    )


def marks_of(
    row: Row, path: str, evidence: list[FieldEvidence], disputed: Collection[tuple[int, str]]
) -> list[str]:
    """Names of the marks that a value has."""
    edits = [edit for one, edit in row.edits.items() if is_within(one, path)]
    found = []
    if edits:
        found.append("edited")
    if any(edit.conflict for edit in edits):
        found.append("changed")
    if (row.id, path) in disputed:
        found.append("conflict")
    cited = [one for one in evidence if one.value is not None]
    if not edits and any(one.support is Support.NOT for one in cited):
        found.append("unsupported")
    elif not edits and any(one.support is Support.PARTLY for one in cited):
        found.append("doubt")
    return found


def why_empty(evidence: list[FieldEvidence], say: Texts) -> str:
    """Why there is no value; "" where that is not known."""
    reasons = [reason_text(reason, say.language) for one in evidence for reason in one.reasons]
    return " ".join(dict.fromkeys(reasons))


def _classes(marks: list[str]) -> str:
    return " ".join(f"d-is-{mark}" for mark in marks)


def _marks_html(marks: list[str]) -> str:
    signs = dict.fromkeys(MARKS[mark] for mark in MARKS if mark in marks)
    return f'<i aria-hidden="true">{"".join(signs)}</i>' if signs else ""
