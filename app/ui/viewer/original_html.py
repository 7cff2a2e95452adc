"""An original as HTML: pages of a PDF with boxes, or the text as it was indexed with the quote marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from app.chat import places
from app.originals.locate import State
from app.originals.passages import STEP, quoted
from app.ui.links import linked
from app.ui.passage_html import passage_html
from app.ui.viewer.frame import note, page

if TYPE_CHECKING:
    from app.originals import Original, Window
    from app.originals.pdf.drawing import Look
    from app.schemas import Chunk
    from app.ui.texts import Texts

DEFAULT_WIDTH = 1200
"""Pixels of a page before the script knows how large it is shown."""

# From this share of a quote on, its boxes are told without a word.
_WHOLE = 0.9


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


def pdf_html(view: View, look: Look, number: int) -> str:
    """One page of a PDF; the script turns to the others."""
    boxes = look.boxes.get(number, ())
    body = (
        _header(view, _view_link(view, "text"))
        + _notes(view, _place_note(view, look))
        + _tools(view, number, look.pages)
        + f'<main class="stage" tabindex="0" aria-label="{view.say.html("viewer.stage")}">'
        + f"{_sheet(view, look, number, boxes)}</main>"
    )
    return page(_title(view), body, view.up, view.say, "pdf")


def text_html(view: View, window: Window, before: int, after: int, trouble: str = "") -> str:
    """The document as it was indexed, around the cited passage.

    Args:
        before, after: how many passages around it are shown.
        trouble: HTML, why it is not shown as it looks.
    """
    say, citation = view.say, view.original.citation
    pages = _view_link(view, "page") if view.original.is_pdf and not trouble else ""
    if window.chunks:
        earlier = _more(view, before + STEP, after, "earlier", window.chunks[0]) if window.earlier else ""
        later = _more(view, before, after + STEP, "later", window.chunks[-1]) if window.later else ""
        inside = f"{earlier}{_passages(view, window)}{later}"
    else:
        trouble += note(say.html("viewer.passage_only"))
        passage = _marked(citation.context or citation.quote, citation.quote)
        inside = f'<section class="cited">{passage}</section>'
    title = escape(citation.title or view.original.name)
    body = (
        _header(view, pages)
        + _notes(view, trouble)
        + f'<main class="text"><article><h2 class="title">{title}</h2>{inside}</article></main>'
    )
    return page(_title(view), body, view.up, say, "text")


# -- around both -----------------------------------------------------------------------------------------


def _title(view: View) -> str:
    within = places.place(view.original.citation, view.say.language)
    return f"{view.original.name}, {within}" if within else view.original.name


def _header(view: View, other_view: str) -> str:
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


def _view_link(view: View, other: str) -> str:
    label = view.say.html("viewer.as_text" if other == "text" else "viewer.as_page")
    return f'<a class="button" href="{view.n}?{view.query}&amp;view={other}">{label}</a>'


def _notes(view: View, more: str) -> str:
    say, original = view.say, view.original
    told = ""
    if original.state is State.WEB:
        told = note(f"{say.html('viewer.web')} {linked(original.citation.source, original.citation.source)}")
    elif original.state is not State.SAME:
        told = note(say.html(f"viewer.{original.state.value}"), "warn")
    if original.is_part and original.path is not None:
        told += note(say.html("viewer.part", part=original.citation.record_id, file=original.name))
    return told + more


# -- pages -----------------------------------------------------------------------------------------------


def _place_note(view: View, look: Look) -> str:
    """What to say where the boxes do not say it all."""
    say, quote = view.say, view.original.citation.quote
    if look.boxes and look.share >= _WHOLE:
        return ""
    key = "viewer.partly" if look.boxes else "viewer.not_marked" if look.has_text else "viewer.scanned"
    return note(f"{say.html(key)} <q>{escape(quote)}</q>")


def _tools(view: View, number: int, pages: int) -> str:
    say = view.say
    return (
        f'<div class="tools" role="toolbar" aria-label="{say.html("viewer.tools")}">'
        f"{_turn(view, number - 1, 'previous', number > 1)}"
        f'<form method="get" action="{view.n}"><label><span class="hidden">{say.html("viewer.page")}</span>'
        f'<input name="page" inputmode="numeric" autocomplete="off" size="3" value="{number}" '
        f'pattern="[0-9]*" data-pages="{pages}"></label> <span class="of">/ {pages}</span>'
        f'<input type="hidden" name="lang" value="{say.language}"></form>'
        f"{_turn(view, number + 1, 'next', number < pages)}"
        '<span class="apart"></span>'
        f"{_tool('smaller', '−', say)}"
        f'<output class="zoom" aria-live="polite">100 %</output>{_tool("larger", "+", say)}'
        f"{_tool('fit', say('viewer.fit_short'), say)}</div>"
    )


def parts(box: Sequence[float], size: tuple[float, float]) -> list[float]:
    """A box as left, top, width and height in parts of its page, which hold at any size."""
    left, top, right, bottom = box
    width, height = max(size[0], 1.0), max(size[1], 1.0)
    shares = (left / width, top / height, (right - left) / width, (bottom - top) / height)
    return [round(share, 6) for share in shares]


def _turn(view: View, number: int, name: str, enabled: bool) -> str:
    label = view.say.html(f"viewer.{name}")
    sign = "‹" if name == "previous" else "›"
    state = "" if enabled else ' aria-disabled="true"'
    href = f"{view.n}?{view.query}&amp;page={number}"
    return f'<a class="tool {name}" href="{href}" aria-label="{label}" title="{label}"{state}>{sign}</a>'


def _tool(name: str, sign: str, say: Texts) -> str:
    label = say.html(f"viewer.{name}")
    return (
        f'<button type="button" class="tool {name} only-script" aria-label="{label}" title="{label}">'
        f"{escape(sign)}</button>"
    )


def _sheet(view: View, look: Look, number: int, boxes: Sequence[Sequence[float]]) -> str:
    """A page's picture below its boxes, which keep their places at any size."""
    say = view.say
    width, height = look.sizes[number - 1] if number <= len(look.sizes) else (595.0, 842.0)
    alt, any_alt = (say.html("viewer.alt", page=n, name=view.original.name) for n in (number, "{page}"))
    drawn = "".join(
        f'<rect x="{left:g}" y="{top:g}" width="{across:g}" height="{down:g}"/>'
        for left, top, across, down in (parts(box, (width, height)) for box in boxes)
    )
    return (
        f'<div class="sheet" data-base="{view.n}" data-page="{number}" '
        f'data-failed="{say.html("viewer.no_picture")}" data-alt="{any_alt}">'
        f'<img src="{view.n}/page/{number}?width={DEFAULT_WIDTH}" width="{width:.0f}" height="{height:.0f}" '
        f'alt="{alt}">'
        '<svg viewBox="0 0 1 1" preserveAspectRatio="none" role="img" '
        f'aria-label="{say.html("viewer.boxes", quote=view.original.citation.quote)}">'
        f'<g class="line">{drawn}</g><g class="ink">{drawn}</g></svg></div>'
    )


