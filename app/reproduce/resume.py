"""An answer that broke off, gone on with: the same passages under the same numbers, behind the same words."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.chat.context import Passage
from app.chat.generate import bound, generation
from app.chat.going_on import going_on
from app.chat.marks import SHOWN
from app.chat.pipeline import Run, as_state
from app.chat.retriever import as_document
from app.errors import UsageError
from app.history import Status
from app.reproduce.repeat import recorded
from app.schemas import Chunk, Event, Hit, Notice, Role, Trace

if TYPE_CHECKING:
    from app.chat.pipeline import Pipeline
    from app.history import History, Message
    from app.schemas import Answer

_BROKEN_OFF = frozenset({Status.STOPPED, Status.INTERRUPTED, Status.ERROR})


@dataclass(frozen=True, slots=True)
class Begun:
    """An answer that is to be gone on with.

    Attributes:
        text: what there is of it, with marks that are the numbers of the passages in the prompt.
    """

    trace: Trace
    text: str


def can_resume(message: Message) -> bool:
    """Whether something of an answer is there, and something may be missing."""
    record = message.record or {}
    if message.role is not Role.ASSISTANT or not message.content.strip() or record.get("typed"):
        return False
    cut = any(notice.get("code") == "length" for notice in record.get("notices", ()))
    return message.status in _BROKEN_OFF or cut


def begun(history: History, message_id: str) -> Begun:
    """What is known of an answer that broke off.

    Raises:
        UsageError: it did not break off, or has nothing that could be gone on with.
        NotFoundError: there is no such message, or it has no record.
    """
    message = history.message(message_id)
    if not can_resume(message):
        raise UsageError("Only an answer that was stopped or interrupted after its first words can go on.")
    trace = recorded(history, message_id)
    marks = _marks(message.answer, trace) if message.answer else history.traces.marks(message_id)
    return Begun(trace, SHOWN.sub(lambda mark: _number(mark[1], marks), message.content))


def _marks(answer: Answer, trace: Trace) -> dict[int, int]:
    """Number in the answer -> number of the passage in the prompt."""
    passages = {chunk: sent.n for sent in trace.chunks for chunk in (*sent.around, sent.chunk_id)}
    return {one.n: passages[one.chunk_id] for one in answer.citations if one.chunk_id in passages}


def _number(mark: str, marks: Mapping[int, int]) -> str:
    return f"[{marks[int(mark)]}]" if int(mark) in marks else ""


def resumed(
    pipeline: Pipeline,
    begun: Begun,
    chunks: Callable[[list[str]], Mapping[str, Chunk]],
    cancelled: threading.Event | None = None,
) -> Iterator[Event]:
    """The events of the whole answer: first what there is, then what the model goes on with, then the check.

    Args:
        chunks: gives the chunks with these ids that are still there.

    Raises:
        UsageError: a passage that it stands on is not there any more.
    """
    passages, stop = _passages(begun.trace, chunks), cancelled or threading.Event()
    question, model = begun.trace.asked, pipeline.model

    def pieces(tell: Callable[[Notice], None]) -> Iterator[dict[str, Any]]:
        yield {"standalone": begun.trace.standalone}
        yield {"documents": [as_document(passage.hit) for passage in passages]}
        yield {"passages": passages}
        sampling = pipeline.sampling(question)
        going = going_on(bound(model, sampling=sampling, tell=tell, cancelled=stop), begun.text)  # type: ignore[arg-type]
        state = as_state(question, pipeline.fields)
        # Without a history it is the question itself, and of a task what that came to.
        state |= dict.fromkeys(("question", "standalone"), begun.trace.standalone)
        wording = pipeline.wording(question)
        for chunk in generation(going, sampling, tell, stop, wording).stream({**state, "passages": passages}):
            yield {"answer": chunk}

    return Run(pipeline, question, stop, pieces).events()


def _passages(trace: Trace, chunks: Callable[[list[str]], Mapping[str, Chunk]]) -> tuple[Passage, ...]:
    """What the model was shown, as it was shown it."""
    wanted = [id for sent in trace.chunks for id in sent.around]
    there = chunks(wanted)
    if missing := [id for id in wanted if id not in there]:
        names = ", ".join(sorted({one.source for one in trace.chunks if set(one.around) & set(missing)}))
        raise UsageError(
            f"This answer cannot go on: the documents that it stands on have changed since ({names}). "
            "Ask once more, to have it made anew."
        )
    return tuple(
        Passage(
            one.n,
            Hit(one.rank, one.score, one.dense, one.keyword, there[one.chunk_id]),
            tuple(there[id] for id in one.around),
        )
        for one in trace.chunks
    )
