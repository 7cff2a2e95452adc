"""Where a quote stands in the text of pages: letter by letter, else in the pieces that a reader joined.

A reader mends divided words, leaves running headers out of the middle of a sentence, and gathers the lines
of a table's cells, which the file holds in another order. So a quote that is not there as a whole is covered
by the longest pieces that both texts have, each as near as can be to where its neighbours say that it should
be.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

Span = tuple[int, int]

# How much of the text around a quote tells one place from another where the same words stand.
_AROUND = 60
# A shorter piece is taken only where it is all that is missing between two others.
_SHORT = 3
# A piece shorter than this says little by itself: it must stand near where it should.
_TELLING = 8
_NEAR, _VERY_NEAR = 300, 80
# Pieces that are shorter than this on average are letters that happen to be there ...
_MEAN = 5
# ... unless they are nearly all of the quote, and little else lies between them: cells of numbers are.
_NEARLY, _DENSE = 0.9, 2
# How far from its longest piece the rest of a quote may stand, at least.
_REACH = 1000


@dataclass(frozen=True, slots=True)
class Match:
    """Attributes:
    spans: where the quote stands in the text, in the order of the text, none touching another.
    share: how much of the quote that is, in [0, 1].
    """

    spans: Sequence[Span]
    share: float


NOTHING = Match((), 0.0)


@dataclass(frozen=True, slots=True)
class Sought:
    """A quote and what stands before and after it in its passage, all as keys."""

    quote: str
    before: str = ""
    after: str = ""


def exact(sought: Sought, text: str) -> Match:
    """The quote as it is; of several places the one whose surroundings fit best."""
    places = list(_places(sought.quote, text))
    if not places:
        return NOTHING
    best = max(places, key=lambda place: _fit(sought, text, place, place + len(sought.quote)))
    return Match(((best, best + len(sought.quote)),), 1.0)


def pieced(sought: Sought, text: str) -> Match:
    """The quote in pieces; how many of its letters they hold is for the caller to judge."""
    tiles = _tiled(sought, text)
    covered = sum(tile.size for tile in tiles)
    spans = _joined(sorted((tile.place, tile.place + tile.size) for tile in tiles))
    if not spans:
        return NOTHING
    share, length = covered / len(sought.quote), spans[-1][1] - spans[0][0]
    is_dense = share >= _NEARLY and length <= _DENSE * len(sought.quote)
    return Match(spans, share) if is_dense or covered >= _MEAN * len(tiles) else NOTHING


def _places(part: str, text: str) -> Iterator[int]:
    place = text.find(part) if part else -1
    while place >= 0:
        yield place
        place = text.find(part, place + 1)


def _fit(sought: Sought, text: str, begin: int, end: int) -> int:
    """How far the text before and after a place reads as that around the quote."""
    before = _shared(_tail(sought.before), _tail(text[max(0, begin - _AROUND) : begin]))
    return before + _shared(sought.after, text[end : end + _AROUND])


def _tail(text: str) -> str:
    return text[-_AROUND:][::-1]


def _shared(one: str, other: str) -> int:
    """How many first letters are the same; behind a difference the pairs of letters that both have."""
    one, other = one[:_AROUND], other[:_AROUND]
    same = next((n for n, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    if same is None:
        return 2 * min(len(one), len(other))
    return 2 * same + len(_pairs(one[same:]) & _pairs(other[same:]))


def _pairs(text: str) -> set[str]:
    return {text[n : n + 2] for n in range(len(text) - 1)}


# -- pieces ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Tile:
    """A piece that both have: where in the quote, where in the text."""

    at: int
    place: int
    size: int


@dataclass(order=True, slots=True)
class _Gap:
    """A part of the quote that is not covered yet, between two tiles; those that promise most come first."""

    rank: int
    begin: int
    end: int
    left: _Tile | None = field(compare=False, default=None)
    right: _Tile | None = field(compare=False, default=None)

    def distance(self, at: int, place: int) -> int:
        """How far a place is from where the tiles around say that this part of the quote should be."""
        expected = [tile.place + at - tile.at for tile in (self.left, self.right) if tile]
        return min((abs(place - one) for one in expected), default=0)


def _tiled(sought: Sought, text: str) -> list[_Tile]:
    quote = sought.quote
    size, starts = _longest(quote, text)
    if not starts:
        return []
    first = max(
        (_Tile(at, place, size) for at, place in starts),
        key=lambda tile: _fit_of(sought, text, tile),
    )
    reach = max(_REACH, 3 * len(quote))
    low, high = max(0, first.place - reach), first.place + reach
    left = "\0" * low + text[low:high]  # places stay what they are
    tiles, left = [first], _without(left, first)
    gaps = [_Gap(0, 0, first.at, None, first), _Gap(0, first.at + size, len(quote), first, None)]
    heap = [ranked for gap in gaps if (ranked := _ranked(gap, quote, left, low))]
    heapq.heapify(heap)
    while heap:
        gap = heapq.heappop(heap)
        tile = _best(gap, quote, left, low)
        if tile is None:
            continue
        if tile.size < -gap.rank:  # what it hoped for is taken by now
            heapq.heappush(heap, _Gap(-tile.size, gap.begin, gap.end, gap.left, gap.right))
            continue
        tiles.append(tile)
        left = _without(left, tile)
        for part in (
            _Gap(0, gap.begin, tile.at, gap.left, tile),
            _Gap(0, tile.at + tile.size, gap.end, tile, gap.right),
        ):
            if ranked := _ranked(part, quote, left, low):
                heapq.heappush(heap, ranked)
    return tiles


def _fit_of(sought: Sought, text: str, tile: _Tile) -> int:
    whole = Sought(
        "", sought.before + sought.quote[: tile.at], sought.quote[tile.at + tile.size :] + sought.after
    )
    return _fit(whole, text, tile.place, tile.place + tile.size)


def _ranked(gap: _Gap, quote: str, text: str, low: int) -> _Gap | None:
    tile = _best(gap, quote, text, low)
    return _Gap(-tile.size, gap.begin, gap.end, gap.left, gap.right) if tile else None


def _best(gap: _Gap, quote: str, text: str, low: int) -> _Tile | None:
    """The longest piece for a gap, and of several places the nearest."""
    part = quote[gap.begin : gap.end]
    size, starts = _longest(part, text[low:])
    if not starts:
        return None
    at, place = min(
        ((gap.begin + at, low + place) for at, place in starts), key=lambda pair: gap.distance(*pair)
    )
    far = gap.distance(at, place)
    fits = far <= _VERY_NEAR if size < _SHORT else size >= _TELLING or far <= _NEAR
    return _Tile(at, place, size) if fits else None


def _longest(part: str, text: str) -> tuple[int, list[Span]]:
    """The length of the longest piece that both have, and all its places in both."""
    low, high = 0, min(len(part), len(text))
    while low < high:
        middle = (low + high + 1) // 2
        if _common(part, text, middle):
            low = middle
        else:
            high = middle - 1
    if low < min(_SHORT, len(part)):
        return 0, []
    pieces = _common(part, text, low)
    starts = [
        (at, place)
        for at in range(len(part) - low + 1)
        if part[at : at + low] in pieces
        for place in _places(part[at : at + low], text)
    ]
    return low, starts


def _common(part: str, text: str, size: int) -> set[str]:
    """The pieces of this length that both have."""
    wanted = {part[n : n + size] for n in range(len(part) - size + 1)}
    return wanted.intersection(text[n : n + size] for n in range(len(text) - size + 1))


def _without(text: str, tile: _Tile) -> str:
    """No letter of the text covers two of the quote; what holds its place is no letter."""
    return text[: tile.place] + "\0" * tile.size + text[tile.place + tile.size :]


def _joined(spans: Sequence[Span]) -> list[Span]:
    found: list[Span] = []
    for begin, end in spans:
        if found and found[-1][1] == begin:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return found
