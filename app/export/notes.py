"""The footnotes of an export: marks count from 1 in each answer, footnotes through the whole file."""

from __future__ import annotations

from collections.abc import Sequence

from app.chat import places, tables
from app.export.blocks import Footnote, Inlines, Ref, Text
from app.export.cleaning import one_line, shortened
from app.export.words import Words
from app.schemas import Citation

_QUOTE_CHARACTERS = 1000


class Marks:
    """The marks of one answer. A citation becomes a footnote when it is first pointed to, and only once.

    Args:
        notes: the footnotes of the file so far; new ones are added.
    """

    def __init__(self, citations: Sequence[Citation], notes: list[Footnote], words: Words) -> None:
        self._citations = {citation.n: citation for citation in citations}
        self._notes = notes
        self._words = words
        self._refs: dict[int, Ref] = {}

    def __contains__(self, n: int) -> bool:
        return n in self._citations

    def ref(self, n: int) -> Ref:
        """The mark for the citation with this number."""
        if n not in self._refs:
            self._refs[n] = Ref(len(self._notes) + 1)
            self._notes.append(Footnote(self._refs[n].n, footnote(self._citations[n], self._words)))
        return self._refs[n]

    def unused(self) -> list[int]:
        """Citations that nothing has pointed to so far."""
        return [n for n in self._citations if n not in self._refs]


def footnote(citation: Citation, words: Words) -> Inlines:
    """File and place, the quoted words, and what tells how far to trust them today."""
    where = one_line(places.named(citation, words.language))
    quote = shortened(tables.flat(citation.quote), _QUOTE_CHARACTERS)
    about = [
        one_line(citation.modified or ""),
        words("changed") if citation.changed else "",
        words("suspicious") if citation.suspicions else "",
    ]
    said = [f": “{quote}”" if quote else "", *(f" · {part}" for part in about if part)]
    return Text(where, bold=True), Text("".join(said))
