"""The list of conversations as one piece of HTML: pinned ones, folders, then by day.

Its rows are links, so that any of them opens in a tab; `scripts/conversations.js` brings it up to date and
opens the menu of a row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from app.ui.bar_html import icon

if TYPE_CHECKING:
    from app.history import Conversation, Listed
    from app.ui.texts import Texts

# Days ago, at most -> the heading; what is older comes under nav.older.
_AGES = ((0, "nav.today"), (1, "nav.yesterday"), (7, "nav.week"), (30, "nav.month"))


@dataclass(frozen=True, slots=True)
class Look:
    """How the list is seen.

    Attributes:
        current: the conversation that is open; "" for none.
        busy: conversations with an answer that is being written.
        chosen: the language that was chosen on the page, which links take along; "" for none.
        is_cut: there are more conversations than are listed.
    """

    say: Texts
    current: str = ""
    busy: Collection[str] = ()
    chosen: str = ""
    zone: tzinfo | None = None
    is_cut: bool = False


def list_html(conversations: Sequence[Conversation | Listed], look: Look) -> str:
    """The list; `conversations` come pinned first, then newest first."""
    say = look.say
    if conversations:
        body = "".join(_sections(conversations, look))
        if look.is_cut:
            body += f'<p class="d-none">{say.html("conversations.older", count=len(conversations))}</p>'
    else:
        body = f'<p class="d-none">{say.html("nav.empty")}</p>'
    return f'<nav class="d-list" aria-label="{say.html("conversations.list")}">{_search(say)}{body}</nav>'


def _search(say: Texts) -> str:
    """The way to the palette for those who do not know its key."""
    return (
        f'<button type="button" class="d-find" data-act="palette">{icon("search")}'
        f"<span>{say.html('command.find')}</span></button>"
    )


def _sections(conversations: Sequence[Conversation | Listed], look: Look) -> Iterable[str]:
    pinned = [one for one in conversations if one.pinned]
    if pinned:
        yield _section(look.say.html("conversations.pinned"), pinned, look)
    rest = [one for one in conversations if not one.pinned]
    for folder, inside in groupby(sorted(rest, key=_folder), _folder):
        if folder:
            yield _folded(folder, list(inside), look)
    today = datetime.now(look.zone).date()
    loose = (one for one in rest if not one.folder)
    for heading, group in groupby(loose, lambda one: age(one.updated, today, look.zone)):
        yield _section(look.say.html(heading), list(group), look)


def _folder(one: Conversation | Listed) -> str:
    return one.folder


def age(moment: datetime, today: date, zone: tzinfo | None) -> str:
    """The key of the heading that a conversation of this moment comes under."""
    days = (today - moment.astimezone(zone).date()) // timedelta(days=1)
    return next((heading for most, heading in _AGES if days <= most), "nav.older")


def _section(heading: str, inside: Sequence[Conversation | Listed], look: Look) -> str:
    return f'<section><h3 class="d-day">{heading}</h3>{_rows(inside, look)}</section>'


def _folded(folder: str, inside: Sequence[Conversation | Listed], look: Look) -> str:
    """A folder; open unless the browser remembers that it was closed."""
    name = escape(folder)
    return (
        f'<details class="d-folder" data-folder="{name}" open><summary class="d-day">'
        f'{icon("chevron_right")}<span class="d-folder-name">{name}</span>'
        f'<span class="d-count">{len(inside)}</span></summary>{_rows(inside, look)}</details>'
    )


def _rows(inside: Sequence[Conversation | Listed], look: Look) -> str:
    rows = (
        _row(
            look.say, one.id, one.title, one.pinned, one.id == look.current, one.id in look.busy, look.chosen
        )
        for one in inside
    )
    return f'<ul class="d-rows">{"".join(rows)}</ul>'


@lru_cache(4096)  # every page draws the same few hundred, again and again
def _row(say: Texts, id: str, title: str, pinned: bool, is_here: bool, is_busy: bool, chosen: str) -> str:
    title = title or say("chat.untitled")
    here = ' aria-current="page"' if is_here else ""
    label = f'role="img" aria-label="{say.html("conversations.busy")}"'
    dot = f'<span class="d-dot" {label}></span>' if is_busy else ""
    return (
        f'<li data-conversation="{escape(id)}" data-pinned="{int(pinned)}">'
        f'<a href="{escape(address(id, chosen))}" data-act="open" data-value="{escape(id)}"{here} '
        f'title="{escape(title)}"><span class="d-row-title">{escape(title)}</span>{dot}</a>'
        f'<button type="button" class="d-act" data-act="row-menu" data-value="{escape(id)}" '
        f'aria-haspopup="menu" aria-expanded="false" '
        f'aria-label="{say.html("conversations.menu", title=title)}">'
        f"{icon('more_horiz')}</button></li>"
    )


def address(conversation_id: str, chosen: str = "", message_id: str = "") -> str:
    """Of a conversation, and of a message in it; relative to any page."""
    asked = {"c": conversation_id, "m": message_id, "lang": chosen}
    return f"./?{urlencode({name: value for name, value in asked.items() if value})}"
