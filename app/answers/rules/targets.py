"""The fields of a schema as rules look for them: what form a value has, and which labels name it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as kept
from typing import Literal

from app.answers.rules.lexicon import Notions, compact, lexicon
from app.answers.schemas.fields import Field

Shape = Literal[
    "money", "number", "date", "email", "phone", "identifier", "pattern", "choice", "boolean", "text",
    "currency", "sentence", "rows", "object", "any",
]  # fmt: skip

PARTIES = frozenset({"seller", "buyer", "shipto"})
# Of a description's words, at least so many in each phrase and at most so many make a label.
_PHRASE = re.compile(r"[.,;:()\n]|\bor\b|또는|혹은")
_LONGEST_PHRASE = 4
_SAID_IN_DESCRIPTION = 0.85
# A label must have a notion of the field's, or one that stands for it as well as this.
_OWN = 0.5
# That a value is a number or a date its form says as well as this.
_IMPLIED = 0.6
_NUMBERED = frozenset({"number", "account", "registration", "taxid", "mark", "tracking", "serial", "licence"})
_ASIDE = re.compile(r"\([^()]*\)")
_TELLING = PARTIES | {"net", "gross", "tax", "total", "start", "end", "date", "due"}
_COMPOSED = re.compile(
    r"summar|explain|describe (?:why|how)|assess|judg|opinion|evaluat|translat|rewrite|conclu|recommend"
    r"|sentiment|in your own words"
    r"|요약|평가하|판단|설명하|의견|번역|추천|결론|감정|감성|분석하",
    re.IGNORECASE,
)
# An answer's own number, or how sure a model is: nothing that documents say.
_OF_THE_MODEL = frozenset({"answer", "confidence", "citations", "summary", "reasoning", "explanation"})


@dataclass(frozen=True, slots=True)
class Variant:
    """One label of a field.

    Attributes:
        exact: to the letter, see `compact`.
        factor: how sure it is one; 1 for names and given labels.
        around: what may stand in a heading or another cell instead.
    """

    notions: Notions
    exact: str
    factor: float
    around: frozenset[str]


@dataclass(frozen=True)
class Target:
    """A leaf of a schema, or a list.

    Attributes:
        path: names from the outside inwards, parted by dots.
        inner: of the shapes "rows" and "object".
    """

    path: str
    field: Field
    shape: Shape
    variants: tuple[Variant, ...]
    inner: tuple[Target, ...] = ()
    _scores: dict[tuple[str, str, bool], float] = kept(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        return self.field.name

    def notions(self) -> frozenset[str]:
        """All that its names and labels say."""
        return frozenset(one for variant in self.variants if variant.factor == 1 for one in variant.notions)

    def score(self, label: str, around: str = "", *, loose: bool = False) -> float:
        """How well a label names this field, in [0, 1].

        Args:
            around: the party that the label stands under, such as "seller"; "" for none.
            loose: words that are not known may belong to what stands before the label.
        """
        key = (label, around, loose)
        if (known := self._scores.get(key)) is None:
            label = _without_asides(label)
            said, exact = lexicon().read(label), "" if loose else compact(label)
            if len(self._scores) > 20_000:
                self._scores.clear()
            scores = (_similarity(said, exact, around, one, self.shape, loose) for one in self.variants)
            known = self._scores[key] = max(scores, default=0.0) * self._party_fits(said, around)
        return known

    def nearness(self, label: str) -> float:
        """How well a label may stand for this field where none is closer: `Total` for an amount."""
        said = lexicon().read(label)
        return max(
            (_similarity(said, "", "", one, self.shape, False, own=True) for one in self.variants),
            default=0.0,
        )

    def _party_fits(self, said: Notions, around: str) -> float:
        """Less than 1 under another party than the field is about, unless the label itself names that."""
        wanted = self.notions() & PARTIES
        stands = {one for one in said if one in PARTIES} or ({around} if around else set())
        return 0.4 if wanted and stands and not wanted & stands else 1.0


def targets(fields: tuple[Field, ...], prefix: str = "", outer: tuple[Field, ...] = ()) -> tuple[Target, ...]:
    """The fields as targets, those of nested objects as they stand."""
    return tuple(_target(one, prefix, outer) for one in fields)


def leaves(found: tuple[Target, ...]) -> Iterator[Target]:
    """Targets without objects: their fields instead."""
    for one in found:
        if one.shape == "object":
            yield from leaves(one.inner)
        else:
            yield one


def needs_model(one: Target) -> bool:
    """Whether what the field asks for is composed or judged, not found."""
    if one.shape in ("any",) or (one.shape == "rows" and not one.inner):
        return True
    if one.shape not in ("text", "boolean", "number"):
        return False
    if one.name.casefold() in _OF_THE_MODEL:
        return True
    return one.shape == "text" and bool(_COMPOSED.search(f"{one.name} {one.field.description}"))


def _without_asides(label: str) -> str:
    """A label without what stands in brackets, unless that says with or without tax, or whose it is."""
    for aside in _ASIDE.findall(label) if "(" in label else ():
        if not _TELLING & set(lexicon().read(aside)):
            label = label.replace(aside, " ")
    return label


def _target(one: Field, prefix: str, outer: tuple[Field, ...]) -> Target:
    path = f"{prefix}{one.name}"
    shape = _shape(one)
    inner = () if one.kind != "object" else targets(one.fields, f"{path}.", () if one.many else (*outer, one))
    return Target(path, one, shape, tuple(_variants(one, outer)), inner)


def _shape(one: Field) -> Shape:
    if one.kind == "object":
        return "rows" if one.many else "object"
    if one.kind == "integer":
        return "number"
    if one.kind in ("text", "choice") and "currency" in lexicon().read(one.name):
        return "currency"
    if one.kind == "text":
        if one.pattern:
            return "pattern"
        read = lexicon().read
        named = [frozenset(read(label)) for label in (one.name, *one.labels)]
        numbered = sum(bool(notions & _NUMBERED) for notions in named)
        return "identifier" if numbered * 2 >= len(named) and named[0] != {"'vat"} else "text"
    return one.kind


def _variants(one: Field, outer: tuple[Field, ...]) -> Iterator[Variant]:
    read = lexicon().read
    above = frozenset(notion for parent in outer for notion in read(parent.name))
    if one.kind == "text":
        named = set(read(one.name)) - {"name"}
        yield from (_OPENING[party] for party in ("seller", "buyer") if named == {party})
    seen: set[tuple[Notions, str]] = set()
    for label, factor in _labels(one):
        key = (read(label), compact(label))
        if one.kind == "text" and set(key[0]) <= {"start", "end"}:
            key = ((f"'{key[1]}",), key[1])  # `From` names a sender as it stands, and nothing like it
        if key[0] and key not in seen:
            seen.add(key)
            yield Variant(*key, factor, above & PARTIES)


# What letters and invoices have above their parties, and periods in front of their days.
_OPENING = {
    "seller": Variant(("'from",), "from", 0.8, frozenset()),
    "buyer": Variant(("'to",), "to", 0.8, frozenset()),
}


def _labels(one: Field) -> Iterator[tuple[str, float]]:
    yield one.name, 1.0
    for label in one.labels:
        yield label, 1.0
    for phrase in _PHRASE.split(one.description):
        words = phrase.split()
        if 0 < len(words) <= _LONGEST_PHRASE:
            yield phrase.strip(), _SAID_IN_DESCRIPTION


def _similarity(
    said: Notions, exact: str, around: str, variant: Variant, shape: Shape, loose: bool, *, own: bool = False
) -> float:
    if exact and exact == variant.exact and not variant.around:
        return variant.factor
    wanted = dict.fromkeys((*variant.notions, *variant.around))
    words, matched, missing = lexicon(), 0.0, 0.0
    for one in wanted:
        share = _stands_for(one, said)
        own = own or share >= _OWN
        if said and shape in ("identifier", "date") and one in ("number", "date"):
            share = max(share, _IMPLIED)
        share = 0.9 if share < 0.9 and one == around else share
        matched += share * words.weight(one)
        missing += (1 - share) * words.weight(one)
    if not own:
        return 0.0
    extra = sum(_extra(one, loose, shape) for one in said if one not in wanted and not _is_near(one, wanted))
    return variant.factor * matched / (matched + missing + extra)


def _stands_for(wanted: str, said: Notions) -> float:
    if wanted in said:
        return 1.0
    return max((lexicon().related.get((wanted, one), 0.0) for one in said), default=0.0)


def _is_near(one: str, wanted: dict[str, None]) -> bool:
    return any((one, other) in lexicon().related for other in wanted)


def _extra(one: str, loose: bool, shape: Shape) -> float:
    """How much a notion that a field has not speaks against its label."""
    if one[0] == "'":
        return 0.15 if loose else 0.6
    if shape == "text" and one in _OF_TEXTS:
        return _OF_TEXTS[one]
    return 0.4 if one == "total" else lexicon().weight(one)


# `고객명` is the customer, and `고객번호` is not.
_OF_TEXTS = {"name": 0.1, "number": 1.5, "date": 1.5, "account": 1.5}
