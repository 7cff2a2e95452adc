"""Which part of the passages each object of a list is about, so that two of them cannot swap their values.

An object stands where most of its values stand. A row of a table is its own; in running text, the objects of
one paragraph share what stands there: in their order where there are as many values as objects, else each
from its own name to the next one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.answers.evidence.leaves import Leaf, Path
from app.answers.evidence.place import Place
from app.answers.evidence.places import NUMBERS, quantities_like
from app.answers.evidence.segments import Segment
from app.answers.schemas.fields import Field

Find = Callable[[Leaf], Sequence[Place]]

# How much a value tells where an object stands: a name more than a number, which stands anywhere.
_NAME, _LONG_NAME, _NUMBER = 2.0, 3.0, 1.0
_LONG = 6
# So far an object reaches behind its own paragraph.
_REACH = 12


@dataclass(frozen=True)
class Territory:
    """Where the values of one object may stand.

    Attributes:
        anchor: the piece where most of its values stand; None where none does, and it may be anywhere.
        column: of a table whose objects are columns; None for any other.
        start, stop: its pieces, half open.
        others: where other objects of the same pieces stand, itself among them, in order.
    """

    anchor: Place | None = None
    column: int | None = None
    start: int = 0
    stop: int = 0
    others: tuple[Place, ...] = ()
    pieces: Sequence[Segment] = field(default=(), repr=False)

    def allows(self, place: Place, wanted: Field) -> bool:
        """Whether a value of this field that stands there may be the object's."""
        if self.anchor is None:
            return True
        segment = place.segment
        if self.column is not None:
            cell = segment.cell_at(place.start)
            return (
                segment.block == self.anchor.segment.block
                and cell in segment.cells[self.column : self.column + 1]
            )
        if not self.start <= segment.order < self.stop:
            return False
        if len(self.others) < 2:
            return True
        return self._is_mine(place, wanted)

    def own(self, pieces: Sequence[Segment]) -> list[Segment]:
        """The pieces that speak of this object alone, as far as that can be told."""
        if self.anchor is None:
            return list(pieces)
        first, last = self.start, self.stop
        if len(self.others) > 1 and self.anchor in self.others:
            mine = self.others.index(self.anchor)
            first = self.anchor.segment.order
            following = self.others[mine + 1 :]
            last = max(first + 1, following[0].segment.order) if following else last
        if self.column is not None:
            return [piece for piece in pieces if piece.block == self.anchor.segment.block]
        return [piece for piece in pieces if first <= piece.order < last]

    def near(self, pieces: Sequence[Segment]) -> Sequence[Segment]:
        """The pieces that hold all that it allows."""
        if self.anchor is None:
            return pieces
        block = self.anchor.segment.block
        if self.column is not None:
            return [piece for piece in pieces if piece.block == block]
        return pieces[self.start : self.stop]

    def is_elsewhere(self, place: Place) -> bool:
        """Whether it is neither in the paragraph nor in the table of this object."""
        return self.anchor is None or place.segment.block != self.anchor.segment.block

    def _is_mine(self, place: Place, wanted: Field) -> bool:
        """Of several objects in the same pieces: by order, or from its name to the next one."""
        mine = self.others.index(self.anchor) if self.anchor in self.others else 0
        here, count = _spot(place), len(self.others)
        if wanted.kind in NUMBERS or wanted.kind == "date":
            spots = [_spot(one) for piece in self.pieces for one, _ in quantities_like(wanted, piece)]
            if here in spots and spots and len(spots) % count == 0:
                return spots.index(here) // (len(spots) // count) == mine
        anchors = [_spot(one) for one in self.others]
        following = anchors[mine + 1] if mine + 1 < count else None
        return anchors[mine] <= here and (following is None or here < following)


def _spot(place: Place) -> tuple[int, int]:
    return place.segment.order, place.start


