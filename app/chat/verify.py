"""A finished answer held against its passages: wrong marks mended, and how far each sentence is supported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.chat.cite import Quotes
from app.chat.claims import Claim, Claims
from app.chat.context import Passage
from app.chat.grounding import Place, sources
from app.evidence import Similar, Source, Verdict, check, clean
from app.evidence.contradictions import contradicting
from app.evidence.words import words
from app.schemas import CheckedSentence, Citation, Contradiction, Reason, Support

# A passage that holds so much more of a sentence than the cited one is what was meant.
_MUCH_BETTER = 0.25
_TELLING_WORDS = 2
# So many sentences of an answer are compared by meaning, because each costs some milliseconds.
_MOST_READ = 2
_WORTH = {Support.SUPPORTED: 1.0, Support.PARTLY: 0.5, Support.NOT: 0.0}


@dataclass(frozen=True, slots=True)
class Verified:
    """The outcome.

    Attributes:
        text: the answer, its marks corrected and numbered as `citations` are.
        score: see `app.schemas.Answer`.
    """

    text: str
    citations: tuple[Citation, ...]
    sentences: tuple[CheckedSentence, ...]
    score: float | None
    contradictions: tuple[Contradiction, ...]

    def fields(self) -> dict[str, Any]:
        """What of it belongs into an `Answer`, beside the text."""
        return {name: getattr(self, name) for name in ("citations", "sentences", "score", "contradictions")}


@dataclass(frozen=True, slots=True)
class _Judged:
    """A claim, and what it stands on: a mark that the model wrote, or 0 for a new one, -> passage."""

    claim: Claim
    passages: Mapping[int, int]
    verdict: Verdict
    reasons: tuple[Reason, ...]


def verify(
    text: str,
    shown: Mapping[int, int],
    passages: Sequence[Passage],
    question: str = "",
    similar: Similar | None = None,
    *,
    cut: bool = False,
) -> Verified:
    """Align each sentence of an answer to what supports it best, and say how far that goes.

    A mark that points to the wrong passage is corrected where another one supports the sentence; a sentence
    without a mark gets that of the passage that supports it.

    Args:
        text: with marks as `app.chat.marks.Marks` writes them.
        shown: `Marks.shown`.
        question: tells the place in a passage that shares no word with its sentence.
        similar: cosines of sentences, for what words alone cannot decide.
        cut: the answer breaks off; a last sentence without an end is not judged.
    """
    return _Verification(Claims(text, cut=cut), shown, passages, question, similar).outcome()


class _Verification:
    def __init__(
        self,
        claims: Claims,
        shown: Mapping[int, int],
        passages: Sequence[Passage],
        question: str,
        similar: Similar | None,
    ) -> None:
        self._claims = claims
        self._meant = {seen: number for number, seen in shown.items()}
        self._sources = sources(passages)
        self._question = clean(question)
        self._similar = similar
        self._read = 0
        self._quotes = Quotes()

    def outcome(self) -> Verified:
        judged = [self._judge(claim) for claim in self._claims.all]
        numbers = [self._numbered(one) for one in judged]
        sentences = tuple(
            CheckedSentence(
                text=one.claim.text,
                citations=tuple(dict.fromkeys(marks.values())),
                support=one.verdict.support,
                reasons=one.reasons,
            )
            for one, marks in zip(judged, numbers, strict=True)
            if one.claim.states
        )
        contradictions = tuple(self._contradictions(judged))
        worth = [_WORTH[sentence.support] for sentence in sentences]
        return Verified(
            self._claims.rewritten(numbers),
            self._quotes.citations(),
            sentences,
            round(sum(worth) / len(worth), 3) if worth else None,
            contradictions,
        )

    # -- one claim ---------------------------------------------------------------------------------

    def _judge(self, claim: Claim) -> _Judged:
        cited = {mark: self._meant[mark] for mark in claim.marks if mark in self._meant}
        if not cited:
            return self._uncited(claim) if claim.states else _Judged(claim, {}, self._check(claim, ()), ())
        verdict = self._check(claim, cited.values())
        if not claim.states:
            return _Judged(claim, cited, verdict, ())
        anywhere = verdict if verdict.is_certain else self._check(claim, None)
        right = anywhere.sources[0].n if anywhere.sources else 0
        if right not in cited.values() and _says_enough(claim) and _is_better(anywhere, verdict):
            wrong = {mark: n for mark, n in cited.items() if self._is_empty(claim, n)} or cited
            kept = {mark: n for mark, n in cited.items() if mark not in wrong}
            first, *_ = wrong
            reason = Reason(code="citation_corrected", values={"said": f"[{first}]"})
            return _Judged(claim, {**kept, first: right}, anywhere, (reason, *anywhere.reasons))
        verdict = self._read_again(claim, cited.values(), verdict)
        needless = {mark for mark, n in cited.items() if len(cited) > 1 and self._is_empty(claim, n)}
        if needless and len(needless) < len(cited):
            kept = {mark: n for mark, n in cited.items() if mark not in needless}
            said = "".join(f"[{mark}]" for mark in sorted(needless))
            reason = Reason(code="citation_corrected", values={"said": said})
            return _Judged(claim, kept, verdict, (reason, *verdict.reasons))
        return _Judged(claim, cited, verdict, verdict.reasons)

    def _uncited(self, claim: Claim) -> _Judged:
        """The passages that its paragraph cites come first; then any."""
        near = [
            self._meant[mark]
            for other in self._claims.all
            if other.paragraph == claim.paragraph
            for mark in other.marks
            if mark in self._meant
        ]
        verdict = max(
            (self._check(claim, near), self._check(claim, None)), key=lambda one: _rounded(one.rank)
        )
        verdict = self._read_again(claim, {source.n for source in verdict.sources}, verdict)
        if verdict.support is Support.NOT or not _says_enough(claim):
            return _Judged(claim, {}, verdict, (Reason(code="no_citation"), *verdict.reasons))
        reason = Reason(code="citation_added")
        return _Judged(claim, {0: verdict.sources[0].n}, verdict, (reason, *verdict.reasons))

    def _check(self, claim: Claim, numbers: Iterable[int] | None) -> Verdict:
        return check(claim.said, self._sources, numbers)

    def _read_again(self, claim: Claim, numbers: Iterable[int], verdict: Verdict) -> Verdict:
        """By its meaning, where its words are others than those of its sources."""
        if self._similar is None or self._read == _MOST_READ or not _misses(verdict):
            return verdict
        self._read += 1
        return check(claim.said, self._sources, numbers, self._similar)

    def _is_empty(self, claim: Claim, n: int) -> bool:
        """Whether a passage holds next to nothing of a claim."""
        alone = self._check(claim, [n])
        return alone.support is Support.NOT and _misses(alone)

    # -- its places --------------------------------------------------------------------------------

    def _numbered(self, judged: _Judged) -> dict[int, int]:
        """For each mark the number that the reader sees."""
        return {mark: self._quotes.number(self._places(judged, n)) for mark, n in judged.passages.items()}

    def _places(self, judged: _Judged, n: int) -> list[Place]:
        """Where in a passage the words stand that carry a claim: in one chunk, the best one first."""
        carry = [source for source in judged.verdict.sources if source.n == n]
        carry = carry or [*self._sources.align(judged.claim.said, [n]).sources] or self._by_question(n)
        found = [source.place for source in carry]
        return [place for place in found if place.chunk.id == found[0].chunk.id]

    def _by_question(self, n: int) -> list[Source]:
        """For a passage that shares no word with its sentence, as in another language."""
        aligned = self._sources.align(self._question, [n]).sources[:1]
        return [*aligned] or [source for source in self._sources.all if source.n == n][:1]

    # -- what does not agree -----------------------------------------------------------------------

    def _contradictions(self, judged: Sequence[_Judged]) -> Iterator[Contradiction]:
        seen: set[frozenset[str]] = set()
        for one in judged:
            if not (one.claim.states and one.passages and one.verdict.sources):
                continue
            source = one.verdict.sources[0]
            for other, value, its in contradicting(source, self._sources):
                pair = frozenset((source.text, other.text))
                if pair in seen:
                    continue
                seen.add(pair)
                places = (source.place, other.place)
                yield Contradiction(
                    citations=tuple(self._quotes.number([place]) for place in places),
                    quotes=tuple(place.chunk.text[slice(*place.span)] for place in places),
                    values=(value.text, its.text),
                )


def _says_enough(claim: Claim) -> bool:
    """Whether it has words enough to tell where it was taken from; a number stands anywhere."""
    return sum(not word.has_digit for word in words(claim.said)) >= _TELLING_WORDS


def _is_better(other: Verdict, cited: Verdict) -> bool:
    """Whether another passage is what the sentence stands on."""
    if other.support is Support.SUPPORTED:
        return cited.support is not Support.SUPPORTED or other.score >= cited.score + _MUCH_BETTER
    # A sentence that is wrong in one word was taken from where the others stand.
    return _misses(cited) and not _misses(other) and other.score >= cited.score


def _misses(verdict: Verdict) -> bool:
    return any(reason.code == "words" for reason in verdict.reasons)


def _rounded(rank: tuple[int, float]) -> tuple[int, float]:
    return rank[0], round(rank[1], 1)
