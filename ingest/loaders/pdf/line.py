"""A line of a PDF page, as all parts of the reader know it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

Rows = tuple[tuple[str, ...], ...]
"""A table's cells; the lines in a cell keep the blank at their end, if they have one."""


class Gap(NamedTuple):
    """A wide blank inside a line, as between columns.

    Attributes:
        at: where in the text it begins.
        before, after: the edges of the characters around it, in points from the left.
    """

    at: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page.

    Attributes:
        spaced: whether a blank follows it in the file, as word processors leave where they wrap.
        left: of its first character, in points from the left.
        right: edge of its last character.
        top, bottom: base lines of its first and last character, in points from the page's bottom.
        size: of the type, in points.
        bold: from first to last character.
        gaps: wide blanks in it, from the left.
        rows: of the table that stands here instead of a line; `text` is then what is in it.
    """

    text: str
    spaced: bool
    left: float
    top: float
    bottom: float
    size: float
    bold: bool
    right: float = 0.0
    gaps: tuple[Gap, ...] = ()
    rows: Rows = ()

    @property
    def style(self) -> tuple[float, bool]:
        return round(self.size, 1), self.bold
