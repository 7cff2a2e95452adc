"""What a search found, as cards: the passage with its matched words, and a bar for each part of the score."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from app.chat.retrieve.marking import Span, spans
from app.ui.passage_html import passage_html
from app.ui.source_cards import place_of, suspicion

if TYPE_CHECKING:
    from app.chat.retrieve import Found, Similar
    from app.schemas import Chunk, Explanation, Hit
    from app.ui.texts import Texts

SNIPPET_CHARACTERS = 520
_BEFORE_FIRST_MARK = 120


def card(hit: Hit, dense_weight: float, say: Texts) -> str:
    """One hit as HTML; `dense_weight` is the share of the vectors in the search."""
    matched = spans(hit.chunk.text, hit.explain.matched) if hit.explain else []
    also = ""
    if hit.also_in:
        also = f'<p class="d-also">{say.html("search.also_in", names=", ".join(hit.also_in))}</p>'
    bars = _bars(hit, hit.explain, dense_weight, say) if hit.explain else ""
    place = _place(hit.chunk, say) + suspicion(hit.chunk, say)
    return (
        f'<article class="d-hit"><header><b class="d-rank">{hit.rank}</b>{place}</header>'
        f"{_passage(hit.chunk.text, matched, say)}{also}{bars}</article>"
    )


def similar_card(found: Similar, say: Texts) -> str:
    """A passage near another one, with both measures of how near."""
    measures = (("search.cosine", f"{found.cosine:.3f}"), ("search.euclidean", f"{found.euclidean:.3f}"))
    shown = "".join(f"<span>{say.html(key)} <b>{value}</b></span>" for key, value in measures)
    return (
        f'<article class="d-hit d-near"><header>{_place(found.chunk, say)}</header>'
        f'{_passage(found.chunk.text, [], say)}<p class="d-measures">{shown}'
        f"{_track(_part(max(0.0, found.cosine), 'dense'))}</p></article>"
    )


def facts(found: Found, say: Texts) -> str:
    """How many, how long, and how the parts were weighed."""
    parts = [say.plural("search.count", len(found.hits))]
    for step, seconds in found.seconds.items():
        parts.append(say(f"search.took_{step}", milliseconds=f"{1000 * seconds:,.0f}"))
    weights = {"dense": found.dense_weight, "words": 1 - found.dense_weight}
    parts.append(say("search.weights", **{name: f"{weight:.0%}" for name, weight in weights.items()}))
    if found.where:
        parts.append(say("search.only", filters=filters(found)))
    return f'<p class="d-facts">{escape(" · ".join(parts))}</p>'


def filters(found: Found) -> str:
    """The filters as they were understood, in the notation of a query."""
    return " ".join(
        " ".join(f"@{value}" for value in values)
        if name == "mention"
        else f"{name}:{'|'.join(map(str, values))}"
        for name, values in found.where.items()
    )


def _place(chunk: Chunk, say: Texts) -> str:
    path = [part for part in (chunk.title, *chunk.headings) if part.strip()]
    trail = "<i>›</i>".join(f"<span>{escape(part)}</span>" for part in dict.fromkeys(path))
    return (
        f'<div class="d-place" title="{escape(chunk.source)}">{place_of(chunk, say)}'
        f'<p class="d-path">{trail}</p></div>'
    )


def _passage(text: str, matched: list[Span], say: Texts) -> str:
    first = max(0, matched[0][0] - _BEFORE_FIRST_MARK) if matched else 0
    begin = text.rfind(" ", 0, first) + 1 if first else 0
    end = begin + SNIPPET_CHARACTERS
    end = len(text) if end >= len(text) else max(text.rfind(" ", begin, end), text.rfind("\n", begin, end))
    end = end if end > begin else begin + SNIPPET_CHARACTERS
    shown = (
        f"{'… ' if begin else ''}{passage_html(text, begin, end, matched)}{' …' if end < len(text) else ''}"
    )
    whole = ""
    if begin or end < len(text):
        whole = (
            f'<details class="d-whole"><summary>{say.html("search.whole")}</summary>'
            f"<blockquote>{passage_html(text, 0, len(text), matched)}</blockquote></details>"
        )
    return f"<blockquote>{shown}</blockquote>{whole}"


def _bars(hit: Hit, why: Explanation, dense_weight: float, say: Texts) -> str:
    dense, words = _part(why.dense_share, "dense"), _part(why.keyword_share, "words")
    cosine = _seen("cosine", hit.dense, why.dense_rank, dense_weight > 0, say)
    bm25 = _seen("bm25", hit.keyword, why.keyword_rank, dense_weight < 1, say)
    rows = [
        _row("dense", dense, why.dense_share, cosine, say),
        _row("words", words, why.keyword_share, bm25, say),
        _row("fused", dense + words, hit.score, "", say),
    ]
    if why.rerank is not None:
        rows.append(_row("rerank", _part(why.rerank, "rerank"), why.rerank, "", say))
    return f'<div class="d-bars">{"".join(rows)}</div>'


def _row(name: str, parts: str, value: float, detail: str, say: Texts) -> str:
    return (
        f"<span>{say.html(f'search.part_{name}')}</span>{_track(parts)}"
        f'<span class="d-number">{value:.2f}</span><span class="d-dim">{escape(detail)}</span>'
    )


def _track(parts: str) -> str:
    return f'<span class="d-track" aria-hidden="true">{parts}</span>'


def _part(share: float, kind: str) -> str:
    return f'<i class="d-{kind}-part" style="width:{100 * min(1.0, share):.1f}%"></i>'


def _seen(measure: str, value: float | None, rank: int | None, voted: bool, say: Texts) -> str:
    """The side's own score and rank, or why there is none."""
    if value is None:
        return say("search.unseen" if voted else "search.unused")
    shown = f"{say(f'search.{measure}')} {value:.2f}"
    return f"{shown} · {say('search.rank', rank=rank)}" if rank else shown
