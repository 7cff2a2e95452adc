"""Citation marks: cleaned while they stream, and then tied to the very words that they stand on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.chat.context import Passage
from app.chat.headings import sentences
from app.schemas import Chunk, Citation
from app.sentences import Span, sentence_spans
from ingest.changes import day_of, has_changed
from vectorstore.tokens import tokenize_many

_OPEN, _CLOSE = r"[\[【［]", r"[\]】］]"
_WORD = r"(?:sources?|passages?|documents?|docs?|refs?|출처|문서|문단|자료)"
_JOINT = r"\s*(?:[,;、，·/&]|and|및|와|과)\s*"
_RANGE = r"\s*[-–—~]\s*"
_NUMBERS = rf"\d{{1,4}}(?:(?:{_JOINT}|{_RANGE})(?:{_WORD}\s*)?\d{{1,4}})*"
# `[1]`, `[1, 2]`, `[1-3]`, `[^1]`, `[source 1]`, `【1】`, `【1†source】`, `［１］`.
_MARK = re.compile(
    rf"{_OPEN}\s*\^?(?:{_WORD}\s*)?({_NUMBERS})\s*(?:†[^\]】］\n]{{0,40}})?{_CLOSE}", re.IGNORECASE
)
# What may still become a mark, with the blanks before it: they go if the mark goes.
_UNFINISHED = re.compile(rf"[ \t]*(?:{_OPEN}[\s^\w,;、，·/&†–—~-]{{0,60}})?$")
_SHOWN = re.compile(r"\[(\d+)\]")
_SPREAD = re.compile(rf"(\d+){_RANGE}(\d+)")

_CLAIM_CHARACTERS = 600
_QUOTE_CHARACTERS = 500
# Two sentences both carry a claim if the second supports it nearly as well.
_ALSO = 0.8


class Marks:
    """Makes the marks of a stream uniform: each becomes `[n]`, counted in order of appearance.

    Text goes in as it comes and out as soon as no unfinished mark can be in it. Marks that point to no
    passage are removed.

    Args:
        known: the numbers that the model was shown.

    Attributes:
        shown: number that the model used -> number that the reader sees.
        removed: how many marks pointed nowhere.
    """

    def __init__(self, known: Sequence[int]) -> None:
        self._known = frozenset(known)
        self._held = ""
        self._last: int | None = None
        self.shown: dict[int, int] = {}
        self.removed = 0

    def feed(self, text: str) -> str:
        """More of the stream; returns what is certain by now."""
        self._held += text
        cut = _unfinished_from(self._held)
        certain, self._held = self._held[:cut], self._held[cut:]
        return self._clean(certain)

    def end(self) -> str:
        """What was held back until the stream ended."""
        certain, self._held = self._held, ""
        return self._clean(certain)

    def _clean(self, text: str) -> str:
        parts: list[str] = []
        position = 0
        for match in _MARK.finditer(text):
            before = text[position : match.start()]
            mark = self._mark(match[1], adjacent=not before.strip())
            parts += [before if mark else before.rstrip(" \t"), mark]
            position = match.end()
        rest = text[position:]
        if rest.strip():
            self._last = None
        return "".join([*parts, rest])

    def _mark(self, numbers: str, adjacent: bool) -> str:
        """The marks that stand for `numbers`; one that stands beside itself is written once."""
        written = ""
        last = self._last if adjacent else None
        for number in _spread(numbers):
            if number not in self._known:
                self.removed += 1
                continue
            shown = self.shown.setdefault(number, len(self.shown) + 1)
            if shown != last:
                written += f"[{shown}]"
            last = shown
        self._last = last
        return written


def without_marks(text: str) -> str:
    """The text as it reads without its citations."""
    return re.sub(rf"[ \t]*{_MARK.pattern}", "", text, flags=re.IGNORECASE)


def citations(
    text: str, shown: Mapping[int, int], passages: Sequence[Passage], question: str = ""
) -> tuple[Citation, ...]:
    """The places that the marks of a finished answer point to, in order of their numbers.

    Each quotes the sentences of its passage that support best, by the words they share, what the answer
    says before the mark.

    Args:
        text: the answer, with marks as `Marks` writes them.
        shown: `Marks.shown`.
        question: decides where the answer shares no word with the passage, as in another language.
    """
    by_number = {passage.n: passage for passage in passages}
    claims = _claims(text)
    found = []
    for number, n in sorted(shown.items(), key=lambda pair: pair[1]):
        if n in claims:
            quote = _quote(by_number[number], [*claims[n]], question)
            found.append(_citation(n, by_number[number], quote))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Quote:
    chunk: Chunk
    span: Span
    score: float


def _citation(n: int, passage: Passage, quote: _Quote) -> Citation:
    chunk = quote.chunk
    origin = chunk.origin
    page, end = chunk.page_at(quote.span[0]), chunk.page_at(quote.span[1] - 1)
    return Citation(
        n=n,
        source=chunk.source,
        page=page,
        quote=chunk.text[slice(*quote.span)],
        score=passage.hit.score,
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


def _claims(text: str) -> dict[int, list[str]]:
    """Shown number -> what the answer says with this mark."""
    claims: dict[int, list[str]] = {}
    for match in _SHOWN.finditer(text):
        claims.setdefault(int(match[1]), []).append(_claim(text, match.start(), match.end()))
    return claims


def _claim(text: str, start: int, end: int) -> str:
    """The sentence that a mark stands behind or in."""
    before = without_marks(text[max(0, start - _CLAIM_CHARACTERS) : start])
    spans = sentence_spans(before)
    said = before[slice(*spans[-1])] if spans else ""
    if len(said) < 20:  # "According to [1], …": the mark stands in front of what it is for
        after = without_marks(text[end : end + _CLAIM_CHARACTERS])
        said += after[: sentence_spans(after)[0][1]] if after.strip() else ""
    return said


def _quote(passage: Passage, claims: Sequence[str], question: str) -> _Quote:
    places = [(chunk, span) for chunk in passage.chunks for span, _ in sentences(chunk)]
    if not places:
        return _Quote(passage.hit.chunk, (0, len(passage.hit.chunk.text)), 0.0)
    texts = [chunk.text[slice(*span)] for chunk, span in places]
    words = [set(tokens) for tokens in tokenize_many([*texts, *claims, question])]
    sources, said, asked = words[: len(texts)], words[len(texts) : -1], words[-1]
    best = [_best(places, sources, claim) for claim in said]
    supported = [quote for quote in best if quote.score > 0]
    return _joined(supported) if supported else _best(places, sources, asked)


def _best(places: Sequence[tuple[Chunk, Span]], sources: Sequence[set[str]], claim: set[str]) -> _Quote:
    scored = [
        _Quote(chunk, span, overlap(claim, words))
        for (chunk, span), words in zip(places, sources, strict=True)
    ]
    return max(scored, key=lambda quote: quote.score)


def _joined(quotes: Sequence[_Quote]) -> _Quote:
    """One stretch over all that stands in one chunk, if it is short; else the best."""
    best = max(quotes, key=lambda quote: quote.score)
    near = [
        quote.span
        for quote in quotes
        if quote.chunk.id == best.chunk.id and quote.score >= _ALSO * best.score
    ]
    span = (min(start for start, _ in near), max(end for _, end in near))
    return _Quote(best.chunk, span, best.score) if span[1] - span[0] <= _QUOTE_CHARACTERS else best


def overlap(claim: set[str], source: set[str]) -> float:
    """How much of a claim's tokens a sentence holds, in [0, 1]; numbers count double."""
    both = _weight(claim & source)
    if not both:
        return 0.0
    return 0.75 * both / _weight(claim) + 0.25 * both / _weight(source)


def _weight(tokens: set[str]) -> int:
    return sum(2 if token[:1].isdigit() else 1 for token in tokens)


def _spread(numbers: str) -> Iterator[int]:
    """`1, 3-5` -> 1, 3, 4, 5; a range that cannot be one is its two ends."""
    position = 0
    for match in _SPREAD.finditer(numbers):
        yield from map(int, re.findall(r"\d+", numbers[position : match.start()]))
        first, last = int(match[1]), int(match[2])
        yield from range(first, last + 1) if 0 < last - first < 10 else (first, last)
        position = match.end()
    yield from map(int, re.findall(r"\d+", numbers[position:]))


def _unfinished_from(text: str) -> int:
    match = _UNFINISHED.search(text, max(0, len(text) - 80))
    return match.start() if match else len(text)
