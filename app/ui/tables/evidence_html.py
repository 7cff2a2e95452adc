"""What a value of a table stands on: the quoted words in their passage, with the way into the original."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

from app.originals.originals import TABLE
from app.schemas import Support
from app.ui import source_cards
from app.ui.viewer.address import address
from prompts import reason_text

if TYPE_CHECKING:
    from app.schemas import Citation, FieldEvidence
    from app.ui.texts import Texts

_MOST = 60


def evidence_html(
    table: str,
    found: Mapping[str, FieldEvidence],
    cells: Mapping[str, int],
    contexts: Mapping[str, str],
    say: Texts,
    titles: Mapping[str, str] | None = None,
) -> str:
    """One card for each value.

    Args:
        found: path -> evidence.
        cells: path -> number of the cell.
        contexts: id of a passage -> its text.
        titles: path -> what stands above the card; None for a single value.
    """
    shown = list(found.items())[:_MOST]
    body = "".join(
        _card(
            one,
            address(table, cells[path], say.language, among=TABLE),
            contexts,
            say,
            (titles or {}).get(path, ""),
        )
        for path, one in shown
    )
    more = say.plural("tables.more_values", len(found) - _MOST) if len(found) > _MOST else ""
    return f'<section class="d-proofs">{body}{f"<p>{escape(more)}</p>" if more else ""}</section>'


def _card(one: FieldEvidence, href: str, contexts: Mapping[str, str], say: Texts, title: str) -> str:
    head = f"<h4>{escape(title)}</h4>" if title else ""
    why = "".join(f"<p>{escape(reason_text(reason, say.language))}</p>" for reason in one.reasons)
    if one.citation is None:
        told = why or f"<p>{say.html('tables.no_evidence')}</p>"
        return f'<article class="d-proof">{head}{told}</article>'
    return (
        f'<article class="d-proof">{head}<p class="d-proof-place">{source_cards.place_of(one.citation, say)}'
        f"{_support(one, say)}</p><blockquote>{_quote(one.citation, contexts)}</blockquote>{why}"
        f"{_original(one, say)}{source_cards.open_html(href, say)}</article>"
    )


def _quote(citation: Citation, contexts: Mapping[str, str]) -> str:
    return source_cards.highlighted(citation.quote, contexts.get(citation.chunk_id, citation.quote))


def _original(one: FieldEvidence, say: Texts) -> str:
    """As the document writes the value, where that is not how the table does."""
    if not one.original or one.original == str(one.value):
        return ""
    return f'<p class="d-subtle">{say.html("tables.original", text=one.original)}</p>'


def _support(one: FieldEvidence, say: Texts) -> str:
    if one.support is Support.SUPPORTED:
        return ""
    key = "tables.mark_doubt" if one.support is Support.PARTLY else "tables.mark_unsupported"
    return f'<span class="d-changed">{say.html(key)}</span>'
