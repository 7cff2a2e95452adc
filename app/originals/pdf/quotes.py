"""Where a quote stands on the pages of a PDF: rectangles around its very words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from app.originals.pdf.align import NOTHING, Match, Sought, exact, pieced
from app.originals.pdf.keys import Keys, keys
from app.originals.pdf.rectangles import Box, Shown

# A quote runs over few pages, and what a reader took from other pages came from near ones: the end of a
# sentence from the next, the header of a table from those before.
_MOST_PAGES, _BEFORE = 6, 5
# From this share of its letters on a quote was found, so that no other page need be looked at ...
_FOUND = 0.97
# ... and below this one what was found is not the quote.
_LEAST = 0.5
_MOST_CHARACTERS = 200_000
_NO_SIGNS = frozenset(" \n\t|")


@dataclass(frozen=True, slots=True)
class Quote:
    """What is looked for.

    Attributes:
        text: the very words of a passage.
        context: the passage.
        page, page_end: where it begins and ends, as far as the reader knows, from 1.
    """

    text: str
    context: str
    page: int
    page_end: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a quote stands.

    Attributes:
        boxes: number of a page -> rectangles; empty where the quote was not found.
        share: how much of it was found, in [0, 1].
    """

    boxes: Mapping[int, Sequence[Box]] = field(default_factory=dict)
    share: float = 0.0


class Quotes:
    """Looks for quotes in a document of pypdfium2, which stays open meanwhile."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._texts: dict[int, tuple[str, Keys]] = {}

    def place(self, quote: Quote) -> Place:
        sought = _sought(quote)
        if not (sought.quote and len(self._document)):
            return Place()
        pages, match = self._best(sought, quote)
        if match.share < _LEAST:
            return Place()
        return Place(self._boxes(quote, pages, match), match.share)

    def has_text(self, quote: Quote) -> bool:
        """Whether there are letters on the page that the quote is said to be on."""
        number = min(max(1, quote.page), len(self._document))
        return bool(self._text(number)[1].text)

    def _best(self, sought: Sought, quote: Quote) -> tuple[Sequence[int], Match]:
        """The pages that were looked at together, and what was found in the text of them."""
        first = min(max(1, quote.page), len(self._document))
        last = min(max(first, quote.page_end), len(self._document), first + _MOST_PAGES - 1)
        own = range(first, last + 1)
        further = range(first, min(last + 1, len(self._document)) + 1)
        for pages in (own, further):
            if (match := exact(sought, self._joined(pages))) is not NOTHING:
                return pages, match
        match = pieced(sought, self._joined(further))
        if match.share >= _FOUND:
            return further, match
        for number in range(first - 1, max(0, first - 1 - _BEFORE), -1):
            if (elsewhere := exact(sought, self._joined([number]))) is not NOTHING:
                return [number], elsewhere
        return further, match

    def _joined(self, pages: Sequence[int]) -> str:
        return "".join(self._text(number)[1].text for number in pages)

    def _text(self, number: int) -> tuple[str, Keys]:
        """A page's characters, one by one as PDFium counts them, and their keys."""
        if number not in self._texts:
            characters = "".join(self._characters(number))
            self._texts[number] = characters, keys(characters)
        return self._texts[number]

    def _characters(self, number: int) -> Iterator[str]:
        import pypdfium2
        import pypdfium2.raw as pdfium

        try:
            page = self._document[number - 1]
        except pypdfium2.PdfiumError:
            return
        text_page = page.get_textpage()
        try:
            for index in range(min(text_page.count_chars(), _MOST_CHARACTERS)):
                code = pdfium.FPDFText_GetUnicode(text_page.raw, index)
                yield chr(code) if 0 < code <= 0x10FFFF else " "
        finally:
            text_page.close()
            page.close()

    # -- boxes -------------------------------------------------------------------------------------------

    def _boxes(self, quote: Quote, pages: Sequence[int], match: Match) -> dict[int, list[Box]]:
        found: dict[int, list[Box]] = {}
        for number, begin, end in self._spans(pages, match):
            characters, page_keys = self._text(number)
            first, last = page_keys.places[begin], page_keys.places[end - 1]
            first, last = _with_signs(characters, first, last, quote.text)
            found.setdefault(number, []).extend(self._on_page(number, first, last))
        return found

    def _spans(self, pages: Sequence[int], match: Match) -> Iterator[tuple[int, int, int]]:
        """Page, and keys of it, of what was found in the joined text of these pages."""
        lengths = [len(self._text(number)[1].text) for number in pages]
        for number, start, length in zip(pages, accumulate([0, *lengths]), lengths, strict=False):
            for begin, end in match.spans:
                low, high = max(begin - start, 0), min(end - start, length)
                if low < high:
                    yield number, low, high

    def _on_page(self, number: int, first: int, last: int) -> list[Box]:
        page = self._document[number - 1]
        text_page = page.get_textpage()
        try:
            return list(Shown(page, text_page).boxes(first, last))
        finally:
            text_page.close()
            page.close()


def _sought(quote: Quote) -> Sought:
    """The quote and its surroundings as keys; where the passage says it twice, the first is meant."""
    wanted = keys(quote.text).text
    around = keys(quote.context).text
    at = around.find(wanted)
    if at < 0:
        return Sought(wanted)
    return Sought(wanted, around[:at], around[at + len(wanted) :])


def _with_signs(characters: str, first: int, last: int, quote: str) -> tuple[int, int]:
    """With the brackets and marks that the quote begins and ends with, where they stand there."""
    body = [at for at, character in enumerate(quote) if character.isalnum()]
    opening, closing = (set(part) - _NO_SIGNS for part in (quote[: body[0]], quote[body[-1] + 1 :]))
    while first and characters[first - 1] in opening:
        first -= 1
    while last + 1 < len(characters) and characters[last + 1] in closing:
        last += 1
    return first, last
