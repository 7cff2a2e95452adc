"""Whether a sentence stands in its sources: by its numbers, names, negations and words, without a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from app.evidence.names import Comparison, compare, outside
from app.evidence.negation import check_negation
from app.evidence.quantities import Quantity, quantities
from app.evidence.sources import Aligned, Source
from app.evidence.values import check_values
from app.evidence.words import Vocabulary, Word, words
from app.schemas import Reason, Support

# Share of a claim's words that its sources hold: from the first they carry it, below the second they do not.
_CARRIED, _FOREIGN = 0.55, 0.4
# The same for the cosine of a claim and its best source, which is asked in between.
_NEAR, _FAR = 0.7, 0.45
# A word of a title or a heading says what a passage is about, not what it says.
_AROUND = 0.6

Similar = Callable[[Sequence[tuple[str, str]]], Sequence[float]]
"""Cosines of pairs of sentences, in the language of which the embedding model reads."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of one claim.

    Attributes:
        coverage: share of its words that the sources hold, in [0, 1].
        sources: the sentences that carry it best.
    """

    support: Support
    reasons: tuple[Reason, ...]
    coverage: float
    sources: tuple[Source, ...]

    @property
    def rank(self) -> tuple[int, float]:
        """To tell which of several verdicts is the better one."""
        return _ORDER[self.support], self.coverage


_ORDER = {Support.NOT: 0, Support.PARTLY: 1, Support.SUPPORTED: 2}


def check(claim: str, aligned: Aligned, similar: Similar | None = None) -> Verdict:
    """Hold a claim against the sentences that it was aligned to.

    Args:
        claim: one sentence, as `app.evidence.words.clean` gives it, without marks.
        similar: asked for what words alone cannot decide.
    """
    sources = aligned.sources
    if not sources:
        return Verdict(Support.NOT, (Reason(code="words"),), 0.0, ())
    mine = quantities(claim)
    theirs = [one for source in sources for one in quantities(source.text)]
    around = [one for source in sources for one in quantities(source.context)]
    said = outside(words(claim), mine)
    known = Vocabulary([source.text for source in sources])
    context = Vocabulary([source.context for source in sources])
    if _foreign_language(said, sources):
        return _across_languages(mine, theirs, around, said, known, sources)
    wrong = check_values(mine, theirs, around)
    coverage = _coverage(said, known, context, right=len(mine) - len(wrong), wrong=len(wrong))
    compared = compare(said, _in_order(said, sources), known, context)
    reasons = [
        *wrong,
        *_names(compared),
        *_negation(claim, sources, compared),
    ]
    return _verdict(claim, sources, coverage, reasons, similar)


def _in_order(said: Sequence[Word], sources: Sequence[Source]) -> list[Word]:
    """The words of the sources in the order in which the claim takes them up."""
    place = {word.key: i for i, word in reversed(list(enumerate(said)))}
    found = [outside(words(source.text), quantities(source.text)) for source in sources]
    first = [min((place[w.key] for w in one if w.key in place), default=len(said)) for one in found]
    return [
        word for _, one in sorted(zip(first, found, strict=True), key=lambda pair: pair[0]) for word in one
    ]


def _coverage(
    said: Sequence[Word], known: Vocabulary, around: Vocabulary, *, right: int, wrong: int
) -> float:
    """The share of the words that the sources hold; a value counts for two, because it says more."""
    total = len(said) + 2 * (right + wrong)
    held = sum(max(known.share(word), _AROUND * around.holds(word)) for word in said)
    return (held + 2 * right) / total if total else 1.0


def _names(compared: Comparison) -> Iterator[Reason]:
    for one in compared.foreign:
        values = {"said": one.said, **({"source": one.source} if one.source else {})}
        yield Reason(code="name" if one.name else "word", values=values)


def _negation(claim: str, sources: Sequence[Source], compared: Comparison) -> Iterator[Reason]:
    texts = [source.text for source in sources[:1]]
    odd = check_negation(claim, texts, verbatim=compared.verbatim)
    if odd:
        yield Reason(code="negation", values={"said": odd})


def _verdict(
    claim: str, sources: tuple[Source, ...], coverage: float, reasons: list[Reason], similar: Similar | None
) -> Verdict:
    near = coverage
    if coverage < _CARRIED and similar is not None:
        cosine = similar([(claim, sources[0].text)])[0]
        near = _CARRIED if cosine >= _NEAR else _FOREIGN if cosine >= _FAR else coverage
    if near < _FOREIGN:
        return Verdict(Support.NOT, (Reason(code="words"), *reasons), coverage, sources)
    if any(map(_denies, reasons)):
        return Verdict(Support.NOT, tuple(reasons), coverage, sources)
    if near < _CARRIED:
        reasons = [*reasons, Reason(code="words")]
    return Verdict(Support.PARTLY if reasons else Support.SUPPORTED, tuple(reasons), coverage, sources)


def _denies(reason: Reason) -> bool:
    """Whether the sources say something else in its place, rather than nothing."""
    return reason.code == "negation" or (reason.code != "word" and "source" in reason.values)


# -- another language --------------------------------------------------------------------------------


def _foreign_language(said: Sequence[Word], sources: Sequence[Source]) -> bool:
    """Whether a claim in Korean stands on a source without any, or the other way round."""
    mine = _korean(said)
    theirs = _korean([word for source in sources for word in words(source.text)])
    return (mine > 0.5 and not theirs) or (theirs > 0.5 and not mine and bool(said))


def _korean(found: Sequence[Word]) -> float:
    return sum(word.is_korean for word in found) / len(found) if found else 0.0


def _across_languages(
    mine: Sequence[Quantity],
    theirs: Sequence[Quantity],
    around: Sequence[Quantity],
    said: Sequence[Word],
    known: Vocabulary,
    sources: tuple[Source, ...],
) -> Verdict:
    """Numbers, and names in the letters of the source: all that can be compared."""
    reasons = check_values(mine, theirs, around)
    share = sum(map(known.holds, said)) / len(said)
    support = Support.NOT if any("source" in reason.values for reason in reasons) else Support.PARTLY
    return Verdict(support, (*reasons, Reason(code="other_language")), share, sources)