def territories(
    objects: Mapping[Path, Sequence[Leaf]], find: Find, pieces: Sequence[Segment]
) -> dict[Path, Territory]:
    """For each of some objects side by side where its values may stand."""
    anchors: dict[Path, Place] = {}
    taken: Counter[tuple[int, int]] = Counter()
    common = _common(objects)
    for path, values in objects.items():
        own = [leaf for leaf in values if (leaf.path[len(path) :], leaf.value) not in common]
        if (anchor := _anchor(own, find, taken)) is not None:
            anchors[path] = anchor
            taken[_spot(anchor)] += 1
    ordered = sorted(anchors.values(), key=_spot)
    return {path: _around(anchors.get(path), objects[path], ordered, find, pieces) for path in objects}


def _common(objects: Mapping[Path, Sequence[Leaf]]) -> set[tuple[Path, object]]:
    """What all of several objects have: it tells none of them."""
    said = [{(leaf.path[len(path) :], leaf.value) for leaf in values} for path, values in objects.items()]
    return set.intersection(*said) if len(said) > 1 else set()


def _anchor(values: Sequence[Leaf], find: Find, taken: Counter[tuple[int, int]]) -> Place | None:
    """The place of the object's name in the piece that holds most of it; not one that an equal object has."""
    weights: dict[int, float] = defaultdict(float)
    names: dict[int, Place] = {}
    for leaf in values:
        weight = _weight(leaf)
        for order, place in {one.segment.order: one for one in reversed(find(leaf))}.items():
            weights[order] += weight
            if weight > _NUMBER or order not in names:
                held = names.get(order)
                if held is None or (weight > _NUMBER and not _is_name_of(values, held, find)):
                    names[order] = place
    if not weights:
        return None
    best = max(weights, key=lambda order: (weights[order] - 0.5 * bool(taken[_spot(names[order])]), -order))
    return names[best]


def _is_name_of(values: Sequence[Leaf], place: Place, find: Find) -> bool:
    return any(place in find(leaf) for leaf in values if _weight(leaf) > _NUMBER)


def _weight(leaf: Leaf) -> float:
    if leaf.field.kind in NUMBERS or leaf.field.kind in ("date", "choice", "boolean"):
        return _NUMBER
    text = str(leaf.value)
    return _LONG_NAME if len(text) >= _LONG else _NAME if len(text) > 1 else _NUMBER


def _around(
    anchor: Place | None,
    values: Sequence[Leaf],
    ordered: Sequence[Place],
    find: Find,
    pieces: Sequence[Segment],
) -> Territory:
    if anchor is None:
        return Territory()
    segment = anchor.segment
    if segment.cells:
        column = _column(anchor, values, find)
        return Territory(anchor, column, segment.order, segment.order + 1, (anchor,), (segment,))
    same_block = [one for one in ordered if one.segment.block == segment.block]
    beside = [one for one in ordered if one.segment.order == segment.order]
    block = [piece for piece in pieces if piece.block == segment.block]
    if len(beside) > 1:
        return Territory(anchor, None, segment.order, segment.order + 1, tuple(beside), (segment,))
    if len(same_block) > 1:
        first, last = block[0].order, block[-1].order + 1
        return Territory(anchor, None, first, last, tuple(same_block), block)
    following = [one.segment for one in ordered if one.segment.order > segment.order]
    end = min(following[0].order if following else len(pieces), block[-1].order + 1 + _REACH)
    while end > block[-1].order + 1 and pieces[end - 1].chunk.document_id != segment.chunk.document_id:
        end -= 1
    if following and following[0].block != segment.block:
        first_of_next = next(piece.order for piece in pieces if piece.block == following[0].block)
        end = min(end, first_of_next)
    return Territory(anchor, None, block[0].order, end, (anchor,), block)


def _column(anchor: Place, values: Sequence[Leaf], find: Find) -> int | None:
    """The column of an object whose name is the head of one, and whose other values stand below it."""
    segment = anchor.segment
    cell = segment.cell_at(anchor.start)
    column = segment.cells.index(cell) if cell in segment.cells and cell is not None else 0
    if not segment.is_head or column == 0:
        return None
    below = [
        place
        for leaf in values
        for place in find(leaf)
        if place.segment.block == segment.block and not place.segment.is_head
    ]
    return column if below else None
