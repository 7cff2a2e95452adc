"""What is told about an answer beside its words: how far it is supported, how it was made, how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.export.blocks import Break, Flag, Footnote, Inline, Paragraph, Text
from app.export.cleaning import clean, one_line
from app.export.notes import Marks
from app.history import Status
from app.schemas import Mode, Support
from prompts import notice_text, reason_text

if TYPE_CHECKING:
    from datetime import datetime

    from app.export.turns import Turn
    from app.export.words import Words
    from app.schemas import Answer, CheckedSentence

# How an object and a search came about is of no use to a later reader; the others are said elsewhere.
_NOT_KEPT = {"typed_repair", "expansion_ignored", "expansion_failed", "no_model", "stopped"}

_FLAGGED = {Support.NOT: "unsupported", Support.PARTLY: "partly"}


def legend(answer: Answer, marks: Marks, words: Words) -> Iterator[Paragraph]:
    """Below the answer, the sentences behind which there is a flag, the worse ones first."""
    for support, key in _FLAGGED.items():
        flagged = [sentence for sentence in answer.sentences if sentence.support is support]
        if not flagged:
            continue
        lines: list[Inline] = [Flag(support), Text(" "), Text(words(key), bold=True)]
        for sentence in flagged:
            lines += [Break(), *_sentence(sentence, marks, words)]
        yield Paragraph(tuple(lines), "note")


def _sentence(sentence: CheckedSentence, marks: Marks, words: Words) -> Iterator[Inline]:
    yield Text(f"“{one_line(sentence.text)}”")
    yield from (marks.ref(n) for n in sentence.citations if n in marks)
    for reason in sentence.told:
        yield Text(f" {one_line(reason_text(reason, words.language))}")


def contradictions(answer: Answer, marks: Marks, words: Words) -> Iterator[Paragraph]:
    """Places that say different things of one matter, side by side."""
    for found in answer.contradictions:
        lines: list[Inline] = [Text(words("contradiction"), bold=True)]
        for n, quote, value in zip(found.citations, found.quotes, found.values, strict=True):
            lines += [Break(), Text(one_line(value), bold=True), Text(f" – “{one_line(quote)}”")]
            lines += [marks.ref(n)] if n in marks else []
        yield Paragraph(tuple(lines), "note")


def closest(answer: Answer, notes: list[Footnote], words: Words) -> Iterator[Paragraph]:
    """What came closest to a question that was refused."""
    if answer.refusal and answer.refusal.closest:
        marks = Marks(answer.refusal.closest, notes, words)
        refs = [marks.ref(citation.n) for citation in answer.refusal.closest]
        yield Paragraph((Text(words("closest") + " "), *refs))


def nature(answer: Answer, words: Words) -> Iterator[Paragraph]:
    """Before the answer: that it is none, or that it stands on no document, or was written by no model."""
    if answer.refused:
        yield Paragraph((Text(words("refused"), bold=True),), "note")
    elif answer.mode is Mode.FREE:
        yield Paragraph((Text(words("free"), bold=True),), "note")
    elif answer.model is None:
        yield Paragraph((Text(words("quoted")),), "note")


def notices(answer: Answer, words: Words) -> Iterator[Paragraph]:
    """What the reader should know; see `Notice`."""
    for notice in answer.notices:
        # Notices are said in the language of a text: one of ours has the language of the file.
        text = notice_text(notice, words("untitled"))
        if notice.code not in _NOT_KEPT and text != notice.code:
            yield Paragraph((Text(clean(text)),), "note")


def state(turn: Turn, words: Words) -> Iterator[Paragraph]:
    """That an answer failed, was stopped or interrupted, or is not there."""
    status = turn.status
    if turn.error is not None or status is Status.ERROR:
        message = one_line(turn.error.message) if turn.error else "–"
        yield Paragraph((Text(words("error", message=message)),), "note")
    elif status is not Status.DONE:
        yield Paragraph((Text(words(status.value if status else "unanswered")),), "note")


def facts(answer: Answer, asked: datetime | None, words: Words) -> Paragraph:
    """A line of small print: model, temperature, seed, when, and the share of what is supported."""
    said = [one_line(answer.model) if answer.model else words("no_model")]
    if answer.model and answer.temperature is not None:
        said.append(words("temperature", value=f"{answer.temperature:g}"))
    if answer.model and answer.seed is not None:
        said.append(words("seed", value=answer.seed))
    if asked is not None:
        said.append(f"{asked.astimezone():%Y-%m-%d %H:%M}")
    if answer.score is not None:
        said.append(words("score", percent=round(answer.score * 100)))
    return Paragraph((Text(" · ".join(said)),), "facts")
