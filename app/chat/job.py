"""One answer in the making, as everybody may see it: what there is of it, and whether it is done."""

from __future__ import annotations

import threading
from collections.abc import Callable

from app.errors import DocentError
from app.schemas import Answer, Done, Event, Partial, Question, Token


class Job:
    """One answer in the making.

    Attributes:
        conversation_id: where it belongs.
        message_id: the assistant's message in the history that the answer goes to.
        question: what was asked.
        asked_id: the message of the question; None where there is none.
        version: grows with each event and with the end.
        is_cut_off: nobody wanted it to stop, but its process had to end.
        marks: the marks `[n]` of the text so far -> the number of the passage in the prompt.
    """

    def __init__(
        self, conversation_id: str, message_id: str, question: Question, asked_id: str | None = None
    ) -> None:
        self.conversation_id = conversation_id
        self.message_id = message_id
        self.question = question
        self.asked_id = asked_id
        self.cancelled = threading.Event()
        self.is_cut_off = False
        self.marks: dict[int, int] = {}
        self._changed = threading.Condition()
        self._events: list[Event] = []
        self._text = ""
        self._error: DocentError | None = None
        self._done = False
        self._listeners: list[Callable[[], None]] = []
        self.version = 0

    @property
    def events(self) -> tuple[Event, ...]:
        """All events so far; of partial objects the last one."""
        with self._changed:
            return tuple(self._events)

    @property
    def text(self) -> str:
        """The answer's text so far."""
        return self._text

    @property
    def done(self) -> bool:
        return self._done

    @property
    def error(self) -> DocentError | None:
        """Why it failed, once it is done."""
        return self._error

    @property
    def answer(self) -> Answer | None:
        """The finished answer, also of a stopped one."""
        last = self._events[-1] if self._events else None
        return last.answer if isinstance(last, Done) else None

    def cancel(self) -> None:
        """Ask it to stop; what there is will be kept."""
        self.cancelled.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is done and kept; whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._done, timeout)

    def listen(self, tell: Callable[[], None]) -> Callable[[], None]:
        """Have `tell` called, in the answer's thread, whenever `version` has grown; the result ends that."""
        with self._changed:
            self._listeners.append(tell)

        def forget() -> None:
            with self._changed:
                self._listeners.remove(tell)

        return forget

    # -- for who writes it ---------------------------------------------------------------------------

    def add(self, event: Event) -> None:
        """Something more of it."""
        with self._changed:
            if isinstance(event, Partial) and self._events and isinstance(self._events[-1], Partial):
                self._events.pop()  # the next one holds all that it held
            self._events.append(event)
            self.version += 1
            if isinstance(event, Token):
                self._text += event.text
            self._tell()

    def finish(self, error: DocentError | None) -> None:
        """It is done, and kept."""
        with self._changed:
            self._error, self._done = error, True
            self.version += 1
            self._tell()

    def _tell(self) -> None:
        self._changed.notify_all()
        for tell in self._listeners:
            tell()
