"""Citations: the places that an answer stands on, each with the very words."""

from __future__ import annotations

from collections.abc import Sequence

from app.chat.context import Passage
from app.chat.grounding import Place, sources
from app.evidence import clean
from app.schemas import Chunk, Citation
from app.sentences import Span
from ingest.changes import day_of, has_changed

_QUOTE_CHARACTERS = 500


class Quotes:
    """Numbers places in the order in which they are cited; what stands close together has one number."""

    def __init__(self) -> None:
        self._places: list[Place] = []

    def number(self, places: Sequence[Place]) -> int:
        """The number of the quote that holds these places, which are of one chunk; from 1."""
        chunk, span = places[0].chunk, _around([place.span for place in places])
        for i, known in enumerate(self._places):
            joined = _around([known.span, span])
            if known.chunk.id == chunk.id and joined[1] - joined[0] <= _QUOTE_CHARACTERS:
                self._places[i] = Place(known.passage, chunk, joined)
                return i + 1
        self._places.append(Place(places[0].passage, chunk, span))
        return len(self._places)

    def citations(self) -> tuple[Citation, ...]:
        return tuple(citation(n, place) for n, place in enumerate(self._places, 1))


def nearest(question: str, passages: Sequence[Passage]) -> tuple[Citation, ...]:
    """For each passage the sentence that shares most with a question, under the passage's number."""
    found = sources(passages)
    asked = clean(question)
    places = [[*found.align(asked, [one.n]).sources, *found.of([one.n])][:1] for one in passages]
    return tuple(citation(source.n, source.place) for place in places for source in place)


def _around(spans: Sequence[Span]) -> Span:
    return min(start for start, _ in spans), max(end for _, end in spans)


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
