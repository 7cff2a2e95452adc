"""The record of an answer that is to be made again, and what the record of the new one says of the old."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.errors import NotFoundError
from app.schemas import Done, Event, Prepared, Trace

if TYPE_CHECKING:
    from app.history import History


def recorded(history: History, message_id: str) -> Trace:
    """The record of an answer.

    Raises:
        NotFoundError: there is no such message, or it has no record.
    """
    trace = history.traces.of(history.message(message_id).id)
    if trace is None:
        raise NotFoundError(
            f"The message {message_id!r} has no record: it is no answer, or was made before records were "
            "kept. Ask its question once more."
        )
    return trace


def relating(events: Iterator[Event], to: dict[str, str]) -> Iterator[Event]:
    """The events with fields of their records set."""
    for event in events:
        if isinstance(event, Prepared):
            yield Prepared(trace=event.trace.model_copy(update=to))
        elif isinstance(event, Done) and event.answer.trace is not None:
            trace = event.answer.trace.model_copy(update=to)
            yield Done(answer=event.answer.model_copy(update={"trace": trace}))
        else:
            yield event
