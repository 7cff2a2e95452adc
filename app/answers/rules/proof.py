"""Evidence for values that rules took from a document: the words around each, as a citation."""

from __future__ import annotations

import re

from app.answers.rules.choice import Candidate
from app.answers.rules.layout import Layout
from app.chat.cite import citation
from app.chat.context import Passage
from app.chat.grounding import Place
from app.schemas import Citation, FieldEvidence, Hit, Reason, Support

_LONGEST_QUOTE, _AROUND = 240, 60
_BREAK = re.compile(r"\n")


class Proof:
    """The evidence of one document."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._chunks = layout.chunks
        self._known: dict[int, Citation] = {}
        self._count = 0

    def found(self, path: str, value: object, one: Candidate, unit: str = "") -> FieldEvidence:
        """That a value stands where it was taken from."""
        return FieldEvidence(
            path=path,
            value=value,
            original=self.original(one),
            unit=unit or one.unit,
            citation=self.citation(one),
            support=Support.SUPPORTED,
        )

    def original(self, one: Candidate) -> str:
        """The value as it stands in the document."""
        return self._text(one.chunk)[one.start : one.end]

    def _text(self, chunk: int) -> str:
        return self._chunks[chunk].text if chunk < len(self._chunks) else self._layout.texts[chunk]

    def missing(self, path: str, code: str, **values: str) -> FieldEvidence:
        """That a field has no value, and why."""
        return FieldEvidence(path=path, reasons=(Reason(code=code, values=values),))

    def citation(self, one: Candidate) -> Citation:
        """The line with the value, or what of it stands around label and value; a heading is cited whole."""
        self._count += 1
        if one.chunk in self._layout.headings:
            base, heading = self._base(self._layout.headings[one.chunk]), self._layout.texts[one.chunk]
            return base.model_copy(
                update={"n": self._count, "quote": heading, "context": f"{heading}\n\n{base.context}"}
            )
        chunk = self._chunks[one.chunk]
        start, end = _quoted(chunk.text, one)
        page, last = chunk.page_at(start), chunk.page_at(max(start, end - 1))
        update = {
            "n": self._count,
            "quote": chunk.text[start:end],
            "page": page,
            "page_end": last if last != page else None,
        }
        return self._base(one.chunk).model_copy(update=update)

    def _base(self, index: int) -> Citation:
        """What all citations of a chunk have in common."""
        if index not in self._known:
            chunk = self._chunks[index]
            passage = Passage(1, Hit(1, 1.0, None, None, chunk), (chunk,))
            self._known[index] = citation(1, Place(passage, chunk, (0, 1)))
        return self._known[index]


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
