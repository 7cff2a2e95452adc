"""The cited answer: the one schema whose values are words with marks, checked as those of any answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.answers.schemas import CitedAnswer
from app.chat.context import Passage
from app.chat.marks import Marks
from app.chat.pipeline import Pipeline
from app.chat.verify import Verified, verify
from app.schemas import Answer, FieldEvidence, Question, Support


@dataclass(frozen=True, slots=True)
class Cited:
    """The outcome.

    Attributes:
        fields: what of it belongs into an `Answer`.
        shown: number of a passage -> its number in the answer.
        removed: how many marks pointed to no passage.
    """

    text: str
    fields: dict[str, Any]
    shown: dict[int, int]
    removed: int


def cited(data: dict[str, Any], passages: Sequence[Passage], question: str) -> Cited:
    """The answer's text and the object, with the numbers that the reader sees."""
    marks = Marks([passage.n for passage in passages])
    unmarked = "".join(f"[{n}]" for n in data["citations"] if f"[{n}]" not in data["answer"])
    text = (marks.feed(f"{data['answer']} {unmarked}") + marks.end()).strip()
    verified = verify(text, marks.shown, passages, question)
    numbers = [citation.n for citation in verified.citations]
    typed = data | {"answer": verified.text, "citations": numbers}
    fields = verified.fields() | {"typed": typed, "evidence": (_evidence(verified),)}
    return Cited(verified.text, fields, dict(marks.shown), marks.removed)


def quoted(pipeline: Pipeline, question: Question) -> Answer:
    """The quoted sentences as a CitedAnswer; its confidence is the score of the weakest cited passage."""
    answer = pipeline.answer(question)
    if answer.refused:
        return answer
    scores = [min(1.0, max(0.0, citation.score)) for citation in answer.citations]
    filled = CitedAnswer(
        answer=answer.answer,
        citations=[citation.n for citation in answer.citations],
        confidence=round(min(scores, default=0.0), 3),
    )
    return answer.model_copy(update={"typed": filled.model_dump(mode="json"), "form": question.form})


def _evidence(verified: Verified) -> FieldEvidence:
    """Of the text as a whole: no better than its weakest sentence."""
    order = [Support.NOT, Support.PARTLY, Support.SUPPORTED]
    worst = min((one.support for one in verified.sentences), key=order.index, default=Support.NOT)
    reasons = [reason for one in verified.sentences if one.support is worst for reason in one.told]
    return FieldEvidence(
        path="answer",
        value=verified.text,
        citation=next(iter(verified.citations), None),
        support=worst,
        reasons=tuple(reasons) if worst is not Support.SUPPORTED else (),
    )
