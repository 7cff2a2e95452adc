"""Evidence for values that rules took from a document: the words around each, as a citation."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.answers.rules.choice import Candidate
from app.chat.cite import citation
from app.chat.context import Passage
from app.chat.grounding import Place
from app.schemas import Chunk, Citation, FieldEvidence, Hit, Reason, Support

_LONGEST_QUOTE, _AROUND = 240, 60
_BREAK = re.compile(r"\n")


class Proof:
    """The evidence of one document."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self._chunks = chunks
        self._known: dict[int, Citation] = {}
        self._count = 0

    def found(self, path: str, value: object, one: Candidate, unit: str = "") -> FieldEvidence:
        """That a value stands where it was taken from."""
        original = self._chunks[one.chunk].text[one.start : one.end]
        return FieldEvidence(
            path=path,
            value=value,
            original=original,
            unit=unit or one.unit,
            citation=self.citation(one),
            support=Support.SUPPORTED,
        )

    def missing(self, path: str, code: str, **values: str) -> FieldEvidence:
        """That a field has no value, and why."""
        return FieldEvidence(path=path, reasons=(Reason(code=code, values=values),))

    def citation(self, one: Candidate) -> Citation:
        """The line with the value, or what of it stands around label and value."""
        chunk = self._chunks[one.chunk]
        start, end = _quoted(chunk.text, one)
        self._count += 1
        base = self._known.get(one.chunk)
        if base is None:
            passage = Passage(1, Hit(1, 1.0, None, None, chunk), (chunk,))
            base = self._known[one.chunk] = citation(1, Place(passage, chunk, (0, 1)))
        page, last = chunk.page_at(start), chunk.page_at(max(start, end - 1))
        update = {
            "n": self._count,
            "quote": chunk.text[start:end],
            "page": page,
            "page_end": last if last != page else None,
        }
        return base.model_copy(update=update)


def _quoted(text: str, one: Candidate) -> tuple[int, int]:
    first = one.label_start if 0 <= one.label_start <= one.start else one.start
    if one.end - first > _LONGEST_QUOTE:
        first = one.start
    start = text.rfind("\n", 0, first) + 1
    end = text.find("\n", one.end)
    end = len(text) if end < 0 else end
    if end - start > _LONGEST_QUOTE:
        start, end = _narrowed(text, start, end, first, one.end)
    return start, len(text[:end].rstrip())


def _narrowed(text: str, start: int, end: int, first: int, last: int) -> tuple[int, int]:
    """Some words around what was found in a long line."""
    begin = max(start, first - _AROUND)
    stop = min(end, last + _AROUND)
    begin = begin if begin == start else text.find(" ", begin, first) + 1 or first
    space = text.rfind(" ", last, stop)
    return begin, stop if stop == end else space if space >= last else last
