"""A document as it was indexed: its passages in reading order around the one that is cited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.originals.pdf.keys import keys

if TYPE_CHECKING:
    from app.originals.locate import Original
    from app.schemas import Chunk
    from ingest.collection import Collection

STEP = 12
"""How many passages are shown on either side at first, and how many more at a time."""

_MOST = 400


@dataclass(frozen=True, slots=True)
class Window:
    """Part of a document.

    Attributes:
        chunks: in reading order; none where nothing is left of it.
        earlier, later: whether there is more.
    """

    chunks: Sequence[Chunk] = ()
    earlier: bool = False
    later: bool = False


def window(original: Original, collection: Collection | None, before: int, after: int) -> Window:
    """The passages around the cited one, as many before and after it as are asked for, within reason."""
    chunk = original.chunk
    if chunk is None or collection is None:
        return Window()
    first, last = chunk.ordinal - _within(before), chunk.ordinal + _within(after)
    found = collection.catalog.chunks.between(chunk.document_id, first, last + 1)
    later = bool(found) and found[-1].ordinal > last
    return Window(found[:-1] if later else found, bool(found) and found[0].ordinal > 0, later)


def quoted(quote: str, text: str) -> tuple[int, int] | None:
    """Where a quote stands in a passage, letter by letter; blanks and signs may differ."""
    at = text.find(quote)
    if quote and at >= 0:
        return at, at + len(quote)
    wanted, held = keys(quote).text, keys(text)
    begin = held.text.find(wanted) if wanted else -1
    if begin < 0:
        return None
    return held.places[begin], held.places[begin + len(wanted) - 1] + 1


def _within(count: int) -> int:
    return max(0, min(count, _MOST))
