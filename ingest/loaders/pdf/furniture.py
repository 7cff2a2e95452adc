"""Running headers and footers of a PDF's pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from ingest.loaders.pdf.line import Line

_EDGE_LINES = 2
_LEAST_REPEATS = 3
_REPEAT_SHARE = 0.3


def key(text: str) -> str:
    """What two spellings of one heading share."""
    return "".join(text.lower().split())


def _edge(lines: Sequence[Line], place: int) -> bool:
    width = max(1, min(_EDGE_LINES, len(lines) // 4))
    return place < width or place >= len(lines) - width


def _furniture_key(line: Line) -> str:
    return re.sub(r"\d+", "#", key(line.text))


def furniture(pages: Sequence[Sequence[Line]]) -> set[str]:
    """Running headers and footers: what stands at the edge of many pages, apart from its numbers."""
    seen: Counter[str] = Counter()
    for lines in pages:
        seen.update({_furniture_key(line) for place, line in enumerate(lines) if _edge(lines, place)})
    least = max(_LEAST_REPEATS, _REPEAT_SHARE * len(pages))
    return {text for text, count in seen.items() if count >= least}


def is_furniture(repeated: set[str], lines: Sequence[Line], place: int) -> bool:
    return _edge(lines, place) and _furniture_key(lines[place]) in repeated
