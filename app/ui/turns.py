"""One turn of a conversation as HTML: the question, the answer with its sources, what went wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from app.history import Status
from app.schemas import Mode
from app.ui import source_cards, support_html
from app.ui.safe_markdown import Mark, safe_markdown
from app.ui.typed import answer_html as typed_html
from prompts import notice_text
from prompts.refusals import refusal_lines

if TYPE_CHECKING:
    from app.history import Attachment, Message
    from app.schemas import Answer, Hit, Notice, Refusal
    from app.ui.texts import Texts

_UNFINISHED = {
    Status.STOPPED: "chat.stopped",
    Status.INTERRUPTED: "chat.interrupted",
    Status.STREAMING: "chat.interrupted",  # of a process that is gone: a running one is shown live
}


def question_html(text: str, say: Texts, shown: str | None = None, files: Sequence[Attachment] = ()) -> str:
    """The question below the files that came with it; what it names by `@` is set off.

    Args:
        shown: HTML in place of the text.
    """
    label = say.html("chat.you")
    body = f'<div class="d-user" role="article" aria-label="{label}">{shown or _with_mentions(text)}</div>'
    if not files:
        return body
    sent = "".join(_file(file, say) for file in files)
    return f'<p class="d-files" aria-label="{say.html("dropped.added")}">{sent}</p>{body}'


def _file(file: Attachment, say: Texts) -> str:
    if not file.error:
        return f'<span class="d-attached">{escape(file.name)}</span>'
    return f'<span class="d-attached d-unread" title="{escape(file.told)}">{escape(file.name)}</span>'


def _with_mentions(text: str) -> str:
    from app.chat.retrieve.query import mentions

    html, at = "", 0
    for start, end, name in mentions(text):
        html += f'{escape(text[at:start])}<span class="d-mention">@{escape(name)}</span>'
        at = end
    return html + escape(text[at:])


def answer_html(answer: Answer, message_id: str, say: Texts) -> str:
    """The finished answer: words or fields, notices, sources, and a line of facts."""
    marks = source_cards.marks(answer.citations, message_id, say)
    if answer.mode is Mode.FREE:
        body = free_html(words_html(answer.answer, {}, say), say)
    elif answer.refused and answer.refusal is not None:
        body = _explained(answer.refusal, answer.standalone, message_id, say)
    elif answer.refused:
        body = _refusal(answer, marks, say)
    elif answer.typed is not None:
        body = typed_html.answer_html(answer, message_id, marks, say)
    else:
        body = support_html.alarm_html(answer, say)
        body += _said(support_html.checked_html(answer, marks, say), say)
        body += support_html.contradictions_html(answer, marks, say)
    body = searched_html(answer, say) + body
    sources = source_cards.cards(answer.citations, message_id, say)
    checks = support_html.summary_html(answer, say)
    return body + checks + sources + notices_html(answer.notices, say) + _facts(answer, say)


def searched_html(answer: Answer, say: Texts) -> str:
    """What a question was searched as, where that is another one; filters in its text do not make it one."""
    if answer.mode is Mode.FREE or " ".join(answer.standalone.split()) in " ".join(answer.question.split()):
        return ""
    return f'<p class="d-searched">{say.html("memory.searched", text=answer.standalone)}</p>'


def message_html(message: Message, say: Texts) -> str:
    """An answer as it was kept, finished or not."""
    answer = message.answer
    if answer is not None:
        return answer_html(answer, message.id, say)
    words = words_html(message.content, {}, say) if message.content.strip() else ""
    return words + _unfinished(message, say)


def _unfinished(message: Message, say: Texts) -> str:
    if message.error is not None:
        return error_html(*say.error_of(message.error.code, message.error.message))
    key = _UNFINISHED.get(message.status)
    return f'<div class="d-note">{say.html(key)}</div>' if key else ""


def error_html(title: str, detail: str) -> str:
    """What went wrong and what to do, with the detail below."""
    small = f"<small>{escape(detail)}</small>" if detail and detail != title else ""
    return f'<div class="d-error" role="alert"><strong>{escape(title)}</strong>{small}</div>'


def words_html(text: str, marks: Mapping[int, Mark], say: Texts, *, live: bool = False) -> str:
    """An answer's words, or as many as there are."""
    return _said(safe_markdown(text, marks), say, live=live)


