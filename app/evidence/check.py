"""Whether a sentence stands in its sources: by its numbers, names, negations and words, without a model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.evidence.names import Comparison, compare, outside
from app.evidence.negation import check_negation
from app.evidence.quantities import quantities
from app.evidence.sources import Source, Sources
from app.evidence.values import check_values
from app.evidence.wording import check_wording
from app.evidence.words import Vocabulary, Word, words
from app.schemas import Reason, Support

# Share of a claim's words that its sources hold: from the first they carry it, below the second they do not.
_CARRIED, _FOREIGN = 0.55, 0.4
# The same for the cosine of a claim and its best source, which is asked where a claim shares as many words.
_ASKED = 0.2
_NEAR, _FAR = 0.75, 0.65
# A sentence that carries so much of a claim by itself is where it was taken from.
_CERTAIN = 0.8
# From this share of words in the order of the source, a negation more or less says the opposite.
_COMPARABLE = 0.5
# How much values can add to the share of words.
_BY_VALUES = 0.3
# A word of a title or a heading says what a passage is about, not what it says.
_AROUND = 0.6

Similar = Callable[[Sequence[tuple[str, str]]], Sequence[float]]
"""Cosines of pairs of sentences, in the language of which the embedding model reads."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of one claim.

    Attributes:
        coverage: share of its words that the sources hold, in [0, 1].
        score: how well the best sentence alone carries it, in [0, 1].
        sources: the sentences that carry it, the best one first.
    """

    support: Support
    reasons: tuple[Reason, ...]
    coverage: float
    score: float = 0.0
    sources: tuple[Source, ...] = ()

    @property
    def is_certain(self) -> bool:
        """Whether one sentence says it so nearly word by word that none can say it much better."""
        return self.support is Support.SUPPORTED and self.score >= _CERTAIN

    @property
    def rank(self) -> tuple[int, float]:
        """To tell which of several verdicts is the better one."""
        return _ORDER[self.support], self.coverage


_ORDER = {Support.NOT: 0, Support.PARTLY: 1, Support.SUPPORTED: 2}


def check(
    claim: str, sources: Sources, numbers: Iterable[int] | None = None, similar: Similar | None = None
) -> Verdict:
    """Hold a claim against the sentences that carry it best.

    Args:
        claim: one sentence, as `app.evidence.words.clean` gives it, without marks.
        numbers: of the passages that it may stand on; None for all.
        similar: asked for what words alone cannot decide.
    """
    aligned = sources.align(claim, numbers)
    if not aligned.sources:
        return _without_a_common_word(claim, sources.of(numbers))
    beside = _Beside(claim, aligned.sources)
    if not beside.compared.verbatim and (further := _with_values(beside, sources)):
        beside = _Beside(claim, (*aligned.sources, *further))
    support, reasons = beside.across_languages() if beside.is_foreign else beside.judged(similar)
    return Verdict(support, tuple(reasons), beside.coverage, aligned.score, beside.sources)


def _without_a_common_word(claim: str, sources: Sequence[Source]) -> Verdict:
    """Nothing to hold it against, unless it is only said in another language."""
    beside = _Beside(claim, tuple(sources))
    if not (sources and beside.is_foreign):
        return Verdict(Support.NOT, (Reason(code="words"),), 0.0)
    values = tuple(
        reason.model_copy(update={"values": {"said": reason.values["said"]}})
        for reason in beside.wrong_values
    )
    support = Support.NOT if values else Support.PARTLY
    return Verdict(support, (*values, Reason(code="other_language")), 0.0)


def _with_values(beside: _Beside, sources: Sources) -> list[Source]:
    """The sentences with the values that a claim in its own words took from elsewhere in its passages."""
    numbers = {source.n for source in beside.sources}
    said = {reason.values.get("said") for reason in beside.wrong_values}
    missing = [one for one in beside.values if one.text in said]
    found = [sources.holding(beside.claim, one, numbers) for one in missing]
    return list(dict.fromkeys(one for one in found if one is not None and one not in beside.sources))


class _Beside:
    """A claim beside the sentences that it may stand on."""

    def __init__(self, claim: str, sources: tuple[Source, ...]) -> None:
        self.claim = claim
        self.sources = sources
        self.values = quantities(claim)
        self._said = outside(words(claim), self.values)
        self._known = Vocabulary([source.text for source in sources])
        self._context = Vocabulary([source.context for source in sources])

    @cached_property
    def wrong_values(self) -> list[Reason]:
        theirs = [one for source in self.sources for one in quantities(source.text)]
        around = [one for source in self.sources for one in quantities(source.context)]
        return check_values(self.values, theirs, around)

    @cached_property
    def compared(self) -> Comparison:
        return compare(
            self._said,
            _in_order(self._said, self.sources),
            self._known,
            self._context,
            values=len(self.values),
            wrong=len(self.wrong_values),
        )

    @cached_property
    def coverage(self) -> float:
        """The share of the words that the sources hold.

        A value counts for two, because it says more; but values alone say nothing, for any stands somewhere.
        """
        right = len(self.values) - len(self.wrong_values)
        total = len(self._said) + 2 * len(self.values)
        held = sum(max(self._known.share(w), _AROUND * self._context.holds(w)) for w in self._said)
        if not self._said:
            return right / len(self.values) if self.values else 1.0
        return min((held + 2 * right) / total, held / len(self._said) + _BY_VALUES)

    @property
    def is_foreign(self) -> bool:
        """Whether a claim in Korean stands on sources without any, or the other way round."""
        mine = _korean(self._said)
        theirs = _korean([word for source in self.sources for word in words(source.text)])
        return (mine > 0.5 and not theirs) or (theirs > 0.5 and not mine and bool(self._said))

    def across_languages(self) -> tuple[Support, list[Reason]]:
        """Of two languages only numbers can be compared, and names in the letters of the source."""
        denied = any(map(_denies, self.wrong_values))
        return Support.NOT if denied else Support.PARTLY, [*self.wrong_values, Reason(code="other_language")]

    def judged(self, similar: Similar | None) -> tuple[Support, list[Reason]]:
        reasons = [*self.wrong_values, *_names(self.compared)]
        known = {reason.values["said"] for reason in reasons}
        moved = check_wording(self.claim, self.sources[0].text)
        reasons += [*(one for one in moved if one.values["said"] not in known), *self._negation()]
        near = self.coverage
        if _ASKED <= near < _CARRIED and similar is not None:
            cosine = similar([(self.claim, self.sources[0].text)])[0]
            near = max(near, _CARRIED if cosine >= _NEAR else _FOREIGN if cosine >= _FAR else 0.0)
        if near < _FOREIGN:
            return Support.NOT, [Reason(code="words"), *self.wrong_values]
        if any(map(self._denies, reasons)):
            return Support.NOT, reasons
        if near < _CARRIED:
            reasons.append(Reason(code="words"))
        return Support.PARTLY if reasons else Support.SUPPORTED, reasons

    def _denies(self, reason: Reason) -> bool:
        """In words of its own a claim may say "not" of what its sources say in other ways."""
        return _denies(reason) and (reason.code != "negation" or self.compared.verbatim)

    def _negation(self) -> Iterator[Reason]:
        verbatim = self.compared.verbatim
        sources = self.sources[:1] if verbatim else self.sources
        odd = check_negation(self.claim, [source.text for source in sources], verbatim=verbatim)
        if odd and self.compared.share >= _COMPARABLE:
            yield Reason(code="negation", values={"said": odd})


def _in_order(said: Sequence[Word], sources: Sequence[Source]) -> list[Word]:
    """The words of the sources in the order in which the claim takes them up."""
    place = {word.key: i for i, word in reversed(list(enumerate(said)))}
    found = [outside(words(source.text), quantities(source.text)) for source in sources]
    first = [min((place[w.key] for w in one if w.key in place), default=len(said)) for one in found]
    return [
        word for _, one in sorted(zip(first, found, strict=True), key=lambda pair: pair[0]) for word in one
    ]


def _names(compared: Comparison) -> Iterator[Reason]:
    for one in compared.foreign:
        values = {"said": one.said, **({"source": one.source} if one.source else {})}
        yield Reason(code="name" if one.name else "word", values=values)


def _denies(reason: Reason) -> bool:
    """Whether the sources say something else in its place, rather than nothing."""
    return reason.code == "negation" or (reason.code != "word" and "source" in reason.values)


def _korean(found: Sequence[Word]) -> float:
    return sum(word.is_korean for word in found) / len(found) if found else 0.0
