"""The view of an answer that is being written: it can be cut off at any moment and taken up again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.schemas import Retrieved
from app.ui import turns

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from app.chat.jobs import Job
    from app.ui.texts import Texts

SECONDS_BETWEEN_LOOKS = 0.06


def follow(job: Job, place: DeltaGenerator, say: Texts, *, form: str, free: bool = False) -> None:
    """Show what the job has so far, again and again, until it ends.

    The job does not need its viewer: a click elsewhere or a closed page ends this loop and nothing else.
    """
    while not job.wait(SECONDS_BETWEEN_LOOKS):
        place.html(
            view(job, say, form, free=free)
        )  # also where a script that is not wanted any more is ended


def view(job: Job, say: Texts, form: str = "", *, free: bool = False) -> str:
    """The answer so far, or what is being done until its first word."""
    hits = next((event.hits for event in job.events if isinstance(event, Retrieved)), ())
    if free:
        words = turns.words_html(job.text, {}, say, live=True) if job.text.strip() else ""
        return turns.free_html(words or turns.waiting_html(say("chat.thinking")), say)
    if job.text.strip():
        return turns.words_html(job.text, turns.live_marks(hits), say, live=True)
    if hits:
        return turns.waiting_html(say.plural("chat.reading", len(hits)))
    return turns.waiting_html(say("chat.writing") if form else say("chat.searching"))
