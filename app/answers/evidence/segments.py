"""The pieces of passages in which values stand: rows of tables, lines with a label, sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.answers.evidence.folded import Folded, Squeezed
from app.chat import tables
from app.chat.context import Passage
from app.evidence.quantities import Quantity, quantities
from app.schemas import Chunk
from app.sentences import Span, sentence_spans

# A line of label and value: `합계: 1,000원`, `Total    1,000`.
_LABELLED = re.compile(r"^\s*[^\n:：]{1,40}[:：]\s*\S|\S\s{3,}\S|\t", re.MULTILINE)
# What stands between wide gaps.
_CELL = re.compile(r"\S+(?: \S+)*")
# Lines of a paragraph that are all shorter are a list of things rather than wrapped sentences.
_SHORT = 48


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a cell stands in its segment, and what its column is called."""

    start: int
    end: int
    head: str


@dataclass(frozen=True, eq=False)
class Segment:
    """A piece of a chunk.

    Attributes:
        order: its place among all pieces.
        span: where in the chunk it stands.
        block: the paragraph, list item or table that it is of; numbered over all passages.
        cells: of a row of a table.
        is_head: whether it is the first row of its table.
        above: what stands over it in its block, where that is a label by itself.
    """

    order: int
    passage: Passage
    chunk: Chunk
    span: Span
    block: int
    cells: tuple[Cell, ...] = ()
    is_head: bool = False
    above: str = ""

    @cached_property
    def folded(self) -> Folded:
        return Folded(self.chunk.text[slice(*self.span)], self.span[0])

    @property
    def text(self) -> str:
        return self.folded.text

    @cached_property
    def squeezed(self) -> Squeezed:
        return Squeezed.of(self.text)

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        return quantities(self.text)

    @property
    def around(self) -> str:
        """Title and headings."""
        return " ".join((self.chunk.title, *self.chunk.headings))

    def cell_at(self, place: int) -> Cell | None:
        return next((cell for cell in self.cells if cell.start <= place < cell.end), None)


def segments(passages: Sequence[Passage]) -> list[Segment]:
    """All pieces of the passages, in their order; a chunk that two of them have counts once."""
    found: list[Segment] = []
    seen: set[str] = set()
    for passage in passages:
        for chunk in passage.chunks:
            if chunk.id not in seen:
                seen.add(chunk.id)
                found += _of(passage, chunk, len(found), found[-1].block + 1 if found else 0)
    return found


def _of(passage: Passage, chunk: Chunk, order: int, block: int) -> list[Segment]:
    made: list[Segment] = []
    for part in tables.parts(chunk.text) if "|" in chunk.text else [tables.Part(0, len(chunk.text))]:
        block = made[-1].block + 1 if made else block
        if part.rows:
            for n, (span, cells) in enumerate(_rows(chunk.text, part)):
                at, is_head = order + len(made), n == 0
                made.append(Segment(at, passage, chunk, span, block, cells, is_head=is_head))
        else:
            heads: tuple[str, ...] = ()
            for span, number, above in _pieces(chunk.text, part.begin, part.end):
                cells, heads = _columns(chunk.text[slice(*span)], heads)
                at = order + len(made)
                made.append(Segment(at, passage, chunk, span, block + number, cells, above=above))
    return made


def _columns(line: str, heads: tuple[str, ...]) -> tuple[tuple[Cell, ...], tuple[str, ...]]:
    """The cells of a line that wide gaps part, and the names of the columns from here on."""
    text = Folded(line).text
    spans = [match.span() for match in _CELL.finditer(text)] if "\n" not in line else []
    if len(spans) < 3:
        return (), heads
    if not quantities(text):
        return (), tuple(text[start:end] for start, end in spans)
    named = heads if len(heads) == len(spans) else ("",) * len(spans)
    return tuple(Cell(start, end, head) for (start, end), head in zip(spans, named, strict=True)), heads


def _rows(text: str, part: tables.Part) -> Iterator[tuple[Span, tuple[Cell, ...]]]:
    heads = [Folded(tables.cell(text, span)).text for span in part.rows[0]]
    for row in part.rows:
        if not row:
            continue
        begin = text.rfind("\n", 0, row[0][0]) + 1
        end = text.find("\n", row[-1][1])
        end = len(text) if end < 0 else end
        folded = Folded(text[begin:end], begin)
        starts = [_folded_place(folded, span[0] - begin) for span in row]
        ends = [_folded_place(folded, span[1] - begin) for span in row]
        named = heads if row is not part.rows[0] else []
        yield (
            (begin, end),
            tuple(
                Cell(start, max(start, stop), named[n] if n < len(named) else "")
                for n, (start, stop) in enumerate(zip(starts, ends, strict=True))
            ),
        )


def _folded_place(folded: Folded, place: int) -> int:
    """Where in the folded text a place of the original is."""
    return len(Folded(folded.original[:place]).text)


def _pieces(text: str, begin: int, end: int) -> Iterator[tuple[Span, int, str]]:
    """Lines with labels, and sentences; with the number of their paragraph, and the label above."""
    number, last = 0, begin
    above = ""
    for start, stop in sentence_spans(text[begin:end]):
        start, stop = start + begin, stop + begin
        if "\n\n" in text[last:start] or re.search(r"\n[ \t]*\n", text[last:start]):
            number += 1
        last = stop
        for span in _lines(text, start, stop):
            yield span, number, above
            above = _as_label(text[slice(*span)])


def _lines(text: str, start: int, stop: int) -> list[Span]:
    piece = text[start:stop]
    if "\n" not in piece or not (_LABELLED.search(piece) or max(map(len, piece.split("\n"))) <= _SHORT):
        return [(start, stop)]
    found, here = [], start
    for line in piece.split("\n"):
        bare = line.strip()
        first = here + line.find(bare) if bare else here
        found += [(first, first + len(bare))] if bare else []
        here += len(line) + 1
    return found


def _as_label(line: str) -> str:
    """A line that is a label of what stands below it."""
    bare = line.strip(" \t#*-:：")
    is_label = 0 < len(bare) <= _SHORT and not bare.endswith((".", "다", "요")) and not quantities(bare)
    return bare if is_label else ""
