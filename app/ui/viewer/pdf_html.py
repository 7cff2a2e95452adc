"""Pages of a PDF as HTML: a picture, the boxes over it, and the tools to turn and size it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from app.ui.viewer.around_html import View, header, notes, title, view_link
from app.ui.viewer.frame import note, page

if TYPE_CHECKING:
    from app.originals.pdf.drawing import Look
    from app.ui.texts import Texts

DEFAULT_WIDTH = 1200
"""Pixels of a page before the script knows how large it is shown."""

# From this share of a quote on, its boxes are told without a word.
_WHOLE = 0.9


def pdf_html(view: View, look: Look, number: int) -> str:
    """One page of a PDF; the script turns to the others."""
    boxes = look.boxes.get(number, ())
    body = (
        header(view, view_link(view, "text"))
        + notes(view, _place_note(view, look))
        + _tools(view, number, look.pages)
        + f'<main class="stage" tabindex="0" aria-label="{view.say.html("viewer.stage")}">'
        + f"{_sheet(view, look, number, boxes)}</main>"
    )
    return page(title(view), body, view.up, view.say, "pdf")


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
