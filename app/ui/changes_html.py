"""An answer that was made again beside the first one, as HTML: which words differ, and what changed since."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from app.ui.worddiff_html import diff_html
from prompts.changes import change_text

if TYPE_CHECKING:
    from app.reproduce import Comparison, Finding
    from app.schemas import Answer
    from app.ui.texts import Texts

_SIGNS = {"same": "=", "changed": "≠", "unknown": "?"}


def changes_html(before: Answer, after: Answer, outcome: Comparison, say: Texts) -> str:
    """The verdict, the words of both as one text, and a sentence for each thing that shapes an answer."""
    verdict, *rest = outcome.findings
    title = escape(change_text(verdict.code, verdict.values, say.language))
    rows = "".join(_finding(one, say) for one in rest)
    words = diff_html(before.answer, after.answer, say)
    return (
        f'<div class="d-changes"><p class="d-verdict d-{verdict.state}">{title}</p>'
        f'<section aria-label="{say.html("record.words")}">{words}</section>'
        f'<h4>{say.html("record.shaped")}</h4><ul class="d-findings">{rows}</ul></div>'
    )


def repeated_html(message_id: str, say: Texts) -> str:
    """Below an answer that was made again: where its differences are."""
    return (
        f'<p class="d-note d-repeated">{say.html("record.repeated")} '
        f'<button type="button" class="d-more" data-act="changes" data-value="{escape(message_id)}">'
        f"{say.html('record.show_changes')}</button></p>"
    )


def _finding(one: Finding, say: Texts) -> str:
    state = say.html(f"record.state_{one.state}")
    told = escape(change_text(one.code, one.values, say.language))
    return (
        f'<li class="d-{one.state}"><span class="d-sign" aria-hidden="true">{_SIGNS[one.state]}</span>'
        f'<span><span class="d-unseen">{state} </span>{told}</span></li>'
    )
