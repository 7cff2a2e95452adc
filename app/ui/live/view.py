"""The view of an answer that is being written."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from app.chat import places
from app.schemas import Mode, Partial, Prepared, Preparing, Retrieved
from app.ui import turns
from app.ui.typed.answer_html import partial_html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.chat.job import Job
    from app.schemas import Hit
    from app.ui.texts import Texts


def live_html(job: Job, say: Texts) -> str:
    """The answer so far, or what is being done until its first word; sources as soon as they are known."""
    hits = next((event.hits for event in job.events if isinstance(event, Retrieved)), ())
    if job.question.mode is Mode.FREE:
        words = turns.words_html(job.text, {}, say, live=True) if job.text.strip() else ""
        return turns.free_html(words or waiting_html(say("chat.thinking")), say)
    if (partial := next((one for one in reversed(job.events) if isinstance(one, Partial)), None)) is not None:
        return partial_html(partial.data, job.question.form, say) + _found(hits, say)
    if job.text.strip():
        marks = turns.live_marks(hits, _ranks(job))
        return turns.words_html(job.text, marks, say, live=True) + _found(hits, say)
    last = job.events[-1] if job.events else None
    if isinstance(last, Preparing):
        return waiting_html(_preparing(last, say))
    if hits:
        return waiting_html(say.plural("chat.reading", len(hits))) + _found(hits, say)
    return waiting_html(say("chat.writing") if job.question.form else say("chat.searching"))


def _ranks(job: Job) -> dict[int, int]:
    """Number of a mark in the text -> rank of the hit that it points to."""
    sent = next((event.trace.chunks for event in job.events if isinstance(event, Prepared)), ())
    ranks = {chunk.n: chunk.rank for chunk in sent}
    return {n: ranks[passage] for n, passage in job.marks.items() if passage in ranks}


def _preparing(event: Preparing, say: Texts) -> str:
    counts = say("dropped.counts", done=event.done, total=event.total) if event.total else ""
    return " · ".join(filter(None, (say("dropped.indexing"), counts, event.name)))


def waiting_html(text: str) -> str:
    """A word on what is being done, above the lines that the answer will take."""
    return f'{turns.waiting_html(text)}<div class="d-skeleton" aria-hidden="true"><i></i><i></i><i></i></div>'


def _found(hits: Sequence[Hit], say: Texts) -> str:
    """Which passages the answer is being written from."""
    if not hits:
        return ""
    rows = "".join(f"<li><b>{hit.rank}</b> {escape(_place(hit, say))}</li>" for hit in hits)
    label = say.html("chat.found")
    return f'<ol class="d-passages" aria-label="{label}">{rows}</ol>'


def _place(hit: Hit, say: Texts) -> str:
    name = hit.chunk.source.rpartition("/")[2] or hit.chunk.source
    return ", ".join(filter(None, (name, places.place(hit.chunk, say.language))))
