"""Units packed into passages of even size, small ones joined, none above the limit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.schemas import PageTurns
from ingest.chunking.counting import Contexts, Counter
from ingest.chunking.passage import Passage
from ingest.chunking.sections import Section, Unit

# Passages below this share are joined with a neighbour on their page ...
_SMALL = 0.3
# ... and below this one with a neighbour on another page.
_TINY = 0.08
# A paragraph's end is taken for a cut from this share of the even size on.
_EARLY = 0.7
# The end of a page is taken from this share on: less than that goes with what follows on the next page.
_PAGE_END = 0.5


@dataclass(slots=True)
class Piece:
    """A passage in the making.

    Attributes:
        joints: where a tokenizer may count one token more than the parts have.
        repeats: begins with a table's header that was there before.
        turns: where in the text further pages begin.
        lines: first and last line of the file, or row of the sheet.
        counted_on: `lines` are counted through the file, not in each sheet anew.
    """

    headings: tuple[str, ...]
    page: int | None
    text: str
    tokens: int
    joints: int
    repeats: bool = False
    turns: PageTurns = ()
    lines: tuple[int, int] | None = None
    counted_on: bool = False

    def passage(self, contexts: Contexts) -> Passage:
        context = contexts.text(self.headings)
        return Passage(self.text, self.page, self.headings, context, self.turns, None, self.lines)


def pack(section: Section, budget: int) -> Iterator[Piece]:
    """Fill passages up to `budget` tokens, evenly, so that none is left with a last short line."""
    left = sum(unit.tokens for unit in section.units)
    even = _even(left, budget)
    group: list[Unit] = []
    size = 0
    for unit in section.units:
        cost = unit.tokens + (unit.header_tokens if not group else 0)
        good = unit.opens and size >= _EARLY * even and size + cost > even
        ends = bool(group) and unit.opens and unit.page != group[-1].page and size >= _PAGE_END * even
        if group and (good or ends or size + cost > budget or size + cost / 2 > even):
            kept, group = _keep_with_next(group)
            yield _piece(section, kept)
            left -= sum(other.tokens for other in kept)
            even = _even(left, budget - unit.header_tokens)
            size = sum(other.tokens for other in group) + (group[0].header_tokens if group else 0)
            cost = unit.tokens + (unit.header_tokens if not group else 0)
        group.append(unit)
        size += cost
    yield _piece(section, group)


def _even(tokens: int, budget: int) -> float:
    """The size of each of the fewest passages that hold so many tokens."""
    return tokens / max(1, -(-tokens // budget))


def _keep_with_next(group: list[Unit]) -> tuple[list[Unit], list[Unit]]:
    """Move a last unit that announces what follows to the next passage."""
    if len(group) > 1 and group[-1].leads and group[-1].tokens * 4 <= sum(unit.tokens for unit in group):
        return group[:-1], group[-1:]
    return group, []


def _piece(section: Section, units: Sequence[Unit]) -> Piece:
    first = units[0]
    beginning = first.header + first.text
    beginning = beginning.lstrip() if not first.glue else beginning.lstrip("\n")
    text, turns = _text(beginning, units)
    lines = [unit.line for unit in units if unit.line is not None]
    return Piece(
        section.headings,
        first.page,
        text.rstrip(),
        first.header_tokens + sum(unit.tokens for unit in units),
        joints=len(units) + 1,
        repeats=bool(first.header),
        turns=turns,
        lines=(min(lines), max(lines)) if lines else None,
        counted_on=all(unit.counted_on for unit in units),
    )


def _text(text: str, units: Sequence[Unit]) -> tuple[str, PageTurns]:
    """The units after the first one added to the text of that, and where their pages begin."""
    turns = []
    for before, unit in pairwise(units):
        text += unit.glue
        if unit.page is not None and unit.page != before.page:
            turns.append((len(text), unit.page))
        text += unit.text
    return text, tuple(turns)


def join_small(pieces: Sequence[Piece], contexts: Contexts, budget: int) -> Iterator[Piece]:
    """Join neighbours while one of them is small and both fit together below the headings that they share."""
    held: Piece | None = None
    for piece in pieces:
        joined = _joined(held, piece, contexts, budget) if held else piece
        if joined is None:
            assert held is not None  # noqa: S101 - told to mypy
            yield held
        held = joined or piece
    if held:
        yield held


def _joined(one: Piece, other: Piece, contexts: Contexts, budget: int) -> Piece | None:
    share = _SMALL if one.page == other.page else _TINY
    if other.repeats or min(one.tokens, other.tokens) > share * budget:
        return None
    common = _common(one.headings, other.headings)
    inner = [one.headings[len(common) :], other.headings[len(common) :]]
    tokens = one.tokens + other.tokens + sum(contexts.heading_tokens(text) for path in inner for text in path)
    if tokens + contexts.tokens(common) > budget:
        return None
    texts = ["\n".join([*path, piece.text]) for path, piece in zip(inner, (one, other), strict=True)]
    moved = len(texts[0]) + 2 + len(texts[1]) - len(other.text)
    begins = () if other.page in (None, _last(one)) else ((len(texts[0]) + 2, other.page),)
    return Piece(
        common,
        one.page,
        "\n\n".join(texts),
        tokens,
        joints=one.joints + other.joints + sum(map(len, inner)),
        turns=(
            *((len(texts[0]) - len(one.text) + at, page) for at, page in one.turns),
            *begins,
            *((moved + at, page) for at, page in other.turns),
        ),
        lines=_lines(one, other),
        counted_on=one.counted_on and other.counted_on,
    )


def _last(piece: Piece) -> int | None:
    return piece.turns[-1][1] if piece.turns else piece.page


def _lines(one: Piece, other: Piece) -> tuple[int, int] | None:
    """From the first line to the last; none of two sheets, where both begin anew."""
    if one.lines is None or other.lines is None:
        return one.lines or other.lines
    same_count = one.headings == other.headings or (one.counted_on and other.counted_on)
    if not same_count:
        return None
    return min(one.lines[0], other.lines[0]), max(one.lines[1], other.lines[1])


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    length = 0
    while length < min(len(one), len(other)) and one[length] == other[length]:
        length += 1
    return one[:length]


def within_limit(
    passages: Sequence[Passage], doubtful: Sequence[bool], counter: Counter, limit: int
) -> Iterator[Passage]:
    """The promise itself: a passage that is still too long is halved until it is not."""
    texts = [passage.embedding_text for passage, doubt in zip(passages, doubtful, strict=True) if doubt]
    counts = iter(counter(texts))
    for passage, doubt in zip(passages, doubtful, strict=True):
        if not doubt or next(counts) + counter.overhead <= limit or len(passage.text) < 2:
            yield passage
            continue
        middle = len(passage.text) // 2
        cut = max(passage.text.rfind(" ", 1, middle), passage.text.rfind("\n", 1, middle))
        cut = cut if cut > 0 else middle
        parts = [passage.part(0, cut), passage.part(cut, len(passage.text))]
        halves = [part for part in parts if part.text]
        yield from within_limit(halves, [True] * len(halves), counter, limit)