# -- text ------------------------------------------------------------------------------------------------


def _more(view: View, before: int, after: int, name: str, edge: Chunk) -> str:
    href = f"{view.n}?{view.query}&amp;view=text&amp;before={before}&amp;after={after}#passage-{edge.ordinal}"
    return f'<p class="more"><a class="button" href="{href}">{view.say.html(f"viewer.{name}")}</a></p>'


def _passages(view: View, window: Window) -> str:
    cited = view.original.chunk
    shown: list[str] = []
    path: tuple[str, ...] = ()
    for chunk in window.chunks:
        heading = "" if chunk.headings == path else _headings(chunk)
        path = chunk.headings
        is_cited = cited is not None and chunk.id == cited.id
        quote = view.original.citation.quote if is_cited else ""
        where = escape(places.place(chunk, view.say.language))
        shown.append(
            f'{heading}<section id="passage-{chunk.ordinal}"{" class=cited" if is_cited else ""}>'
            f'<p class="where">{where}</p>{_marked(chunk.text, quote)}</section>'
        )
    return "".join(shown)


def _headings(chunk: Chunk) -> str:
    if not chunk.headings:
        return ""
    above = "".join(f"<span>{escape(part)}</span><i>›</i>" for part in chunk.headings[:-1])
    return f"<h3>{above}<span>{escape(chunk.headings[-1])}</span></h3>"


def _marked(text: str, quote: str) -> str:
    span = quoted(quote, text) if quote else None
    return f'<div class="passage">{passage_html(text, 0, len(text), [span] if span else [])}</div>'
