"""Passages that follow a document's structure and never exceed what the embedding model reads.

A document falls into sections (headings) and pages, these into paragraphs, sentences, table rows and lines.
The pieces are counted once by the model's own tokenizer and packed into passages of even size: whole
sections where they fit, cut at paragraphs rather than sentences, and never inside a sentence unless that
alone is too long. Small neighbours are joined, so that no scrap of a heading and a line stands alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise, zip_longest
from typing import Protocol

from app.sentences import sentence_spans
from ingest.loaders.base import Block, Kind, SourceDocument

# Share of the budget that title and headings may take, and a table's repeated header.
_PREFIX_SHARE = 0.25
_HEADER_SHARE = 0.33
# Passages below this share are joined with a neighbour on their page ...
_SMALL = 0.3
# ... and below this one with a neighbour on another page, although a citation then names the first page only.
_TINY = 0.08
# A paragraph's end is taken for a cut from this share of the even size on.
_EARLY = 0.7

# Characters that a token stands for at most, in the budget's eyes.
_LONGEST_TOKEN = 16

_SEPARATOR = " > "
_CLAUSE = re.compile(r"(?<=[,;:·、，—])\s+|(?<=[고며서면나데])\s+")
_BLANKS = re.compile(r"\s+")
_TABLE_RULE = re.compile(r"\|[\s:|-]+\|?$")


class TokenCounter(Protocol):
    """The part of an embedding model that chunking needs."""

    @property
    def max_tokens(self) -> int: ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]: ...


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk before it has an id.

    Attributes:
        text: as it stands in the document, without title and headings (those inside a joined passage stay).
        page: on which it begins.
        headings: outermost first.
        context: title and headings as far as they fit; see `embedding_text`.
    """

    text: str
    page: int | None
    headings: tuple[str, ...]
    context: str

    @property
    def embedding_text(self) -> str:
        return embedding_text(self.context, self.text)


def embedding_text(context: str, text: str) -> str:
    """What the embedding model and the keyword index see of a passage."""
    return f"{context}\n\n{text}" if context else text


def chunk(document: SourceDocument, model: TokenCounter, max_tokens: int) -> list[Passage]:
    """Cut a document into passages.

    Args:
        max_tokens: wanted limit of a passage with its context and special tokens; the model's own holds too.

    Returns:
        Passages in reading order; `count_tokens([passage.embedding_text])` is at most the limit for each.
    """
    limit = min(max_tokens, model.max_tokens)
    counter = _Counter(model)
    contexts = _Contexts(document, counter, int((limit - counter.overhead) * _PREFIX_SHARE))
    budget = limit - counter.overhead
    placed = list(_under_headings(document.blocks))
    longest = max((contexts.tokens(path) for path in {path for path, _ in placed}), default=0)
    pieces = [
        piece
        for section in _sections(placed, counter, max(8, budget - longest))
        for piece in _pack(section, budget - contexts.tokens(section.headings))
    ]
    joined = list(_join_small(pieces, contexts, budget))
    doubtful = [piece.tokens + piece.joints + contexts.tokens(piece.headings) > budget for piece in joined]
    passages = [piece.passage(contexts) for piece in joined]
    return list(_held(passages, doubtful, counter, limit))


# -- counting ----------------------------------------------------------------------------------------


