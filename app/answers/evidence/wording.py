"""Values in words of their own, held against sentences: texts, choices, and what a sentence is about."""

from __future__ import annotations

from dataclasses import replace

from app.answers.evidence.folded import squeezed
from app.answers.evidence.labels import NAMED, names, notions
from app.answers.evidence.leaves import Leaf
from app.answers.evidence.segments import Segment
from app.answers.evidence.verdict import NOWHERE, ORDER, Verdict, original_of
from app.answers.schemas.fields import Field
from app.chat.grounding import Place as Sentence
from app.evidence import Source, Sources, check, clean
from app.schemas import Reason, Support
from app.sentences import sentence_spans

_FEWEST_WORDS = 2


def worded(leaf: Leaf, sources: Sources) -> Verdict:
    """A text in words of its own, held against the sentences as those of an answer are."""
    said = str(leaf.value).replace("_", " ")
    if leaf.field.kind == "choice":
        return _chosen(leaf, clean(said), sources)
    verdicts = [_claimed(clean(said[slice(*span)]), sources) for span in sentence_spans(said)]
    held = [one for one in verdicts if one.place is not None]
    if not held:
        return verdicts[0] if verdicts else NOWHERE
    worst = min(verdicts, key=lambda one: ORDER.index(one.support))
    support = Support.PARTLY if worst.support is Support.NOT else worst.support
    return replace(held[0], support=support, reasons=worst.reasons)


def _claimed(said: str, sources: Sources) -> Verdict:
    verdict = check(said, sources)
    if verdict.support is Support.NOT or not verdict.sources:
        return replace(NOWHERE, reasons=verdict.reasons)
    if len(notions(said)) < _FEWEST_WORDS and verdict.support is not Support.SUPPORTED:
        return NOWHERE
    sentence: Sentence = verdict.sources[0].place
    return Verdict(verdict.support, verdict.reasons, original_of(sentence), "", sentence)


def _chosen(leaf: Leaf, said: str, sources: Sources) -> Verdict:
    """A choice in other words than the document's stands on the sentence about its field, partly."""
    best = about(leaf.field, sources)
    if best is None:
        return NOWHERE
    text = squeezed(best.text)
    others = [one for one in leaf.field.choices if one != leaf.value and squeezed(one) in text]
    if others:
        return replace(NOWHERE, reasons=(_word(said, others[0]),))
    reason = Reason(code="word", values={"said": said})
    return Verdict(Support.PARTLY, (reason,), original_of(best.place), "", best.place)


def about(field: Field, sources: Sources) -> Source | None:
    """The sentence that names most of a field, and enough of it."""
    wanted = [(clean(name), notions(name)) for name in (*names(field), field.description) if name]
    best: tuple[float, Source | None] = (0.0, None)
    for said, needed in wanted:
        for source in sources.align(said).sources[:1]:
            held = notions(f"{source.text} {source.context}")
            share = sum(any(_form(one, other) for other in held) for one in needed) / max(1, len(needed))
            best = max(best, (share, source), key=lambda one: one[0])
    return best[1] if best[0] >= NAMED else None


def _form(one: str, other: str) -> bool:
    """`renew` and `renewal`: the same beginning, of four letters or two syllables."""
    least = 2 if "가" <= one[:1] <= "힣" else 4
    return one == other or (min(len(one), len(other)) >= least and one[:least] == other[:least])


def words_alone(piece: Segment) -> list[tuple[str, int, int]]:
    """The words of a cell, or of what stands behind a colon, that stand there alone."""
    found = []
    spans = [(cell.start, cell.end) for cell in piece.cells]
    if not spans and (colon := max(piece.text.find(":"), piece.text.find("："))) >= 0:
        spans = [(colon + 1, len(piece.text))]
    for start, end in spans:
        word = piece.text[start:end].strip().strip(".").casefold()
        if word and " " not in word:
            first = start + len(piece.text[start:end]) - len(piece.text[start:end].lstrip())
            found.append((word, first, first + len(word)))
    return found


def _word(said: str, source: str) -> Reason:
    return Reason(code="word", values={"said": said, "source": source})
