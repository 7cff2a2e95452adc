"""The cards below an answer: file, place, age, heading path, and the quoted words inside their passage."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from html import escape
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from app.chat import places, tables
from app.originals.originals import CITED, CLOSEST, Among
from app.ui.links import linked
from app.ui.passage_html import passage_html
from app.ui.safe_markdown import Mark, chip
from app.ui.viewer.address import address
from ingest.changes import DATES

if TYPE_CHECKING:
    from app.schemas import Chunk, Citation
    from app.ui.texts import Texts

# How much of a passage is shown around the quote; the rest is cut at a word.
CONTEXT_CHARACTERS = 700
_TOOLTIP_CHARACTERS = 180

# How much is shown of what a document says of itself.
_MOST_FIELDS, _MOST_VALUES, _LONGEST_VALUE = 6, 6, 80

_BLANK_LINES = re.compile(r"\n\s*\n")


def marks(citations: Sequence[Citation], message_id: str, texts: Texts) -> dict[int, Mark]:
    """What the marks `[n]` of an answer point to."""
    return {
        c.n: Mark(
            address(message_id, c.n, texts.language),
            f"{place(c, texts)}\n“{shortened(c.quote)}”",
        )
        for c in citations
    }


def place(citation: Citation, texts: Texts) -> str:
    """File and page, as people say it."""
    name = file_name(citation.source)
    if citation.record_id:
        name = f"{name} · {citation.record_id}"
    within = places.place(citation, texts.language)
    return f"{name}, {within}" if within else name


def file_name(source: str) -> str:
    return PurePosixPath(source).name or source


def cards(
    citations: Sequence[Citation], message_id: str, texts: Texts, title: str = "", *, closest: bool = False
) -> str:
    """HTML of all cards; each opens by a click on itself, and leads to the original.

    Args:
        title: above them; "" counts them.
        closest: they are the passages nearest to a question that was refused.
    """
    if not citations:
        return ""
    among: Among = CLOSEST if closest else CITED
    title = title or texts.plural("source.title", len(citations))
    body = "".join(
        _card(citation, address(message_id, citation.n, texts.language, among=among), texts)
        for citation in citations
    )
    return f'<section class="d-sources" aria-label="{escape(title)}"><h4>{escape(title)}</h4>{body}</section>'


def _card(citation: Citation, href: str, texts: Texts) -> str:
    place_html = place_of(citation, texts) + _age(citation, texts)
    preview = escape(shortened(citation.quote))
    passage = _BLANK_LINES.sub("\n", highlighted(citation.quote, citation.context))
    return (
        '<details class="d-source">'
        f'<summary title="{escape(citation.source)}">{chip(citation.n, Mark())}'
        f'<span class="d-place">{place_html}<span class="d-preview">{preview}</span></span></summary>'
        f'<div class="d-body">{_headings(citation)}{_warning(citation, texts)}'
        f"<blockquote>{passage}</blockquote>"
        f"{open_html(href, texts)}"
        f"{metadata_html(citation)}{_footer(citation, texts)}</div></details>"
    )


def open_html(href: str, texts: Texts) -> str:
    """The link to an original in the viewer; the page's script opens it beside the chat."""
    return (
        f'<p class="d-open"><a href="{escape(href)}" target="_blank" rel="noopener">'
        f"{texts.html('source.open')}</a></p>"
    )


def place_of(of: Chunk | Citation, texts: Texts) -> str:
    """HTML of the file's name and the place in it."""
    within = (places.place(of, texts.language), of.record_id or "")
    spans = "".join(f'<span class="d-page">{escape(part)}</span>' for part in within if part)
    return f'<span class="d-file">{escape(file_name(of.source))}</span>{spans}'


def _age(citation: Citation, texts: Texts) -> str:
    shown = ""
    if citation.modified:
        age = places.age(citation.modified, date.today(), texts.language)
        shown = " · ".join(part for part in (citation.modified, age) if part)
        shown = f'<span class="d-age">{escape(shown)}</span>'
    if citation.changed:
        shown += f'<span class="d-changed">{texts.html("source.changed")}</span>'
    return shown + suspicion(citation, texts)


def suspicion(of: Chunk | Citation, texts: Texts) -> str:
    """A badge for a passage that addresses a model; pointing at it says why."""
    if not of.suspicions:
        return ""
    why = escape(_suspected(of, texts))
    return f'<span class="d-suspicious" title="{why}">{texts.html("source.suspicious")}</span>'


def _suspected(of: Chunk | Citation, texts: Texts) -> str:
    return "; ".join(texts(f"suspicion.{code}") for code in of.suspicions)


def _warning(citation: Citation, texts: Texts) -> str:
    """The same in the opened card, for those who cannot point at a badge."""
    if not citation.suspicions:
        return ""
    why = escape(_suspected(citation, texts))
    return f'<p class="d-warned"><b>{texts.html("source.suspicious")}</b> {why}</p>'


def metadata_html(of: Chunk | Citation) -> str:
    """What the document says of itself, as far as it is worth a line."""
    told = {*DATES, "title"}  # where the card has it
    said = [(name, ", ".join(values[:_MOST_VALUES])) for name, values in of.metadata.items()]
    short = [pair for pair in said if pair[0] not in told and len(pair[1]) <= _LONGEST_VALUE][:_MOST_FIELDS]
    parts = "".join(f"<span><b>{escape(name)}</b> {escape(value)}</span>" for name, value in short)
    return f'<p class="d-said">{parts}</p>' if parts else ""


def _headings(citation: Citation) -> str:
    path = [part for part in (citation.title, *citation.headings) if part.strip()]
    unique = [part for i, part in enumerate(path) if i == 0 or part != path[i - 1]]
    if not unique:
        return ""
    return f'<p class="d-path">{"<i>›</i>".join(f"<span>{escape(part)}</span>" for part in unique)}</p>'


def _footer(citation: Citation, texts: Texts) -> str:
    score = texts("source.score", percent=round(max(0.0, min(1.0, citation.score)) * 100))
    source = linked(citation.source, citation.source)
    return f'<p class="d-score"><span>{source}</span><span>{escape(score)}</span></p>'


def highlighted(quote: str, context: str) -> str:
    """HTML of the passage with the quote marked; long passages are cut around it."""
    span = find(quote, context)
    if span is None:
        return f"<mark>{escape(quote.strip())}</mark>"
    start, end = span
    room = max(CONTEXT_CHARACTERS - (end - start), 160) // 2
    left, right = max(0, start - room), min(len(context), end + room)
    if left > 0:
        left = context.find(" ", left, start) + 1 or start
    if right < len(context):
        right = max(end, context.rfind(" ", end, right))
    shown = passage_html(context, left, right, [span])
    return f"{'… ' if left else ''}{shown}{' …' if right < len(context) else ''}"


def find(quote: str, context: str) -> tuple[int, int] | None:
    """Where the quote stands in the passage; line breaks and runs of blanks may differ."""
    words = quote.split()
    if not words:
        return None
    match = re.search(r"\s+".join(map(re.escape, words)), context)
    return match.span() if match else None


def shortened(text: str, size: int = _TOOLTIP_CHARACTERS) -> str:
    """In one line, as much as a tooltip holds."""
    flat = tables.flat(text)
    return flat if len(flat) <= size else flat[: size - 1].rstrip() + "…"
