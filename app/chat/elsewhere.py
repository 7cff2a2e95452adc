"""Answers that other processes on the same database write: seen, followed, and asked to stop from here."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from app.chat.again import Again
from app.chat.job import Job
from app.schemas import Question, Token

if TYPE_CHECKING:
    from app.history import History
    from app.history.answering import UnderWay

_SECONDS_BETWEEN_LOOKS = 0.5
# Signs of life come every second (see `Jobs`): after ten without any, nobody writes that answer any more.
# Looks are counted, not seconds, so that a database that was away for a while costs no answer.
_MOST_SILENT_LOOKS = 20


class Followed(Job):
    """An answer of another process; its text grows as the database has it."""

    def __init__(self, seen: UnderWay, history: History) -> None:
        super().__init__(seen.conversation_id, seen.message_id, Question(text=""), seen.asked_id)
        self._history = history
        self._beats = -1
        self._silent = 0

    def cancel(self) -> None:
        """Ask the process that writes it to stop, which takes a second or two."""
        super().cancel()
        self._history.answering.ask_to_stop(self.message_id)

    def take(self, seen: UnderWay) -> None:
        """What was seen of it at another look."""
        self._silent = self._silent + 1 if seen.beats == self._beats else 0
        self._beats = seen.beats
        if len(seen.text) > len(self.text):
            if not self.text and (trace := self._history.traces.of(self.message_id)) is not None:
                self.question = trace.asked
            self.add(Token(text=seen.text[len(self.text) :]))

    @property
    def is_lost(self) -> bool:
        return self._silent >= _MOST_SILENT_LOOKS


class Elsewhere:
    """The answers of all others on this database.

    Args:
        writer: who is not another.
    """

    def __init__(self, history: History, writer: str) -> None:
        self._history = history
        self._writer = writer
        self._lock = threading.Lock()
        self._followed: dict[str, Followed] = {}
        self._looks = Again(self._look, _SECONDS_BETWEEN_LOOKS, "answers of other servers")
        self._is_closed = False

    def jobs(self) -> tuple[Followed, ...]:
        """Those that are being written now. One look into the database."""
        return self._seen(self._history.answering.of_others(self._writer))

    def close(self) -> None:
        """Follow none any more; they go on."""
        self._is_closed = True

    def _seen(self, seen: list[UnderWay]) -> tuple[Followed, ...]:
        with self._lock:
            for one in seen:
                if one.message_id not in self._followed:
                    self._followed[one.message_id] = Followed(one, self._history)
            if self._followed:
                self._looks.begin()
            return tuple(self._followed[one.message_id] for one in seen)

    # -- in the thread -------------------------------------------------------------------------------

    def _look(self) -> bool:
        if self._is_closed:
            return False
        seen = {one.message_id: one for one in self._history.answering.of_others(self._writer)}
        self._seen(list(seen.values()))
        for followed in list(self._followed.values()):
            self._renew(followed, seen.get(followed.message_id))
        return bool(self._followed)

    def _renew(self, followed: Followed, seen: UnderWay | None) -> None:
        if seen is not None:
            followed.take(seen)
            if not followed.is_lost:
                return
            self._history.answering.give_up(followed.message_id)
        with self._lock:
            del self._followed[followed.message_id]
        followed.finish(None)
