"""Citations: the places that an answer stands on, each with the very words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.chat.context import Passage
from app.chat.grounding import Place, sources
from app.evidence import clean
from app.schemas import Chunk, Citation
from ingest.changes import day_of, has_changed

# One quote may hold what stands so close together, and is no longer than that.
_GAP_CHARACTERS, _QUOTE_CHARACTERS = 120, 500


class Quotes:
    """Numbers places in the order in which they are cited; what stands close together has one number."""

    def __init__(self) -> None:
        self._places: list[Place] = []

    def number(self, places: Sequence[Place]) -> int:
        """The number of the quote that holds the first of these places, and others near it; from 1."""
        best = places[0]
        for place in places[1:]:
            best = _joined(best, place) or best
        for i, known in enumerate(self._places):
            if joined := _joined(known, best):
                self._places[i] = joined
                return i + 1
        self._places.append(best)
        return len(self._places)

    def citations(self) -> tuple[Citation, ...]:
        return tuple(citation(n, place) for n, place in enumerate(self._places, 1))


def nearest(question: str, passages: Sequence[Passage]) -> tuple[Citation, ...]:
    """For each passage the sentence that shares most with a question, under the passage's number."""
    found = sources(passages)
    asked = clean(question)
    places = [[*found.align(asked, [one.n]).sources, *found.of([one.n])][:1] for one in passages]
    return tuple(citation(source.n, source.place) for place in places for source in place)


def _joined(one: Place, other: Place) -> Place | None:
    """Both as one place, if they stand close together and nothing suspicious stands between them."""
    (first, last), (begin, end) = sorted([one.span, other.span])
    span = first, max(last, end)
    between = any(start < begin and stop > last for start, stop in one.chunk.suspicious_spans)
    far = begin - last > _GAP_CHARACTERS or span[1] - span[0] > _QUOTE_CHARACTERS
    return None if one.chunk.id != other.chunk.id or far or between else replace(one, span=span)


def citation(n: int, place: Place) -> Citation:
    """The place under its number, with all that is known of its source."""
    chunk, span = place.chunk, place.span
    origin = chunk.origin
    page, end = chunk.page_at(span[0]), chunk.page_at(span[1] - 1)
    return Citation(
        n=n,
        source=chunk.source,
        page=page,
        quote=chunk.text[slice(*span)],
        score=place.passage.hit.score,
        chunk_id=chunk.id,
        context=chunk.text,
        title=chunk.title,
        headings=chunk.headings,
        record_id=chunk.record_id,
        page_end=end if end != page else None,
        page_label=_label(chunk, page, end),
        lines=chunk.lines,
        metadata=dict(chunk.metadata),
        modified=day_of(origin) if origin else None,
        changed=origin is not None and has_changed(origin),
        suspicions=chunk.suspicions,
    )


def _label(chunk: Chunk, page: int | None, end: int | None) -> str | None:
    """What is printed on the pages of a quote, where the chunk's label tells."""
    if chunk.page_label is None or (page, end) == (chunk.page, chunk.page_end or chunk.page):
        return chunk.page_label
    first, _, last = chunk.page_label.partition("–")
    return {chunk.page: first, chunk.page_end: last or first}.get(page) if page == end else None
