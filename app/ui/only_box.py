"""What a conversation is limited to, above the place to ask, and the button that lifts it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from app.errors import DocentError
from app.ui import bar_html, shell

if TYPE_CHECKING:
    from app.ui.options import Options
    from app.ui.texts import Texts

_MOST_NAMED = 3


def held(options: Options) -> dict[str, str]:
    """The files that are asked alone, by id, with their names; files that are gone limit nothing."""
    if not options.only:
        return {}
    try:
        records = shell.runtime().collection(options.collection).records()
    except DocentError:
        return {}
    return {record.id: record.source for record in records if record.id in options.only}


def only_html(options: Options, conversation_id: str, say: Texts) -> str:
    """`Only: a.pdf, b.docx ×`; "" where all documents are asked."""
    names = [name.rpartition("/")[2] for name in held(options).values()]
    if not names or options.free:
        return ""
    shown = "".join(f"<b>{escape(name)}</b>" for name in names[:_MOST_NAMED])
    more = say.html("dropped.more", count=len(names) - _MOST_NAMED) if len(names) > _MOST_NAMED else ""
    lift = say.html("dropped.lift")
    return (
        f'<p class="d-only" role="status"><span>{say.html("dropped.only")}</span>{shown}<span>{more}</span>'
        f'<button type="button" class="d-act" data-act="lift" data-value="{escape(conversation_id)}" '
        f'aria-label="{lift}" title="{lift}">{bar_html.icon("close")}</button></p>'
    )
