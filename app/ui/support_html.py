"""How far an answer is supported, as HTML: quiet marks behind doubtful sentences, and a summary below."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

from app.chat import tables
from app.chat.claims import Claims
from app.schemas import Support
from app.ui import source_cards
from app.ui.safe_markdown import Mark, chip, note, safe_markdown, without_places
from prompts import reason_text

if TYPE_CHECKING:
    from app.schemas import Answer, CheckedSentence, Citation, Contradiction
    from app.ui.texts import Texts

_DECORATION = re.compile(r"^\s*(?:[-*+>]\s+|\d+[.)]\s+)+|\*\*|__|`")
_KINDS = {Support.PARTLY: "partly", Support.NOT: "not"}
_SIGNS = {Support.PARTLY: "≈", Support.NOT: "!"}
# No line may break between a sentence and its sign.
_JOINER = "&#8288;"


def checked_html(answer: Answer, marks: Mapping[int, Mark], say: Texts) -> str:
    """The answer's words, with a mark behind each sentence that its sources carry in part or not at all."""
    text = without_places(answer.answer)
    notes = [_mark(sentence, say) for sentence in answer.sentences]
    places = [note(i) if html else "" for i, html in enumerate(notes)]
    return safe_markdown(Claims(text).noted(places) if any(notes) else text, marks, notes)


def _mark(sentence: CheckedSentence, say: Texts) -> str:
    """A sign that tells why on hover and on focus, which a click or a touch gives it."""
    if sentence.support not in _KINDS:
        return ""
    kind = _KINDS[sentence.support]
    return sign_html(kind, _SIGNS[sentence.support], say(f"check.{kind}"), _why(sentence, say))


def sign_html(kind: str, sign: str, verdict: str, why: str) -> str:
    """The sign; `why` is HTML of our own making."""
    verdict = escape(verdict)
    return (
        f'<span class="d-doubt d-{kind}" tabindex="0" role="note" aria-label="{verdict} {why}">'
        f'{_JOINER}<span class="d-sign" aria-hidden="true">{sign}</span>'
        f'<span class="d-why" aria-hidden="true"><b>{verdict}</b> {why}</span></span>'
    )


def _why(sentence: CheckedSentence, say: Texts) -> str:
    return " ".join(escape(reason_text(reason, say.language)) for reason in sentence.told)


def alarm_html(answer: Answer, say: Texts) -> str:
    """Above an answer of which no sentence stands in the documents: what is to be known before it is read."""
    return f'<div class="d-error" role="note">{say.html("check.none")}</div>' if answer.score == 0 else ""


def summary_html(answer: Answer, say: Texts) -> str:
    """How many sentences were found in the sources; what was not, and what was mended, folds out."""
    if answer.score is None:
        return ""
    good = sum(one.support is Support.SUPPORTED for one in answer.sentences)
    count = len(answer.sentences)
    kind = "good" if good == count else "some"
    title = say(f"check.{kind}" if count > 1 else f"check.{kind}_one", good=good, count=count)
    head = f'<span class="d-meter d-{kind}" aria-hidden="true"></span>{escape(title)}'
    told = [one for one in answer.sentences if one.reasons]
    if not told:
        return f'<p class="d-check">{head}</p>'
    items = "".join(_item(one, say) for one in told)
    score = say.html("check.score", percent=round(100 * answer.score))
    return f'<details class="d-check"><summary>{head}</summary><ul>{items}</ul><p>{score}</p></details>'


def _item(sentence: CheckedSentence, say: Texts) -> str:
    kind = _KINDS.get(sentence.support, "good")
    return (
        f'<li class="d-{kind}"><q>{escape(_plain(sentence.text))}</q> '
        f"<small><b>{say.html(f'check.{kind}_sentence')}</b> {_why(sentence, say)}</small></li>"
    )


def _plain(text: str) -> str:
    """Without bullets and emphasis."""
    return tables.flat(_DECORATION.sub("", text))


def contradictions_html(answer: Answer, marks: Mapping[int, Mark], say: Texts) -> str:
    """Sources that say different things of one matter, side by side, each with its file and age."""
    if not answer.contradictions:
        return ""
    cited = {citation.n: citation for citation in answer.citations}
    pairs = "".join(_sides(one, cited, marks, say) for one in answer.contradictions)
    title = say.html("check.disagree")
    return f'<section class="d-disagree" aria-label="{title}"><h4>{title}</h4>{pairs}</section>'


def _sides(one: Contradiction, cited: Mapping[int, Citation], marks: Mapping[int, Mark], say: Texts) -> str:
    sides = zip(one.citations, one.values, one.quotes, strict=True)
    items = "".join(
        f"<li><b>{escape(value)}</b>{chip(n, marks.get(n, Mark()))}<q>{escape(tables.flat(quote))}</q>"
        f"{_origin(cited.get(n), say)}</li>"
        for n, value, quote in sides
    )
    return f"<ul>{items}</ul>"


def _origin(citation: Citation | None, say: Texts) -> str:
    if citation is None:
        return ""
    told = " · ".join(filter(None, (source_cards.place(citation, say), citation.modified)))
    return f"<small>{escape(told)}</small>"
