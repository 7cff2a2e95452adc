"""How far one value is supported: where it stands, whether of the right thing, and in which words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from app.answers.evidence.days import as_date
from app.answers.evidence.folded import squeezed
from app.answers.evidence.labels import CERTAIN, NAMED, Context, contexts, names, notions, score
from app.answers.evidence.leaves import Leaf
from app.answers.evidence.place import Place
from app.answers.evidence.places import (
    NUMBERS,
    as_decimal,
    numbers_of,
    places,
    quantities_like,
    written_as,
)
from app.answers.evidence.segments import Segment
from app.answers.evidence.territory import Territory
from app.answers.evidence.verdict import NOWHERE, Verdict, instead_of, original_of, place_of, source_of
from app.answers.evidence.wording import about, worded, words_alone
from app.answers.schemas.fields import Field
from app.evidence import Sources
from app.evidence.dates import Date
from app.evidence.negation import negators
from app.schemas import Reason, Support

# From the first on another field's label counts, if it is so much better than the own one.
_RIVAL, _BETTER = 0.35, 0.15
_YES_WORDS = "yes y true o 예 네 있음 유 가능 해당 포함 동의 적용 ✓ ✔ ☑ ■"
_NO_WORDS = "no n false x none 아니오 아니요 없음 무 불가 불가능 미해당 미포함 비해당 미적용 ✗ ☐ □"
_YES, _NO = frozenset(_YES_WORDS.split()), frozenset(_NO_WORDS.split())


class Judge:
    """Holds the values of one object against the passages.

    Args:
        pieces: of the passages.

    Attributes:
        taken: the rows of tables, by their order, that items of lists stand in.
    """

    def __init__(self, pieces: Sequence[Segment]) -> None:
        self.pieces = pieces
        self._sources = [source_of(piece) for piece in pieces]
        self._all = Sources(self._sources)
        self._found: dict[tuple[str, str, str], tuple[Place, ...]] = {}
        self.taken: frozenset[int] = frozenset()
        self._names: frozenset[str] = frozenset()
        self._named: dict[tuple[int, int, int], tuple[Context, ...]] = {}

    def find(self, leaf: Leaf) -> Sequence[Place]:
        """Everywhere that a value stands."""
        if leaf.value is None or leaf.value == "":
            return ()
        key = leaf.field.kind, leaf.field.unit, repr(leaf.value)
        if key not in self._found:
            pieces = self._holding(leaf.value)
            found = (place for piece in pieces for place in places(leaf.field, leaf.value, piece))
            self._found[key] = tuple(found)
        return self._found[key]

    def _holding(self, value: Any) -> Sequence[Segment]:
        """The pieces in which a number may stand; of any other value all."""
        number = as_decimal(value) if isinstance(value, int | float) else None
        if number is None:
            return self.pieces
        orders = {order for one in written_as(abs(number)) for order in self._numbers.get(one, ())}
        return [self.pieces[order] for order in sorted(orders)]

    @cached_property
    def _numbers(self) -> Mapping[Decimal, Sequence[int]]:
        """Numbers -> the pieces in which they stand, by their order."""
        found: dict[Decimal, list[int]] = {}
        for piece in self.pieces:
            for number in numbers_of(piece):
                found.setdefault(number, []).append(piece.order)
        return found

    def judge(
        self, leaf: Leaf, beside: Sequence[Leaf], territory: Territory, shared: Sequence[Territory] = ()
    ) -> Verdict:
        """How far a value is supported.

        Args:
            beside: the other values of its object, and of the objects that it may be mistaken for.
            territory: where the object stands.
            shared: where all objects of its list stand, if they have this value in common: it may then be
                said once, elsewhere.
        """
        if leaf.value is None or leaf.value == "":
            return NOWHERE
        self._names = frozenset(squeezed(one.value) for one in beside if isinstance(one.value, str))
        if leaf.field.kind == "boolean" or isinstance(leaf.value, bool):
            return self._truth(leaf, territory)
        allowed = [place for place in self.find(leaf) if territory.allows(place, leaf.field)]
        if not leaf.owner and (outside := [one for one in allowed if one.segment.order not in self.taken]):
            allowed = outside
        if allowed:
            return self._standing(leaf, allowed, beside, territory)
        common = [one for one in self.find(leaf) if shared and all(its.is_elsewhere(one) for its in shared)]
        if common:
            return self._standing(leaf, common, beside, Territory())
        if self.find(leaf) or leaf.field.kind in NUMBERS or leaf.field.kind in ("date", "email", "phone"):
            return self._instead(leaf, beside, territory)
        return worded(leaf, self._within(territory))

    # -- a value that stands there -----------------------------------------------------------------

    def _standing(
        self, leaf: Leaf, allowed: Sequence[Place], beside: Sequence[Leaf], territory: Territory
    ) -> Verdict:
        rated = [(self._own(leaf, place), self._other(leaf, place, beside), place) for place in allowed]
        own, other, best = max(rated, key=lambda one: (one[0] - one[1], -one[2].segment.order))
        if other >= (_RIVAL if own < NAMED else CERTAIN) and other > own + _BETTER:
            return self._instead(leaf, beside, territory)
        if _is_told(leaf.field) and (rival := self._said_instead(leaf, best, own, beside, territory)):
            return replace(NOWHERE, reasons=(rival,))
        doubts = best.doubts
        return Verdict(
            Support.PARTLY if doubts else Support.SUPPORTED,
            doubts,
            best.original,
            best.unit,
            place_of(best.segment),
        )

    def _own(self, leaf: Leaf, place: Place) -> float:
        return score(names(leaf.field, leaf.within), self._contexts(place))

    def _contexts(self, place: Place) -> tuple[Context, ...]:
        """What names a place, but the values beside it: `Consulting hours` is an item, and counts nothing."""
        key = place.segment.order, place.start, place.end
        if key not in self._named:
            self._named[key] = tuple(contexts(place.segment, place.start, place.end))
        return tuple(one for one in self._named[key] if squeezed(one.text) not in self._names)

    def _other(self, leaf: Leaf, place: Place, beside: Sequence[Leaf]) -> float:
        """How well the place names another field of the object that it could be the value of.

        A field whose own value stands where it is named as well needs no other place.
        """
        found, best = self._contexts(place), 0.0
        for one in beside:
            if (one.field.name, one.within) == (leaf.field.name, leaf.within) or not _alike(
                one.field, leaf.field
            ):
                continue
            if _same_value(one.value, leaf.value) or not (_is_told(leaf.field) or not _is_wider(one, leaf)):
                continue
            named = score(names(one.field, one.within), found)
            if named > best and not self._is_at_home(one, named):
                best = named
        return best

    def _is_at_home(self, leaf: Leaf, named: float) -> bool:
        """Whether a value stands where its field is named at least so well."""
        return any(self._own(leaf, place) >= named for place in self.find(leaf))

    def _said_instead(
        self, leaf: Leaf, best: Place, named: float, beside: Sequence[Leaf], territory: Territory
    ) -> Reason | None:
        """What the same document says under the field's own label, where that is another value.

        Args:
            named: how well the field's label names the place of the value itself.
        """
        rated: list[tuple[float, Place, object]] = []
        for piece in territory.near(self.pieces):
            if piece.chunk.document_id != best.segment.chunk.document_id or self._is_taken(piece, leaf):
                continue
            for place, value in quantities_like(leaf.field, piece):
                if territory.allows(place, leaf.field) and not self._is_of_another(
                    place, value, leaf, beside
                ):
                    rated.append((self._own(leaf, place), place, value))
        own, place, value = max(rated, key=lambda one: one[0], default=(0.0, best, None))
        if own < max(CERTAIN, named + _BETTER) or _is_value(value, leaf.value):
            return None
        return instead_of(leaf, place.original)

    def _is_taken(self, piece: Segment, leaf: Leaf) -> bool:
        """Whether a row is that of an item: what it says is not said of the whole."""
        return not leaf.owner and piece.order in self.taken

    def _is_of_another(self, place: Place, value: object, leaf: Leaf, beside: Sequence[Leaf]) -> bool:
        """Whether another field of the object has this value and is named here: it is not said of this."""
        return any(
            one.field.name != leaf.field.name
            and _is_value(value, one.value)
            and self._own(one, place) >= NAMED
            for one in beside
            if _alike(one.field, leaf.field)
        )

    def _instead(self, leaf: Leaf, beside: Sequence[Leaf], territory: Territory) -> Verdict:
        """Not supported: with what stands in its place, where that can be told."""
        if not _is_told(leaf.field):
            return NOWHERE
        anywhere = territory.anchor is None
        rated = [
            (self._own(leaf, place), place)
            for piece in territory.near(self.pieces)
            if not self._is_taken(piece, leaf)
            for place, value in quantities_like(leaf.field, piece)
            if territory.allows(place, leaf.field)
            and (anywhere or not any(_is_value(value, one.value) for one in beside))
        ]
        own, best = max(rated, key=lambda one: one[0], default=(0.0, None))
        if best is None or (anywhere and own < CERTAIN):
            return NOWHERE
        return replace(NOWHERE, reasons=(instead_of(leaf, best.original),))

    # -- what a sentence says ----------------------------------------------------------------------

    def _truth(self, leaf: Leaf, territory: Territory) -> Verdict:
        """Yes or no: what stands behind the label, or a sentence about it that denies nothing, or does."""
        for piece in self.pieces:
            for word, start, end in words_alone(piece):
                said = word in _YES, word in _NO
                place = Place(piece, start, end)
                if any(said) and territory.allows(place, leaf.field) and self._own(leaf, place) >= NAMED:
                    if said[0] == leaf.value:
                        return Verdict(Support.SUPPORTED, (), place.original, "", place_of(piece))
                    return replace(NOWHERE, reasons=(instead_of(leaf, place.original),))
        best = about(leaf.field, self._within(territory))
        if best is None:
            return NOWHERE
        if bool(negators(best.text)) is leaf.value:
            return replace(NOWHERE, reasons=(Reason(code="negation", values={"said": leaf.field.name}),))
        return Verdict(Support.SUPPORTED, (), original_of(best.place), "", best.place)

    def _within(self, territory: Territory) -> Sources:
        if territory.anchor is None:
            return self._all
        return Sources([self._sources[piece.order] for piece in territory.own(self.pieces)])


def _is_told(field: Field) -> bool:
    return field.kind in NUMBERS or field.kind == "date"


def _is_wider(one: Leaf, other: Leaf) -> bool:
    """Whether all that names a field is in the name of the other: `supplier` in `supplier_phone`."""
    wider, narrower = ([notions(name) for name in names(leaf.field, leaf.within)] for leaf in (one, other))
    return any(few < many for few in wider for many in narrower)


def _alike(one: Field, other: Field) -> bool:
    """Whether a value of one could be taken for one of the other."""
    numbers = one.kind in NUMBERS, other.kind in NUMBERS
    return all(numbers) or (not any(numbers) and one.kind == other.kind)


def _same_value(one: Any, other: Any) -> bool:
    return bool(one == other) or (as_decimal(one) is not None and as_decimal(one) == as_decimal(other))


def _is_value(said: object, value: Any) -> bool:
    """Whether what a document says is the value of an object."""
    if isinstance(said, Date):
        wanted = as_date(value)
        return wanted is not None and (said.year, said.month, said.day) == (
            said.year and wanted.year,
            wanted.month,
            said.day and wanted.day,
        )
    mine = as_decimal(value)
    return mine is not None and as_decimal(said) == abs(mine)