def _said(html: str, say: Texts, *, live: bool = False) -> str:
    kind = "d-answer d-live" if live else "d-answer"
    return f'<div class="{kind}" role="article" aria-label="{say.html("chat.docent")}">{html}</div>'


def live_marks(hits: Sequence[Hit], ranks: Mapping[int, int]) -> dict[int, Mark]:
    """Marks of an answer that is still being written; `ranks`: their numbers -> those of the hits."""
    named = {hit.rank: hit.chunk.source for hit in hits}
    return {n: Mark(title=named[rank]) for n, rank in ranks.items() if rank in named}


def waiting_html(text: str) -> str:
    return f'<div class="d-wait" role="status">{escape(text)}</div>'


def _refusal(answer: Answer, marks: Mapping[int, Mark], say: Texts) -> str:
    title = f"<strong>{say.html('chat.refused')}</strong>"
    return f'<div class="d-refusal">{title}{safe_markdown(answer.answer, marks)}</div>'


def _explained(refusal: Refusal, question: str, message_id: str, say: Texts) -> str:
    """A refusal that says why, with what may help and the nearest passages below."""
    said = refusal_lines(refusal, question, say.language)
    title = f"<strong>{say.html('chat.refused')}</strong><p>{escape(said.why)}</p>"
    helps = "".join(
        f"<li>{_help(one.code, text, say)}</li>"
        for one, text in zip(refusal.suggestions, said.suggestions, strict=True)
    )
    helps = f"<ul>{helps}</ul>" if helps else ""
    small = f"<small>{escape(said.measured)}</small>" if said.measured else ""
    nearest = source_cards.cards(refusal.closest, message_id, say, say("chat.closest"), closest=True)
    return f'<div class="d-refusal" role="article">{title}{helps}{small}</div>{nearest}'


def _help(code: str, text: str, say: Texts) -> str:
    """What may help, by what this page has for it in place of a command."""
    return say.html(f"refusal.{code}") if say.has(f"refusal.{code}") else escape(text)


def free_html(words: str, say: Texts) -> str:
    """An answer of free chat, marked so that it is not taken for one of the documents."""
    return f'<div class="d-free"><p class="d-free-mark">{say.html("chat.free_mark")}</p>{words}</div>'


def notices_html(notices: Iterable[Notice], say: Texts) -> str:
    """What the reader should know about an answer, in quiet boxes."""
    return "".join(_notice(notice, say) for notice in notices)


def _notice(notice: Notice, say: Texts) -> str:
    text, more = notice_html(notice, say), notice_html(notice, say, "_more")
    if not more:
        return f'<div class="d-note">{text}</div>'
    return f'<details class="d-note"><summary>{text}</summary>{more}</details>'


def notice_html(notice: Notice, say: Texts, part: str = "") -> str:
    """A notice in the reader's language; a `part` that it does not have is empty."""
    key = f"notice.{notice.code}{part}"
    if not say.has(key):
        # The command line's words, in the language of a text of this page.
        return "" if part else escape(notice_text(notice, say("chat.untitled")))
    values = _Missing({name: escape(value) for name, value in notice.values.items()})
    return say.fill(key, values)


class _Missing(dict[str, str]):
    """Values of a notice; one that was not given is left out of the sentence."""

    def __missing__(self, key: str) -> str:
        return ""


def _facts(answer: Answer, say: Texts) -> str:
    facts = [answer.model or say("options.no_model")]
    if answer.tokens.total:
        facts.append(say("chat.tokens", count=f"{answer.tokens.total:,}"))
    facts.append(say("chat.seconds", seconds=seconds(answer.seconds.total)))
    return f'<p class="d-facts">{escape(" · ".join(facts))}</p>'


def seconds(value: float) -> str:
    """As exact as a reader cares about: 0.04, 1.3."""
    return f"{value:.2f}" if value < 1 else f"{value:.1f}"
