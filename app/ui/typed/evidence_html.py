"""What stands beside a value: the mark that opens its place, how far that carries it, and its words there."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from app.originals.originals import VALUES
from app.schemas import Support
from app.ui import source_cards
from app.ui.support_html import sign_html
from app.ui.viewer.address import address
from prompts import reason_text

if TYPE_CHECKING:
    from app.answers.schemas import Field
    from app.schemas import FieldEvidence
    from app.ui.texts import Texts

_UNGROUPED = 10_000
"""Below it a whole number may be a year."""


def shown(value: Any, of: Field | None, evidence: FieldEvidence | None, say: Texts) -> str:
    """A value as people read it, with its unit."""
    if isinstance(value, bool):
        return say("chat.is_true") if value else say("chat.is_false")
    if not isinstance(value, int | float):
        return str(value)
    is_money = of is not None and of.kind == "money"
    text = f"{value:,}" if is_money or abs(value) >= _UNGROUPED or isinstance(value, float) else str(value)
    text = text.removesuffix(".0")
    unit = (evidence.unit if evidence else "") or (of.unit if of else "")
    return f"{text} {unit}" if unit else text


def mark_html(evidence: FieldEvidence, number: int, message_id: str, text: str, say: Texts) -> str:
    """The small number that opens the source at the very words of the value."""
    citation = evidence.citation
    if citation is None:
        return ""
    href = address(message_id, number, say.language, among=VALUES)
    place = source_cards.place(citation, say)
    label = say.html("typed.source", value=text, place=place)
    title = escape(f"{place}\n“{source_cards.shortened(citation.quote)}”")
    return (
        f'<sup class="d-mark"><a href="{escape(href)}" title="{title}" aria-label="{label}" '
        f'target="_blank" rel="noopener">{citation.n}</a></sup>'
    )


def doubt_html(evidence: FieldEvidence, say: Texts) -> str:
    """A sign at a value that its place carries in part or not at all."""
    if evidence.support is Support.SUPPORTED:
        return ""
    kind, sign = ("partly", "≈") if evidence.support is Support.PARTLY else ("not", "!")
    return sign_html(kind, sign, say(f"typed.{kind}"), why_html(evidence, say))


def nothing_html(evidence: FieldEvidence | None, say: Texts) -> str:
    """Null, and why."""
    why = why_html(evidence, say)
    if not why:
        return f'<span class="d-null" aria-label="{say.html("typed.empty")}">–</span>'
    return f'<span class="d-null">–</span> <small class="d-reason">{why}</small>'


def original_html(evidence: FieldEvidence, value: Any, text: str, say: Texts) -> str:
    """How the document writes it, where that is not what is shown."""
    original = " ".join(evidence.original.split())
    if not original or original.casefold() in (text.casefold(), str(value).casefold()):
        return ""
    return f'<small class="d-original">{say.html("typed.original", text=original)}</small>'


def why_html(evidence: FieldEvidence | None, say: Texts) -> str:
    """The reasons, in words; "" where there are none."""
    reasons = evidence.reasons if evidence is not None else ()
    return " ".join(escape(reason_text(reason, say.language)) for reason in reasons)
