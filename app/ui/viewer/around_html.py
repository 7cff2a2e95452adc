"""What stands around an original in the viewer: its name and place, what became of it, what can be done."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from app.chat import places
from app.originals.locate import State
from app.ui.links import linked
from app.ui.viewer.frame import note

if TYPE_CHECKING:
    from app.originals import Original
    from app.ui.texts import Texts


@dataclass(frozen=True, slots=True)
class View:
    """What every part of the page needs.

    Attributes:
        n: the last part of the address: relative links begin with it.
        up: see `frame.page`.
    """

    original: Original
    n: str
    up: str
    say: Texts

    @property
    def query(self) -> str:
        return f"lang={self.say.language}"


def title(view: View) -> str:
    """For the browser's tab: the file and the place."""
    within = places.place(view.original.citation, view.say.language)
    return f"{view.original.name}, {within}" if within else view.original.name


def header(view: View, other_view: str) -> str:
    """File and place, and what can be done with it; `other_view` is a link to the other way to see it."""
    say, citation = view.say, view.original.citation
    within = [citation.record_id or "", places.place(citation, say.language)]
    place = "".join(f"<span>{escape(part)}</span>" for part in within if part)
    file = ""
    if view.original.path is not None:
        label = say.html("viewer.download")
        file = f'<a class="button" href="{view.n}/file?{view.query}" download>{label}</a>'
    tab = (
        f'<a class="button only-framed" href="{view.n}?{view.query}" target="_blank" rel="noopener">'
        f"{say.html('viewer.tab')}</a>"
    )
    return (
        f'<header><div class="what"><h1 title="{escape(citation.source)}">{escape(view.original.name)}</h1>'
        f'<p class="place">{place}</p></div><nav aria-label="{say.html("viewer.actions")}">'
        f"{other_view}{tab}{file}</nav></header>"
    )


def view_link(view: View, other: str) -> str:
    """A link to the "text" or the "page"."""
    label = view.say.html("viewer.as_text" if other == "text" else "viewer.as_page")
    return f'<a class="button" href="{view.n}?{view.query}&amp;view={other}">{label}</a>'


def notes(view: View, more: str) -> str:
    """What became of the file, and then `more`, as HTML."""
    say, original = view.say, view.original
    told = ""
    if original.state is State.WEB:
        told = note(f"{say.html('viewer.web')} {linked(original.citation.source, original.citation.source)}")
    elif original.state is not State.SAME:
        told = note(say.html(f"viewer.{original.state.value}"), "warn")
    if original.is_part and original.path is not None:
        told += note(say.html("viewer.part", part=original.citation.record_id, file=original.name))
    return told + more