class _Counter:
    """Tokens without the special ones, asked for in batches.

    Some tokenizers call a word of any length one unknown token; a passage must not grow without end by that.
    """

    def __init__(self, model: TokenCounter) -> None:
        self._model = model
        self.overhead = model.count_tokens([""])[0]

    def __call__(self, texts: Sequence[str]) -> list[int]:
        counts = self._model.count_tokens(texts) if texts else []
        return [
            max(count - self.overhead, len(text) // _LONGEST_TOKEN)
            for text, count in zip(texts, counts, strict=True)
        ]


class _Contexts:
    """Title and heading paths in `budget` tokens; outer headings give way first, and what the title says."""

    def __init__(self, document: SourceDocument, counter: _Counter, budget: int) -> None:
        self._counter = counter
        self._budget = budget
        headings = sorted({block.text for block in document.blocks if block.kind == "heading"})
        self._counts = dict(zip(headings, counter(headings), strict=True))
        self.title = self._cut(document.title, budget // 2 if headings else budget)
        self._title_tokens = counter([self.title])[0] if self.title else 0
        self._known: dict[tuple[str, ...], tuple[str, int]] = {}

    def text(self, headings: tuple[str, ...]) -> str:
        return self._context(headings)[0]

    def tokens(self, headings: tuple[str, ...]) -> int:
        return self._context(headings)[1]

    def heading_tokens(self, heading: str) -> int:
        return self._counts.get(heading, 0)

    def _context(self, headings: tuple[str, ...]) -> tuple[str, int]:
        if headings not in self._known:
            self._known[headings] = self._make(headings)
        return self._known[headings]

    def _make(self, headings: tuple[str, ...]) -> tuple[str, int]:
        left = self._budget - self._title_tokens
        kept: list[str] = []
        for heading in reversed(headings):
            if self._counts[heading] + 1 > left:
                break
            if heading.lower() not in self.title.lower():
                kept.insert(0, heading)
                left -= self._counts[heading] + 1
        if headings and not kept and headings[-1].lower() not in self.title.lower():
            kept = [self._cut(headings[-1], left - 1)]
        lines = [line for line in (self.title, _SEPARATOR.join(filter(None, kept))) if line]
        text = "\n".join(lines)
        return text, self._counter([text])[0] if text else 0

    def _cut(self, text: str, budget: int) -> str:
        """The first words, or characters, of `text` that fit into `budget` tokens."""
        while text and (count := self._counter([text])[0]) > budget:
            shorter = text[: min(len(text) - 1, max(0, len(text) * budget // count))]
            text = (shorter.rpartition(" ")[0] or shorter).rstrip()
        return text


# -- units and sections ------------------------------------------------------------------------------


@dataclass(slots=True)
class _Unit:
    """A sentence, row or line; never divided further.

    Attributes:
        glue: what stands between it and the unit before it in the document.
        opens: begins a paragraph, so that a cut before it is a good one.
        leads: announces what follows ("Deductibles", "as follows:"), so that a cut after it is a bad one.
        header: of the table it is a row of; repeated where a passage begins with this row.
    """

    text: str
    tokens: int
    glue: str
    opens: bool
    leads: bool = False
    header: str = ""
    header_tokens: int = 0


@dataclass(slots=True)
class _Section:
    """What stands under one heading on one page."""

    headings: tuple[str, ...]
    page: int | None
    units: list[_Unit]


Placed = tuple[tuple[str, ...], Block]
"""A block with the path of headings above it."""


def _sections(placed: Sequence[Placed], counter: _Counter, longest: int) -> Iterator[_Section]:
    """Sections in order, with units of at most `longest` tokens."""
    parts = [list(_parts(block)) for _, block in placed]
    counts = iter(counter([text for part in parts for text, _ in part]))
    units = [
        list(_units(block, [(text, glue, next(counts)) for text, glue in part], counter, longest))
        for (_, block), part in zip(placed, parts, strict=True)
    ]
    items = zip((headings for headings, _ in placed), (block.page for _, block in placed), units, strict=True)
    for (headings, page), group in groupby(items, key=lambda item: item[:2]):
        if section := [unit for *_, block_units in group for unit in block_units]:
            yield _Section(headings, page, section)


def _under_headings(blocks: Sequence[Block]) -> Iterator[Placed]:
    """Blocks with their paths; a heading without text below it keeps its words as text."""
    path: list[tuple[int, str]] = []
    for block, following in zip_longest(blocks, blocks[1:]):
        if block.kind != "heading":
            yield tuple(text for _, text in path), block
            continue
        path = [*((level, text) for level, text in path if level < block.level), (block.level, block.text)]
        if following is None or (following.kind == "heading" and following.level <= block.level):
            yield tuple(text for _, text in path[:-1]), replace(block, kind="text")


def _parts(block: Block) -> Iterator[tuple[str, str]]:
    """Units of a block as (text, what stands before it)."""
    if block.kind in _LINES:
        for number, line in enumerate(block.text.split("\n")):
            if line.strip():
                yield line.rstrip(), "\n" if number else _LINES[block.kind]
        return
    end = 0
    for start, stop in sentence_spans(block.text):
        yield block.text[start:stop], block.text[end:start] if end else "\n\n"
        end = stop


# Kinds whose units are lines, with what stands before the first of them.
_LINES: dict[Kind, str] = {"table": "\n\n", "code": "\n\n", "list": "\n"}


def _units(
    block: Block, parts: Sequence[tuple[str, str, int]], counter: _Counter, longest: int
) -> Iterator[_Unit]:
    header, header_tokens = _table_header(block, parts, longest)
    opens = True
    for index, (text, glue, tokens) in enumerate(parts):
        leads = index == len(parts) - 1 and len(text) < 100 and not text.endswith((".", "!", "?"))
        leads = (leads and block.kind == "text") or text.endswith(":")
        repeated = header if index >= 2 else ""
        room = longest - (header_tokens if repeated else 0)
        pieces = [(text, tokens)] if tokens <= room else list(_divided(text, counter, room))
        for number, (piece, count) in enumerate(pieces):
            yield _Unit(
                piece,
                count,
                "" if number else glue,
                opens or (block.kind != "text" and not number),
                leads,
                repeated,
                header_tokens if repeated else 0,
            )
            opens = False


def _table_header(block: Block, parts: Sequence[tuple[str, str, int]], longest: int) -> tuple[str, int]:
    """The first row and its rule with their tokens, where repeating them leaves room for rows."""
    if block.kind != "table" or len(parts) < 3 or not _TABLE_RULE.match(parts[1][0]):
        return "", 0
    tokens = parts[0][2] + parts[1][2]
    return (f"{parts[0][0]}\n{parts[1][0]}\n", tokens) if tokens <= longest * _HEADER_SHARE else ("", 0)


def _divided(text: str, counter: _Counter, longest: int) -> Iterator[tuple[str, int]]:
    """An overlong unit, cut before blanks at clauses, else at words, else between characters."""
    for pattern in (_CLAUSE, _BLANKS):
        parts = _slices(text, pattern)
        counts = counter(parts)
        if len(parts) > 1 and max(counts) <= longest:
            yield from _filled(parts, counts, longest)
            return
    if len(parts) > 1:
        for part, count in zip(parts, counts, strict=True):
            yield from [(part, count)] if count <= longest else _divided(part, counter, longest)
        return
    size = max(1, len(text) * longest // (counts[0] + 1))
    while True:
        parts = [text[at : at + size] for at in range(0, len(text), size)]
        counts = counter(parts)
        if max(counts) <= longest or size == 1:
            yield from zip(parts, counts, strict=True)
            return
        size = max(1, size * 3 // 4)


def _slices(text: str, pattern: re.Pattern[str]) -> list[str]:
    """`text` cut before each match; the slices together are the text."""
    cuts = [0, *(match.start() for match in pattern.finditer(text) if match.start()), len(text)]
    return [text[start:end] for start, end in pairwise(cuts)]


def _filled(parts: Sequence[str], counts: Sequence[int], longest: int) -> Iterator[tuple[str, int]]:
    group: list[str] = []
    size = 0
    for part, count in zip(parts, counts, strict=True):
        if group and size + count > longest:
            yield "".join(group), size
            group, size = [], 0
        group.append(part)
        size += count
    yield "".join(group), size


# -- packing -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Piece:
    """A passage in the making.

    Attributes:
        joints: where a tokenizer may count one token more than the parts have.
        repeats: begins with a table's header that was there before.
    """

    headings: tuple[str, ...]
    page: int | None
    text: str
    tokens: int
    joints: int
    repeats: bool = False

    def passage(self, contexts: _Contexts) -> Passage:
        return Passage(self.text, self.page, self.headings, contexts.text(self.headings))


def _pack(section: _Section, budget: int) -> Iterator[_Piece]:
    """Fill passages up to `budget` tokens, evenly, so that none is left with a last short line."""
    left = sum(unit.tokens for unit in section.units)
    even = _even(left, budget)
    group: list[_Unit] = []
    size = 0
    for unit in section.units:
        cost = unit.tokens + (unit.header_tokens if not group else 0)
        good = unit.opens and size >= _EARLY * even and size + cost > even
        if group and (good or size + cost > budget or size + cost / 2 > even):
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


def _keep_with_next(group: list[_Unit]) -> tuple[list[_Unit], list[_Unit]]:
    """Move a last unit that announces what follows to the next passage."""
    if len(group) > 1 and group[-1].leads and group[-1].tokens * 4 <= sum(unit.tokens for unit in group):
        return group[:-1], group[-1:]
    return group, []


def _piece(section: _Section, units: Sequence[_Unit]) -> _Piece:
    first = units[0]
    text = first.header + first.text + "".join(unit.glue + unit.text for unit in units[1:])
    tokens = first.header_tokens + sum(unit.tokens for unit in units)
    text = text.lstrip() if not first.glue else text.strip("\n")
    joints, repeats = len(units) + 1, bool(first.header)
    return _Piece(section.headings, section.page, text.rstrip(), tokens, joints, repeats)


def _join_small(pieces: Sequence[_Piece], contexts: _Contexts, budget: int) -> Iterator[_Piece]:
    """Join neighbours while one of them is small and both fit together below the headings that they share."""
    held: _Piece | None = None
    for piece in pieces:
        joined = _joined(held, piece, contexts, budget) if held else piece
        if joined is None:
            assert held is not None  # noqa: S101 - told to mypy
            yield held
        held = joined or piece
    if held:
        yield held


def _joined(one: _Piece, other: _Piece, contexts: _Contexts, budget: int) -> _Piece | None:
    share = _SMALL if one.page == other.page else _TINY
    if other.repeats or min(one.tokens, other.tokens) > share * budget:
        return None
    common = _common(one.headings, other.headings)
    inner = [one.headings[len(common) :], other.headings[len(common) :]]
    tokens = one.tokens + other.tokens + sum(contexts.heading_tokens(text) for path in inner for text in path)
    if tokens + contexts.tokens(common) > budget:
        return None
    texts = ["\n".join([*path, piece.text]) for path, piece in zip(inner, (one, other), strict=True)]
    return _Piece(
        common, one.page, "\n\n".join(texts), tokens, one.joints + other.joints + sum(map(len, inner))
    )


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    length = 0
    while length < min(len(one), len(other)) and one[length] == other[length]:
        length += 1
    return one[:length]


def _held(
    passages: Sequence[Passage], doubtful: Sequence[bool], counter: _Counter, limit: int
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
        parts = [text for text in (passage.text[:cut].strip(), passage.text[cut:].strip()) if text]
        halves = [replace(passage, text=text) for text in parts]
        yield from _held(halves, [True] * len(halves), counter, limit)
