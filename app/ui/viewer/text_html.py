"""A document's text as HTML, as it was indexed, with the quote marked in it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from app.chat import places
from app.originals.passages import STEP, quoted
from app.ui.passage_html import passage_html
from app.ui.viewer.around_html import View, header, notes, title, view_link
from app.ui.viewer.frame import note, page

if TYPE_CHECKING:
    from app.originals import Window
    from app.schemas import Chunk


def text_html(view: View, window: Window, before: int, after: int, trouble: str = "") -> str:
    """The document as it was indexed, around the cited passage.

    Args:
        before, after: how many passages around it are shown.
        trouble: HTML, why it is not shown as it looks.
    """
    say, citation = view.say, view.original.citation
    pages = view_link(view, "page") if view.original.is_pdf and not trouble else ""
    if window.chunks:
        earlier = _more(view, before + STEP, after, "earlier", window.chunks[0]) if window.earlier else ""
        later = _more(view, before, after + STEP, "later", window.chunks[-1]) if window.later else ""
        inside = f"{earlier}{_passages(view, window)}{later}"
    else:
        trouble += note(say.html("viewer.passage_only"))
        passage = _marked(citation.context or citation.quote, citation.quote)
        inside = f'<section class="cited">{passage}</section>'
    heading = escape(citation.title or view.original.name)
    body = (
        header(view, pages)
        + notes(view, trouble)
        + f'<main class="text"><article><h2 class="title">{heading}</h2>{inside}</article></main>'
    )
    return page(title(view), body, view.up, say, "text")


def _more(view: View, before: int, after: int, name: str, edge: Chunk) -> str:
    href = f"{view.n}?{view.query}&amp;view=text&amp;before={before}&amp;after={after}#passage-{edge.ordinal}"
    return f'<p class="more"><a class="button" href="{href}">{view.say.html(f"viewer.{name}")}</a></p>'


def _passages(view: View, window: Window) -> str:
    cited = view.original.chunk
    shown: list[str] = []
    path: tuple[str, ...] = ()
    for chunk in window.chunks:
        heading = "" if chunk.headings == path else _headings(chunk, view.original.citation.title)
        path = chunk.headings
        is_cited = cited is not None and chunk.id == cited.id
        quote = view.original.citation.quote if is_cited else ""
        kind = ' class="cited"' if is_cited else ""
        where = escape(places.place(chunk, view.say.language))
        shown.append(
            f'{heading}<section id="passage-{chunk.ordinal}"{kind}>'
            f'<p class="where">{where}</p>{_marked(chunk.text, quote)}</section>'
        )
    return "".join(shown)


def _headings(chunk: Chunk, title: str) -> str:
    """The path of headings, without the document's title, which stands above them all."""
    path = chunk.headings[1:] if chunk.headings[:1] == (title,) else chunk.headings
    spans = "<i>›</i>".join(f"<span>{escape(part)}</span>" for part in path)
    return f"<h3>{spans}</h3>" if path else ""


def _marked(text: str, quote: str) -> str:
    span = quoted(quote, text) if quote else None
    return f'<div class="passage">{passage_html(text, 0, len(text), [span] if span else [])}</div>'
